"""What seldom happens."""

from __future__ import annotations

import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import redis
from conftest import SUBJECT_KEY
from rules import ACTIVE, REVOKED, access, at, cutoff, refresh, revoke, rotate, unique
from service import make_service

import flask_jwt_extended as fje
from flask_jwt_extended_rs.stores import (
    MemoryStore,
    RedisStore,
    SQLAlchemyStore,
    StoreUnavailable,
    Token,
    forks,
    migrations,
    sqlalchemy_store,
)


def test_memory_is_swept() -> None:
    store, anna, bob = MemoryStore(), unique(), unique()
    revoke(store, bob, cutoff(-1), until=at(60))
    rotate(store, refresh(bob, "r0", "s"), "r1", until=at(60))
    for n in range(1021):
        revoke(store, anna, Token(str(n)), until=at(60))
    assert len(store) == 1023
    # A clock may be fast for a moment.
    revoke(store, anna, Token("last"), at=at(3659))
    assert len(store) == 1024
    for n in range(1024):
        revoke(store, anna, Token(f"more-{n}"), until=at(60), at=at(3660))
    assert len(store) == 1
    assert store.purge(at(1e6)) == 1


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_child(kind: str, tmp_path: Path) -> None:
    file = f"sqlite:///{tmp_path}/x.db"
    store: Any = MemoryStore() if kind == "memory" else SQLAlchemyStore(file)
    anna = unique()
    revoke(store, anna, Token("a"))
    with store._turn:
        forks._after_fork()
        revoke(store, anna, Token("b"))
    assert store.status(access(anna, "a")) is REVOKED
    if kind == "sqlite":
        store._shared.dispose()
        store._inherited[0].dispose()


def test_tables_that_cannot_be_made(tmp_path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/x.db")
    with patch.object(migrations, "_FILES", ("none",)), pytest.raises(StoreUnavailable):
        store.status(access(unique(), "a"))
    assert store.status(access(unique(), "a")) is ACTIVE
    store._shared.dispose()


def test_one_statement_for_each_question(tmp_path: Path) -> None:
    store, anna = SQLAlchemyStore(f"sqlite:///{tmp_path}/x.db"), unique()
    revoke(store, anna, Token("a"))
    seen: list[str] = []
    with store._engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.set_trace_callback(seen.append)
    for ask in (
        lambda: store.status(access(anna, "a")),
        lambda: revoke(store, anna, Token("b")),
        lambda: rotate(store, refresh(anna, "r0", "s"), "r1"),
    ):
        seen.clear()
        ask()
        # Neither is a transaction begun beside it, nor an option set.
        assert len(seen) == 1, seen
    store._shared.dispose()


def test_several_make_the_tables(tmp_path: Path) -> None:
    stores = [SQLAlchemyStore(f"sqlite:///{tmp_path}/x.db", timeout=10) for _ in range(8)]
    begin, anna = threading.Barrier(8), unique()

    def first(store: SQLAlchemyStore) -> None:
        begin.wait()
        revoke(store, anna, Token("a"))

    threads = [threading.Thread(target=first, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        assert store.status(access(anna, "a")) is REVOKED
        store._shared.dispose()


def test_a_new_file_that_is_locked_for_a_moment(tmp_path: Path) -> None:
    file = f"{tmp_path}/x.db"
    other = sqlite3.connect(file, isolation_level=None)
    one = sqlite3.connect(file, timeout=0)
    other.execute("BEGIN EXCLUSIVE")
    assert not sqlalchemy_store._writes_ahead(one)
    other.execute("ROLLBACK")
    assert sqlalchemy_store._writes_ahead(one)
    one.close()
    other.close()
    store = SQLAlchemyStore(f"sqlite:///{file}")
    with patch.object(sqlalchemy_store, "_writes_ahead", side_effect=[False, True]) as tried:
        revoke(store, unique(), Token("a"))
    assert tried.call_count == 2
    store._shared.dispose()


def test_an_sql_store_that_answers_nonsense(tmp_path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/x.db")
    anna = unique()
    with patch.object(store, "_fetch", return_value=[]), pytest.raises(StoreUnavailable):
        store.status(access(anna, "a"))
    row = type("Row", (), {"kind": "x", "name": "x", "status": "x", "outcome": "again"})
    with patch.object(store, "_fetch", return_value=[row]):
        for ask in (lambda: store.status(access(anna, "a")), lambda: store.list(anna, at(0))):
            with pytest.raises(StoreUnavailable):
                ask()
    with (
        patch.object(store, "_fetch", side_effect=[[], [row]] * 3),
        pytest.raises(StoreUnavailable),
    ):
        rotate(store, refresh(anna, "r0", "s"), "r1")
    with patch.object(store, "_execute", return_value=1000):
        store._purge_if_due(at(0))
        assert store._next_purge == at(0)
    store._shared.dispose()


def test_redis_that_answers_nonsense(redis_url: str) -> None:
    store = RedisStore(redis_url, subject_key=SUBJECT_KEY, timeout=20)
    anna = unique()
    with patch.object(store, "_ask", return_value=["x", None]), pytest.raises(StoreUnavailable):
        store.status(access(anna, "a"))
    with patch.object(store, "_ask", return_value=["x"]), pytest.raises(StoreUnavailable):
        rotate(store, refresh(anna, "r0", "s"), "r1")
    with patch.object(store._client, "config_get", side_effect=redis.ResponseError("no")):
        assert store.status(access(anna, "a")) is ACTIVE
    # A connection that was cut since its last use.
    store._client.client_kill_filter(_type="normal", skipme=False)
    assert store.status(access(anna, "a")) is ACTIVE
    store._client.close()


@pytest.mark.parametrize("url", ["sqlite:///x.db", "redis://localhost"])
def test_what_is_not_installed(url: str) -> None:
    app = make_service(JWT_STORE_URL=url)
    name = "sqlalchemy_store" if "sqlite" in url else "redis_store"
    with (
        patch.dict(sys.modules, {f"flask_jwt_extended_rs.stores.{name}": None}),
        app.app_context(),
        pytest.raises(RuntimeError, match="pip install"),
    ):
        fje.get_store()
