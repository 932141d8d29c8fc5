"""Stores that were made, and used, before the process forked; and servers that do so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import SUBJECT_KEY
from rules import ACTIVE, REVOKED, access, revoke, unique
from servers import answers, free_port, start_postgres, start_redis, until
from service import Client

from flask_jwt_extended_rs.stores import RevocationStore, Token


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_children(store: RevocationStore, store_kind: str) -> None:
    anna = unique()
    revoke(store, anna, Token("before"))
    held = threading.Event()
    turn = getattr(store, "_turn", None)
    if turn is not None:
        # A thread that holds it is not there in the child.
        turn.acquire()
        held.set()
    children = []
    for n in range(4):
        child = os.fork()
        if child == 0:
            try:
                for m in range(20):
                    revoke(store, anna, Token(f"{n}-{m}"))
                    assert store.status(access(anna, f"{n}-{m}")) is REVOKED
                    assert store.status(access(anna, "before")) is REVOKED
                    assert store.status(access(anna, "never")) is ACTIVE
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        children.append(child)
    if held.is_set():
        turn.release()
    for m in range(20):
        revoke(store, anna, Token(f"parent-{m}"))
        assert store.status(access(anna, f"parent-{m}")) is REVOKED
        assert store.status(access(anna, "never")) is ACTIVE
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    if store_kind != "memory":
        for n in range(4):
            assert store.status(access(anna, f"{n}-19")) is REVOKED


@contextmanager
def gunicorn(options: dict[str, Any], *arguments: str) -> Iterator[Client]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", *arguments]
    environment = {**os.environ, "SERVICE_OPTIONS": json.dumps(options)}
    with subprocess.Popen(
        [*command, "service:app_of_environment()"],
        cwd=Path(__file__).parent,
        env=environment,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            until(answers(port), "gunicorn")
            yield Client(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


@pytest.fixture(
    params=[
        ("--preload", "--workers", "2", "--threads", "4"),
        ("-k", "gevent", "--workers", "2"),
        ("-k", "gevent", "--workers", "2", "--preload"),
    ],
    ids=" ".join,
)
def served(request: pytest.FixtureRequest, store_options: dict[str, Any]) -> Iterator[Client]:
    """Two processes, of an app whose store was used before they were forked."""
    pytest.importorskip("gunicorn")
    if "gevent" in request.param:
        pytest.importorskip("gevent")
    with gunicorn({**store_options, "JWT_STORE_TIMEOUT": 10}, *request.param) as client:
        yield client


@pytest.mark.parametrize("store_kind", ["sqlite", "postgres", "redis"])
def test_a_server(served: Client, store_kind: str) -> None:
    def session(_: int) -> tuple[Any, ...]:
        pair = served.login()
        status, second = served.refresh(pair["refresh_token"])
        same = served.refresh(pair["refresh_token"]) == (status, second)
        done = served.post("/logout-session", second["access_token"])
        after = [served.who(second["access_token"]) for _ in range(4)]
        return (status, same, done, *after)

    users: dict[str, set[int]] = {}
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(session, range(12))) == {(200, True, 200, 401, 401, 401, 401)}
        workers: set[int] = set()
        end = time.monotonic() + 60
        while len(workers) < 2:
            assert time.monotonic() < end, "one process answers everything"
            for _, found in pool.map(lambda _: served.ask("GET", "/connection"), range(32)):
                workers.add(found[1][0])
                for process, connection in found:
                    users.setdefault(connection, set()).add(process)
    # Neither do the workers share any, nor do they have one of the process that they come from.
    assert all(len(processes) == 1 for processes in users.values()), users


@pytest.mark.parametrize("kind", ["redis", "postgres"])
def test_gevent_goes_on_while_a_store_says_nothing(kind: str, tmp_path_factory: Any) -> None:
    pytest.importorskip("gevent")
    folder = tmp_path_factory.mktemp(kind)
    server = start_redis(folder) if kind == "redis" else start_postgres(folder)
    options = {
        "JWT_STORE_URL": server.url,
        "JWT_STORE_SUBJECT_KEY": SUBJECT_KEY,
        "JWT_STORE_TIMEOUT": 6,
    }
    try:
        with subprocess.Popen(
            [sys.executable, Path(__file__).parent / "with_gevent.py", json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            server.signal(signal.SIGSTOP)
            output, _ = process.communicate("stopped\n", timeout=60)
        turns, answers = json.loads(output)
        assert set(answers) == {"unavailable"}
        # With nobody else on this machine it would be about a hundred.
        assert turns >= 5
    finally:
        server.stop()
