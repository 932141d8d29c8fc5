"""Real servers for the stores: taken from the path, started on a free port in a folder of their own, and
gone after the tests. REDIS_URL and POSTGRES_URL name others.

A test without its server is skipped, and says so; with CI=true, or STORE_SERVERS=required, it fails.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import Server, start_postgres, start_redis, start_redis_cluster
from service import close

from flask_jwt_extended_rs.stores import MemoryStore, RedisStore, RevocationStore, SQLAlchemyStore

SUBJECT_KEY = "a key of the tests, and of nobody else"


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = start_redis(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = start_postgres(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> str:
    return os.environ.get("REDIS_URL") or request.getfixturevalue("redis_server").url


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    return os.environ.get("POSTGRES_URL") or request.getfixturevalue("postgres_server").url


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Its first node."""
    nodes = start_redis_cluster(tmp_path_factory.mktemp("cluster"))
    yield nodes[0]
    for node in nodes:
        node.stop()


@pytest.fixture(params=["memory", "sqlite", "postgres", "redis", "cluster"])
def store_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def store_options(
    store_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[dict[str, Any]]:
    """Options of an app whose store is one of each kind, and empty. Races take longer than a second."""
    options: dict[str, Any] = {"JWT_STORE_TIMEOUT": 20}
    if store_kind == "memory":
        yield {**options, "JWT_STORE_URL": "memory://"}
    elif store_kind == "sqlite":
        yield {**options, "JWT_STORE_URL": f"sqlite:///{tmp_path}/revocations.db"}
    elif store_kind == "postgres":
        prefix = f"t{uuid.uuid4().hex[:12]}_"
        url = request.getfixturevalue("postgres_url")
        yield {**options, "JWT_STORE_URL": url, "JWT_STORE_PREFIX": prefix}
    else:
        if store_kind == "redis":
            url = request.getfixturevalue("redis_url")
        else:
            node = request.getfixturevalue("redis_cluster")
            url = node.url.replace("redis:", "redis+cluster:").removesuffix("/0")
        yield {
            **options,
            "JWT_STORE_URL": url,
            "JWT_STORE_PREFIX": uuid.uuid4().hex,
            "JWT_STORE_SUBJECT_KEY": SUBJECT_KEY,
        }


@pytest.fixture
def store(store_kind: str, store_options: dict[str, Any]) -> Iterator[RevocationStore]:
    url, timeout = store_options["JWT_STORE_URL"], store_options["JWT_STORE_TIMEOUT"]
    prefix = store_options.get("JWT_STORE_PREFIX")
    store: RevocationStore
    if store_kind == "memory":
        store = MemoryStore()
    elif store_kind in ("redis", "cluster"):
        store = RedisStore(url, subject_key=SUBJECT_KEY, prefix=str(prefix), timeout=timeout)
    else:
        store = SQLAlchemyStore(url, table_prefix=prefix or "jwt_", timeout=timeout)
    yield store
    close(store)
