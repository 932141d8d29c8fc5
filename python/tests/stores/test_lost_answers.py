"""An answer that is lost between a store's server and the application: what was asked is asked again, and
has been done once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import redis
from conftest import SUBJECT_KEY, close
from proxy import Proxy
from rules import (
    ACTIVE,
    BURNT,
    END,
    REVOKED,
    ROTATED,
    Token,
    access,
    at,
    later,
    refresh,
    repeated,
    revoke,
    rotate,
    unique,
)
from sqlalchemy.engine import make_url

from flask_jwt_extended_rs.stores import RedisStore, RevocationStore, SQLAlchemyStore

# What only a request of this kind has in it.
WORDS = {"rotate": b"after ", "revoke": b"for the log"}


@pytest.fixture(params=["redis", "a client of the app's own", "postgres"])
def through(request: pytest.FixtureRequest) -> Iterator[tuple[RevocationStore, Proxy]]:
    is_sql = request.param == "postgres"
    url = make_url(request.getfixturevalue("postgres_url" if is_sql else "redis_url"))
    with closing(Proxy(int(url.port or 0))) as proxy:
        text = url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        store: RevocationStore
        if is_sql:
            store = SQLAlchemyStore(text, table_prefix=f"t{uuid.uuid4().hex[:12]}_", timeout=20)
        else:
            # This one tries again by itself, which nobody is told of.
            client: Any = redis.Redis.from_url(text) if "own" in request.param else text
            store = RedisStore(client, subject_key=SUBJECT_KEY, timeout=20)
        # Connects, and makes the tables.
        store.status(access(unique(), "a"))
        yield store, proxy
        close(store)


@pytest.mark.parametrize("grace", [0.0, 10.0])
def test_a_rotation(through: tuple[RevocationStore, Proxy], grace: float) -> None:
    store, proxy = through
    anna = unique()
    for n in range(3):
        present = refresh(anna, f"r{n}", "s", grace=grace, now=at(100 + n))
        following = f"r{n + 1}"
        proxy.lose_the_answer_to(WORDS["rotate"])
        # The successor is the same either way.
        assert rotate(store, present, following) in (ROTATED, repeated(following))
        assert proxy.lost == n + 1
    for jti, status in (("r3", ACTIVE), ("r2", ACTIVE if grace else None)):
        assert status in (store.status(refresh(anna, jti, "s", grace=grace, now=at(103))), None)
    assert store.list(anna, at(100)) == []
    # A reuse is one all the same, and so is one whose answer is lost.
    proxy.lose_the_answer_to(WORDS["rotate"])
    stolen = later(refresh(anna, "r0", "s", grace=grace), 200)
    assert rotate(store, stolen, "x")[0].value in ("reused", "revoked")
    assert store.status(refresh(anna, "r3", "s")) is REVOKED
    assert rotate(store, later(refresh(anna, "r0", "s"), 200), "x")[0].value == "revoked"


def test_a_first_use_beside_a_second(through: tuple[RevocationStore, Proxy]) -> None:
    store, proxy = through
    anna = unique()
    first = refresh(anna, "r0", "s", grace=0.0)
    proxy.lose_the_answer_to(WORDS["rotate"])
    rotate(store, first, "r1")
    # Another one's, a moment later, is not taken for the one that was asked again.
    assert rotate(store, later(first, 101), "x") == BURNT
    assert store.status(refresh(anna, "r1", "s")) is REVOKED


def test_a_revocation(through: tuple[RevocationStore, Proxy]) -> None:
    store, proxy = through
    anna = unique()
    proxy.lose_the_answer_to(WORDS["revoke"])
    revoke(store, anna, Token("a"), reason="for the log")
    assert proxy.lost == 1
    assert store.status(access(anna, "a")) is REVOKED
    [record] = store.list(anna, at(0))
    assert (record.until, record.reason) == (END, "for the log")
