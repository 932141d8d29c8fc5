"""Redis as a cluster: each subject's facts lie in one slot, upstream's own blocklist in any."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import SUBJECT_KEY
from redis.cluster import RedisCluster
from rules import (
    ACTIVE,
    BURNT,
    REVOKED,
    ROTATED,
    access,
    at,
    cutoff,
    later,
    refresh,
    repeated,
    revoke,
    rotate,
    unique,
)
from servers import Server, free_port, start_redis_cluster, until

from flask_jwt_extended_rs.stores import RedisStore, StoreUnavailable, Token, TokenRef


@pytest.fixture
def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Server]]:
    nodes = start_redis_cluster(tmp_path, *getattr(request, "param", ()))
    yield nodes
    for node in nodes:
        node.stop()


@pytest.fixture
def cluster(nodes: list[Server]) -> Iterator[RedisCluster]:
    with RedisCluster.from_url(nodes[0].url, socket_timeout=5, socket_connect_timeout=5) as client:
        yield client
    # Now and then the client forgets one of its sockets.
    del client
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def test_subjects_in_all_slots(cluster: RedisCluster) -> None:
    store = RedisStore(cluster, subject_key=SUBJECT_KEY, flask_blocklist="read_write")
    for _ in range(30):
        anna = unique()
        token, other = f"{anna.subject}-1", f"{anna.subject}-2"
        assert store.status(access(anna, token)) is ACTIVE
        revoke(store, anna, Token(token))
        assert store.status(access(anna, token)) is REVOKED
        # As an app of upstream's documentation writes and reads it.
        assert cluster.exists(token)
        cluster.set(other, "")
        assert store.status(access(anna, other)) is REVOKED
        assert store.restore(anna, Token(token))
        assert store.status(access(anna, token)) is ACTIVE
        first = refresh(anna, "r0", "s")
        assert rotate(store, first, "r1") == ROTATED
        assert rotate(store, first, "r2") == repeated("r1")
        assert rotate(store, later(first, 1000), "r3") == BURNT
        revoke(store, anna, cutoff(0))
        assert store.status(access(anna, "a")) is REVOKED
        assert len(store.list(anna, at(50))) >= 1


def test_a_cluster_that_is_down(cluster: RedisCluster, nodes: list[Server]) -> None:
    store, anna = RedisStore(cluster, subject_key=SUBJECT_KEY), unique()
    revoke(store, anna, Token("a"))
    for node in nodes:
        node.kill()
    with pytest.raises(StoreUnavailable):
        store.status(access(anna, "a"))
    for node in nodes:
        node.start()
    # What was revoked is on disk.
    until(lambda: _is_revoked(store, access(anna, "a")), "the cluster")


def test_a_cluster_that_is_not_there_yet() -> None:
    store = RedisStore(f"redis+cluster://127.0.0.1:{free_port()}", subject_key=SUBJECT_KEY)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            store.status(access(unique(), "a"))


@pytest.mark.parametrize("nodes", [("--appendonly", "no", "--save", "")], indirect=True)
def test_a_cluster_that_keeps_nothing(
    cluster: RedisCluster, caplog: pytest.LogCaptureFixture
) -> None:
    store = RedisStore(cluster, subject_key=SUBJECT_KEY)
    assert store.status(access(unique(), "a")) is ACTIVE
    assert "nothing on disk" in caplog.text


def _is_revoked(store: RedisStore, token: TokenRef) -> bool:
    try:
        assert store.status(token) is REVOKED
    except StoreUnavailable:
        return False
    return True
