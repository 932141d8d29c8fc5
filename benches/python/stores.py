"""The Flask package's stores beside the bare round trip of the client that they are made on.

    python benches/python/stores.py [--rounds 401]

Takes the interpreter in which flask-jwt-extended-rs, redis, SQLAlchemy and psycopg are installed, and
starts servers of its own. All cases of a store take turns, a few milliseconds each, and the lower
quartile of each one's rounds counts: what else happens on the machine meets all alike.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from flask_jwt_extended_rs.stores import (
    RedisStore,
    Revocation,
    RevocationStore,
    SQLAlchemyStore,
    Subject,
    Token,
    TokenRef,
)
from sqlalchemy import text

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "python/tests/stores"))

from servers import start_postgres, start_redis

ROUND_NANOSECONDS = 2_000_000
ENTRIES = 1000
NOW = time.time()
END = NOW + 900

Case = Callable[[], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=401)
    rounds = parser.parse_args().rounds
    print("| store | bare read | `status` | ratio | bare write | `revoke` | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, opened in (
        ("SQLite", sqlite),
        ("PostgreSQL", postgres),
        ("Redis", redis),
    ):
        with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as cases:
            read, status, write, revoke = measured(cases, rounds)
        print(
            f"| {name} | {read:.0f} µs | {status:.0f} µs | {status / read:.2f} "
            f"| {write:.0f} µs | {revoke:.0f} µs | {revoke / write:.2f} |",
            flush=True,
        )


def measured(cases: list[Case], rounds: int) -> list[float]:
    """The lower quartile of each case, in microseconds."""
    counts = [max(1, ROUND_NANOSECONDS // timed(case, 20)) for case in cases]
    found: list[list[float]] = [[] for _ in cases]
    for _ in range(rounds):
        for case, count, times in zip(cases, counts, found, strict=True):
            times.append(timed(case, count) / 1000)
    return [quantiles(times)[0] for times in found]


def timed(case: Case, count: int) -> int:
    """Nanoseconds for each call."""
    begin = time.perf_counter_ns()
    for _ in range(count):
        case()
    return (time.perf_counter_ns() - begin) // count


@contextmanager
def sqlite(folder: Path) -> Iterator[list[Case]]:
    store = SQLAlchemyStore(f"sqlite:///{folder}/revocations.db")
    yield on_sql(store)
    store._shared.dispose()


@contextmanager
def postgres(folder: Path) -> Iterator[list[Case]]:
    server = start_postgres(folder)
    store = SQLAlchemyStore(server.url)
    yield on_sql(store)
    store._shared.dispose()
    server.kill()


@contextmanager
def redis(folder: Path) -> Iterator[list[Case]]:
    server = start_redis(folder)
    store = RedisStore(server.url, subject_key="a key of the benchmark")
    client, numbers = store._client, itertools.count()
    yield [
        client.ping,
        status_of(store),
        lambda: client.set(f"bare:{next(numbers)}", "", px=900_000),
        revoke_in(store),
    ]
    client.close()
    server.kill()


def on_sql(store: SQLAlchemyStore) -> list[Case]:
    engine, numbers = store._engine, itertools.count()
    one = text("SELECT 1")
    insert = text("INSERT INTO bare (name, ends_at) VALUES (:name, :ends_at)")

    def run(statement: Any, **values: Any) -> Any:
        with engine.connect() as connection:
            result = connection.execute(statement, values)
            return result.all() if result.returns_rows else result.rowcount

    run(text("CREATE TABLE bare (name TEXT PRIMARY KEY, ends_at REAL NOT NULL)"))
    return [
        lambda: run(one),
        status_of(store),
        lambda: run(insert, name=str(next(numbers)), ends_at=END),
        revoke_in(store),
    ]


def status_of(store: RevocationStore) -> Case:
    """Looks a token up that is good, among others that are not."""
    owner = Subject("ada")
    for n in range(ENTRIES):
        store.revoke(Revocation(Subject(f"user-{n % 100}"), Token(str(n)), END, NOW))
    jti, session = str(uuid.uuid4()), str(uuid.uuid4())
    token = TokenRef(owner, NOW, jti, session, "access", NOW - 60, END)
    return lambda: store.status(token)


def revoke_in(store: RevocationStore) -> Case:
    numbers = itertools.count()

    def revoke() -> None:
        n = next(numbers)
        store.revoke(Revocation(Subject(f"one-{n % 1000}"), Token(str(n)), END, NOW))

    return revoke


if __name__ == "__main__":
    main()
