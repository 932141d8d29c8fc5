"""A Flask application and an axum service on one store: what is done on one side counts on the other.

INTEROP names the service of `testing/interop`; without it, cargo is asked to make it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jwt
import pytest
from conftest import SUBJECT_KEY
from servers import missing
from service import SECRET, Client, close_all, make_service

# How many refresh at once, and how often.
TASKS = 16
ROUNDS = int(os.environ.get("RACE_ROUNDS", "10"))
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def program() -> str:
    named = os.environ.get("INTEROP")
    if named:
        return named
    cargo = shutil.which("cargo") or missing("axum service: set INTEROP, or install cargo")
    subprocess.run([cargo, "build", "--quiet", "--package", "interop"], cwd=REPOSITORY, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", str(REPOSITORY / "target"))
    return f"{target}/debug/interop"


@pytest.fixture(params=["sqlite", "postgres", "redis"])
def store_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def grace() -> int:
    return 10


@pytest.fixture
def flask(store_options: dict[str, Any], grace: int) -> Iterator[Client]:
    app = make_service(**store_options, JWT_REFRESH_ROTATION_GRACE=grace)
    yield Client(app)
    close_all(app)


@pytest.fixture
def axum(
    flask: Client, store_options: dict[str, Any], grace: int, program: str
) -> Iterator[Client]:
    # The one that comes first makes the tables.
    flask.who(flask.login()["access_token"])
    environment = {
        "JWT_SECRET_KEY": SECRET,
        "JWT_REFRESH_ROTATION": "true",
        "JWT_REFRESH_ROTATION_GRACE": str(grace),
        "JWT_STORE_SUBJECT_KEY": SUBJECT_KEY,
        "STORE_URL": store_options["JWT_STORE_URL"].replace("sqlite:////", "sqlite:///"),
    }
    if prefix := store_options.get("JWT_STORE_PREFIX"):
        environment["STORE_PREFIX"] = prefix
    with subprocess.Popen([program], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, "the service does not start"
        yield Client(url)
        process.kill()


@pytest.fixture(params=["flask first", "axum first"])
def both(request: pytest.FixtureRequest, flask: Client, axum: Client) -> tuple[Client, Client]:
    return (flask, axum) if request.param == "flask first" else (axum, flask)


def test_a_logout(both: tuple[Client, Client]) -> None:
    here, there = both
    pair = here.login()
    access, refresh = pair["access_token"], pair["refresh_token"]
    assert there.who(access) == here.who(access) == 200
    assert here.post("/logout", access) == 200
    assert there.who(access) == here.who(access) == 401
    assert there.refresh(refresh)[0] == 200


def test_a_logout_of_a_session(both: tuple[Client, Client]) -> None:
    here, there = both
    pair = here.login()
    assert here.post("/logout-session", pair["access_token"]) == 200
    assert there.who(pair["access_token"]) == 401
    assert there.refresh(pair["refresh_token"])[0] == 401


def test_a_logout_everywhere(both: tuple[Client, Client]) -> None:
    here, there = both
    other, own = there.login(), here.login()
    assert here.post("/logout-everywhere", own["access_token"]) == 200
    assert there.who(own["access_token"]) == here.who(own["access_token"]) == 200
    assert there.who(other["access_token"]) == here.who(other["access_token"]) == 401
    assert there.refresh(other["refresh_token"])[0] == 401
    assert there.refresh(own["refresh_token"])[0] == 200


def test_one_answer_to_a_double_click(both: tuple[Client, Client]) -> None:
    here, there = both
    first = here.login()["refresh_token"]
    (status, pair), (again, same) = here.refresh(first), there.refresh(first)
    assert status == again == 200
    for name in ("access_token", "refresh_token"):
        assert _claims(pair[name]) == _claims(same[name])


def test_a_reuse(both: tuple[Client, Client]) -> None:
    here, there = both
    first = here.login()["refresh_token"]
    second = here.refresh(first)[1]["refresh_token"]
    status, third = there.refresh(second)
    assert status == 200
    assert there.refresh(first)[0] == 401
    for client in both:
        assert client.who(third["access_token"]) == 401
        assert client.refresh(third["refresh_token"])[0] == 401


def test_racing_refreshes(flask: Client, axum: Client) -> None:
    token = flask.login()["refresh_token"]
    for _ in range(ROUNDS):
        successors = _race(flask, axum, token)
        [pair] = successors.keys() - {None}
        # On a busy machine the store may be too slow for some, who can ask again.
        assert successors.keys() <= {pair, None}
        assert set(successors.get(None, [503])) == {503}
        for client in (flask, axum):
            assert client.refresh(token)[0] == 200
        token = successors[pair][0]


@pytest.mark.parametrize("grace", [0])
def test_races_without_grace_leave_one_family_or_none(flask: Client, axum: Client) -> None:
    for _ in range(ROUNDS):
        successors = _race(flask, axum, flask.login()["refresh_token"])
        refused = set(successors.pop(None, []))
        assert refused <= {401, 503}
        # Never two.
        [[successor, *_]] = successors.values()
        # Somebody came too late, so that the one who came in time is out as well.
        assert axum.refresh(successor)[0] == (401 if 401 in refused else 200)


def _race(flask: Client, axum: Client, token: str) -> dict[Any, list[Any]]:
    """The refresh tokens that each pair consists of, by what is in it; the statuses of who got none."""
    begin = threading.Barrier(TASKS)

    def refresh(client: Client) -> tuple[int, Any]:
        begin.wait()
        return client.refresh(token)

    found: dict[Any, list[Any]] = {}
    with ThreadPoolExecutor(TASKS) as pool:
        for status, pair in pool.map(refresh, [flask, axum] * (TASKS // 2)):
            if status == 200:
                claims = [_claims(pair[name]) for name in ("access_token", "refresh_token")]
                found.setdefault(json.dumps(claims, sort_keys=True), []).append(
                    pair["refresh_token"]
                )
            else:
                found.setdefault(None, []).append(status)
    return found


def _claims(token: str) -> Any:
    return jwt.decode(token, SECRET, algorithms=["HS256"])
