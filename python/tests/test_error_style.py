"""JWT_ERROR_STYLE = "native": the answers of the Rust library, with codes for clients."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt as pyjwt
import pytest
from flask import Flask, Response, jsonify
from flask.testing import FlaskClient

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    jwt_required,
)
from flask_jwt_extended_rs import answers

RUST = Path(__file__).parents[2] / "crates/jwt-extended/src"
SECRET = "a-secret-of-at-least-32-random-bytes"


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.config.update(JWT_SECRET_KEY=SECRET, JWT_ERROR_STYLE="native")
    app.config["JWT_TOKEN_LOCATION"] = ["headers", "cookies", "query_string"]
    app.config["JWT_QUERY_STRING_VALUE_PREFIX"] = "JWT "
    jwt = JWTManager(app)
    jwt.token_in_blocklist_loader(lambda header, claims: claims["sub"] == "revoked")
    jwt.token_verification_loader(lambda header, claims: claims["sub"] != "unwanted")
    jwt.user_lookup_loader(lambda header, claims: None if claims["sub"] == "ghost" else "a user")

    @app.route("/", methods=["GET", "POST"])
    @jwt_required()
    def index() -> str:
        return "in"

    @app.route("/fresh")
    @jwt_required(fresh=True)
    def fresh() -> str:
        return "in"

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


REFUSED: dict[str, tuple[Callable[[], str], int, str, str]] = {
    "token_expired": (
        lambda: create_access_token("ada", expires_delta=timedelta(seconds=-1)),
        401,
        "Token has expired",
        "invalid_token",
    ),
    "token_revoked": (
        lambda: create_access_token("revoked"),
        401,
        "Token has been revoked",
        "invalid_token",
    ),
    "user_not_found": (
        lambda: create_access_token("ghost"),
        401,
        "The token's user does not exist",
        "invalid_token",
    ),
    "wrong_token_type": (
        lambda: create_refresh_token("ada"),
        401,
        "Only non-refresh tokens are allowed",
        "invalid_token",
    ),
    "token_invalid": (
        lambda: pyjwt.encode({"sub": "ada"}, "another-secret-of-32-bytes-and-more"),
        401,
        "Signature verification failed",
        "invalid_token",
    ),
    "token_invalid, missing claim": (
        lambda: pyjwt.encode({}, SECRET),
        401,
        "Missing claim: sub",
        "invalid_token",
    ),
}


@pytest.mark.parametrize("code", REFUSED)
def test_tokens_that_are_refused(app: Flask, client: FlaskClient, code: str) -> None:
    make, status, sentence, challenge = REFUSED[code]
    with app.app_context():
        token = make()
    answer = client.get("/", headers=bearer(token))
    assert answer.status_code == status
    assert answer.json == {"error": code.partition(",")[0], "msg": sentence}
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer error="{challenge}", error_description="{sentence}"'
    )


def test_no_token(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["error"] == "token_missing"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "request_with", [{"headers": bearer("")}, {"query_string": {"jwt": "no prefix"}}]
)
def test_something_else_where_the_token_should_be(client: FlaskClient, request_with: Any) -> None:
    answer = client.get("/", **request_with)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"] == "request_malformed"
    # Quotes in the sentence would end the description.
    assert re.fullmatch(
        r'Bearer error="invalid_request", error_description="[^"\\]+"',
        answer.headers["WWW-Authenticate"],
    )


def test_a_token_that_is_not_fresh(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        token = create_access_token("ada")
    answer = client.get("/fresh", headers=bearer(token))
    assert answer.json == {"error": "fresh_token_required", "msg": "Fresh token required"}
    assert 'error="insufficient_user_authentication"' in answer.headers["WWW-Authenticate"]


def test_csrf_and_rejected_claims_are_403(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        token, unwanted = create_access_token("ada"), create_access_token("unwanted")
    client.set_cookie("access_token_cookie", token)
    missing = client.post("/")
    other = client.post("/", headers={"X-CSRF-TOKEN": "another"})
    rejected = client.get("/", headers=bearer(unwanted))
    for answer, code, sentence in (
        (missing, "csrf_missing", "Missing CSRF token"),
        (other, "csrf_mismatch", "CSRF double submit tokens do not match"),
        (rejected, "claims_rejected", "User claims verification failed"),
    ):
        assert (answer.status_code, answer.json) == (403, {"error": code, "msg": sentence})
        assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize(
    "options",
    [
        {"JWT_TOKEN_LOCATION": ["cookies"]},
        {"JWT_HEADER_NAME": "X-Token"},
        {"JWT_HEADER_TYPE": "JWT"},
    ],
)
def test_who_takes_no_bearer_tokens_does_not_ask_for_one(
    app: Flask, client: FlaskClient, options: Any
) -> None:
    app.config.update(options)
    answer = client.get("/")
    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer.headers


def test_callbacks_of_the_app_win(app: Flask, client: FlaskClient) -> None:
    @app.extensions["flask-jwt-extended"].unauthorized_loader
    def own(reason: str) -> tuple[Response, int]:
        return jsonify(mine=reason), 499

    assert client.get("/").status_code == 499
    with app.app_context():
        token = create_refresh_token("ada")
    assert client.get("/", headers=bearer(token)).status_code == 401


def test_the_sentence_has_the_name_that_it_is_given(app: Flask, client: FlaskClient) -> None:
    app.config["JWT_ERROR_MESSAGE_KEY"] = "message"
    assert set(client.get("/").json or ()) == {"error", "message"}


def test_each_manager_has_its_style(app: Flask, client: FlaskClient) -> None:
    app.config["JWT_MANAGERS"] = {"partner": {"JWT_SECRET_KEY": SECRET}}
    JWTManager(app, name="partner")
    app.add_url_rule("/partner", view_func=jwt_required(manager="partner")(lambda: "in"))
    assert client.get("/partner").json == {"msg": "Missing Authorization Header"}
    assert "error" in (client.get("/").json or ())


def test_the_default_is_upstreams(app: Flask, client: FlaskClient) -> None:
    del app.config["JWT_ERROR_STYLE"]
    with app.app_context():
        token = create_refresh_token("ada")
    answer = client.get("/", headers=bearer(token))
    assert (answer.status_code, answer.json) == (
        422,
        {"msg": "Only non-refresh tokens are allowed"},
    )
    assert "WWW-Authenticate" not in answer.headers


def test_another_style_is_refused(app: Flask, client: FlaskClient) -> None:
    app.config.update(JWT_ERROR_STYLE="rfc", TESTING=True)
    with pytest.raises(RuntimeError, match='must be "flask" or "native", and it is \'rfc\''):
        client.get("/")


@pytest.mark.skipif(not RUST.exists(), reason="the Rust library is not beside the tests")
def test_codes_statuses_and_challenges_are_those_of_the_rust_library() -> None:
    source = (RUST / "error.rs").read_text()
    codes = _arms(re.search(r"fn code\(self\).*?\n    }", source, re.DOTALL), r'"(\w+)"')
    statuses = _arms(re.search(r"fn status\(self\).*?\n    }", source, re.DOTALL), r"(\d+)")
    challenges = _arms(
        re.search(r"fn challenge.*?\n}", (RUST / "answer.rs").read_text(), re.DOTALL),
        r'(?:return Some\()?"(\w+)"',
    )
    of_rust = {}
    for kind, code in codes.items():
        status = int(statuses.get(kind, statuses["_"]))
        challenge = challenges.get(kind, "invalid_token" if status == 401 else None)
        of_rust[code] = (status, "" if challenge == "Bearer" else challenge)
    kinds = [*answers._KINDS.values(), answers._CSRF_MISSING]
    of_python = {kind.code: (kind.status, kind.challenge) for kind in kinds}
    assert of_python == {code: of_rust[code] for code in of_python}
    # What only scopes and the making of tokens can bring up.
    assert of_rust.keys() - of_python.keys() == {
        "insufficient_scope",
        "token_not_created",
        "misconfigured",
    }


def _arms(function: re.Match[str] | None, value: str) -> dict[str, str]:
    """The arms of a `match` over kinds of errors: kind to value."""
    assert function is not None
    arms = re.finditer(rf"((?:(?:Self|ErrorKind)::\w+|_)[^=]*?) => {value}", function[0])
    return {
        name: arm[2]
        for arm in arms
        for name in re.findall(r"::(\w+)|^(_)$", arm[1])
        for name in name
        if name
    }
