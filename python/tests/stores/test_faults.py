"""Stores that are down, slow, full, or hold nonsense: nobody is let in, nothing hangs, and it is well
again when the store is."""

from __future__ import annotations

import logging
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import SUBJECT_KEY
from rules import ACTIVE, REVOKED, access, at, cutoff, refresh, revoke, rotate, unique
from servers import start_postgres, start_redis, until

from flask_jwt_extended_rs.stores import (
    RedisStore,
    RevocationStatus,
    RevocationStore,
    Session,
    SQLAlchemyStore,
    StoreUnavailable,
    Token,
    TokenRef,
    redis_store,
)


def _recovers(store: RevocationStore, token: TokenRef, status: RevocationStatus) -> None:
    """By itself, and as soon as a machine that does much else lets it."""

    def answers() -> bool:
        try:
            assert store.status(token) is status
        except StoreUnavailable:
            return False
        return True

    until(answers, "the store")


def _is_down(store: RevocationStore, longest: float) -> None:
    anna = unique()
    for ask in (
        lambda: store.status(access(anna, "a")),
        lambda: revoke(store, anna, Token("a")),
        lambda: rotate(store, refresh(anna, "r0", "s"), "r1"),
        lambda: store.list(anna, at(0)),
        lambda: store.restore(anna, Token("a")),
    ):
        begin = time.monotonic()
        with pytest.raises(StoreUnavailable):
            ask()
        assert time.monotonic() - begin < longest


