"""The examples, each driven over HTTP by the very lines that it begins with."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.serving import make_server

from test_outside import FakeIssuer

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(file.stem for file in EXAMPLES.glob("*.py"))
END = "--- end of a line ---"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", "a-secret-of-at-least-32-random-bytes")
    monkeypatch.setenv("JWT_STORE_SUBJECT_KEY", "a key of the tests, and of nobody else")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)


def load(name: str, *arguments: Any) -> Flask:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    app = module.create_app(*arguments)
    assert isinstance(app, Flask)
    app.config["LINES"] = module.__doc__.split("In another terminal:\n\n")[1]
    return app


@contextmanager
def served(app: Flask) -> Iterator[int]:
    server = make_server("localhost", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def try_lines(app: Flask) -> None:
    """A line that ends in `  # text` must print that text."""
    script, expected = "", []
    for line in app.config["LINES"].splitlines():
        script += f"{line}\n"
        if found := re.search("  # (.*)$", line):
            script += f"echo '{END}'\n"
            expected.append((line, found[1]))
    assert expected
    with served(app) as port:
        script = script.replace("localhost:5000", f"localhost:{port}")
        shell = subprocess.run(
            ["sh", "-euc", script], check=True, stdout=subprocess.PIPE, text=True
        )
    *printed, rest = shell.stdout.split(END)
    assert not rest.strip()
    for (line, text), answer in zip(expected, printed, strict=True):
        assert text in answer, line


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in ("blocklist_redis", "oidc")]
)
def test_example(name: str) -> None:
    try_lines(load(name))


def test_redis(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    try_lines(load("blocklist_redis"))


def test_oidc(monkeypatch: pytest.MonkeyPatch) -> None:
    login = FakeIssuer()
    monkeypatch.setenv("TOKEN", login.token(scope="orders:read"))
    try_lines(load("oidc", login.issuer()))
    client = load("oidc", login.issuer()).test_client()
    headers = {"Authorization": f"Bearer {login.token(scope='orders:write')}"}
    assert client.get("/orders", headers=headers).status_code == 403
    login.server.shutdown()
    login.server.server_close()


def test_the_session_is_renewed_while_it_is_used() -> None:
    client = load("implicit_refresh").test_client()
    with time_machine.travel(1_700_000_000, tick=False) as clock:
        client.post("/login", base_url="https://localhost")
        for _ in range(5):
            clock.shift(timedelta(minutes=45))
            assert client.get("/protected", base_url="https://localhost").status_code == 200
        clock.shift(timedelta(minutes=61))
        assert client.get("/protected", base_url="https://localhost").status_code == 401


def test_the_list_is_whole() -> None:
    listed = re.findall(
        r"^\| \[`(\w+)`\]\(\1\.py\)", (EXAMPLES / "README.md").read_text(), re.MULTILINE
    )
    assert sorted(listed) == NAMES