@pytest.mark.parametrize("kind", ["redis", "postgres"])
def test_a_server_that_is_killed_or_stopped(kind: str, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp(kind)
    server = start_redis(folder) if kind == "redis" else start_postgres(folder)
    store: Any
    if kind == "redis":
        store = RedisStore(server.url, subject_key=SUBJECT_KEY, timeout=1)
    else:
        store = SQLAlchemyStore(server.url, timeout=1)
    anna = unique()
    try:
        _recovers(store, access(anna, "a"), ACTIVE)
        revoke(store, anna, Token("a"), until=None)
        assert store.status(access(anna, "a")) is REVOKED
        server.signal(signal.SIGSTOP)
        _is_down(store, 15)
        server.signal(signal.SIGCONT)
        _recovers(store, access(anna, "a"), REVOKED)
        _recovers(store, access(anna, "b"), ACTIVE)
        server.kill()
        _is_down(store, 15)
        if kind == "postgres":
            # Left over from the one that was killed.
            (folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        server.start()
        _recovers(store, access(anna, "a"), REVOKED)
        _recovers(store, access(anna, "b"), ACTIVE)
    finally:
        server.stop()
        store._client.close() if kind == "redis" else store._shared.dispose()


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "revocations.db"
    store = SQLAlchemyStore(f"sqlite:///{file}", timeout=0.2)
    anna = unique()
    revoke(store, anna, Token("a"))
    with sqlite3.connect(file) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            revoke(store, anna, Token("b"))
        assert store.status(access(anna, "a")) is REVOKED
        other.execute("ROLLBACK")
        revoke(store, anna, Token("b"))
        assert store._turn is not None
        with store._turn, pytest.raises(StoreUnavailable):
            revoke(store, anna, Token("c"))
        other.execute("DROP TABLE jwt_session")
        with pytest.raises(StoreUnavailable):
            store.status(access(anna, "a"))
    other.close()
    store._shared.dispose()
    with pytest.raises(StoreUnavailable):
        SQLAlchemyStore(f"sqlite:///{tmp_path}/none/x.db").status(access(anna, "a"))


def test_tables(tmp_path: Path, tmp_path_factory: Any) -> None:
    file = f"sqlite:///{tmp_path}/revocations.db"
    anna = unique()
    with pytest.raises(
        RuntimeError, match=r"jwt_\* are at version 0, and this program needs version 1"
    ):
        SQLAlchemyStore(file, migrate=False).status(access(anna, "a"))
    for _ in range(2):
        store = SQLAlchemyStore(file, table_prefix="shop_")
        revoke(store, anna, Token("a"))
        store._shared.dispose()
    owned = SQLAlchemyStore(store._shared, table_prefix="shop_", migrate=False)
    assert owned.status(access(anna, "a")) is REVOKED
    with store._shared.begin() as connection:
        connection.exec_driver_sql("INSERT INTO shop_schema (version) VALUES (99)")
    with pytest.raises(RuntimeError, match="a newer program has been here"):
        SQLAlchemyStore(file, table_prefix="shop_").status(access(anna, "a"))
    store._shared.dispose()
    for bad in ("", "1a", "A", "a b", "a" * 33):
        with pytest.raises(ValueError, match="1 to 32"):
            SQLAlchemyStore(file, table_prefix=bad)
    for url in ("mysql+pymysql://x/y", "oracle://x"):
        with pytest.raises((ValueError, ModuleNotFoundError)):
            SQLAlchemyStore(url)


def test_what_has_ended_goes_by_itself(tmp_path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/revocations.db")
    anna = unique()
    for n in range(3):
        revoke(store, anna, Token(str(n)), until=at(100))
    revoke(store, anna, Token("x"), at=at(100 + 2 * 86400), until=at(10**6))
    assert len(store.list(anna, at(0))) == 1
    store._shared.dispose()


def test_names_that_no_index_holds(tmp_path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/revocations.db")
    with pytest.raises(StoreUnavailable, match="longer than 2600"):
        revoke(store, unique(), Token("x" * 2600))


def test_nonsense_in_redis(redis_url: str) -> None:
    store = RedisStore(redis_url, subject_key=SUBJECT_KEY, prefix="nonsense", timeout=20)
    client = store._client
    anna = unique()
    keys = store._keys.of(anna)
    token = refresh(anna, "r", "s")
    for value in (
        b"\xff",
        "5",
        "{}",
        "[]",
        '{"issued_until":"x"}',
        '{"issued_until":"1_0","at":"1"}',
    ):
        client.set(keys.cutoff, value)
        for ask in (lambda: store.status(token), lambda: store.list(anna, at(0))):
            with pytest.raises(StoreUnavailable):
                ask()
    client.delete(keys.cutoff)
    for value in ("{}", '{"current":"a","previous":5,"at":"1","successor":""}', "x"):
        client.set(keys.family("s"), value)
        with pytest.raises(StoreUnavailable):
            store.status(token)
        with pytest.raises(StoreUnavailable):
            rotate(store, token, "x")
    client.hset(keys.index, "x:y", "1 {}")
    with pytest.raises(StoreUnavailable):
        store.list(anna, at(0))
    client.set(store._keys.of(anna).cutoff, "x")
    client.lpush(keys.family("list"), "x")
    with pytest.raises(StoreUnavailable):
        store.status(refresh(anna, "r", "list"))
    client.close()


def test_the_subject_key(redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    anna = unique()
    first = RedisStore(redis_url, subject_key=b"the key of the first", prefix="keyed", timeout=20)
    with caplog.at_level(logging.WARNING):
        assert first.status(access(anna, "a")) is ACTIVE
    other = RedisStore(redis_url, subject_key="the key of somebody else", prefix="keyed")
    for _ in range(2):
        with pytest.raises(RuntimeError, match="under another subject key"):
            other.status(access(anna, "a"))
    for store in (first, other):
        store._client.close()
    with pytest.raises(ValueError, match="at least 16 bytes"):
        RedisStore(redis_url, subject_key="short")
    with pytest.raises(ValueError, match="flask_blocklist is"):
        RedisStore(redis_url, subject_key=SUBJECT_KEY, flask_blocklist="yes")  # type: ignore[arg-type]


@pytest.mark.parametrize("decodes", [False, True])
def test_the_blocklist_of_the_documentation(redis_url: str, decodes: bool) -> None:
    import redis

    client = redis.Redis.from_url(redis_url, decode_responses=decodes)
    store = RedisStore(client, subject_key=SUBJECT_KEY, flask_blocklist="read_write", timeout=20)
    anna, jti = unique(), unique().subject
    assert store.status(refresh(anna, jti, "s")) is ACTIVE
    client.set(jti, "", ex=60)
    assert store.status(refresh(anna, jti, "s")) is REVOKED
    assert rotate(store, refresh(anna, jti, "s"), "x")[0].value == "revoked"
    assert store.restore(anna, Token(jti))
    revoke(store, anna, Token(jti), until=None)
    assert client.exists(jti)
    assert store.restore(anna, Token(jti))
    assert not client.exists(jti)
    following = f"{jti}-next"
    assert rotate(store, refresh(anna, jti, "s"), following)[0].value == "rotated"
    client.set(following, "", ex=60)
    assert rotate(store, refresh(anna, jti, "s"), "x")[0].value == "revoked"
    revoke(store, anna, cutoff(0))
    assert len(store.list(anna, at(0))) == 1
    client.delete(following)
    client.close()


def test_warnings_of_what_would_lose_revocations() -> None:
    warn = redis_store.warnings
    good = {"appendonly": "yes", "save": "", "maxmemory": "0", "maxmemory-policy": "allkeys-lru"}
    assert warn(good) == []
    assert "nothing on disk" in warn({**good, "appendonly": "no"})[0]
    assert "now and then" in warn({**good, "appendonly": "no", "save": "3600 1"})[0]
    assert "allkeys-lru" in warn({**good, "maxmemory": "1000"})[0]


__all__ = ["Session", "shutil"]
