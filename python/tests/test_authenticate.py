"""`authenticate`: everything that a protected view checks, for tokens that come with no request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt as pyjwt
import pytest
from flask import Flask, g

import flask_jwt_extended_rs
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_csrf_token,
    get_jwt,
)
from flask_jwt_extended import exceptions as refused
from flask_jwt_extended_rs import Authenticated, authenticate

SECRET = "a-secret-of-at-least-32-random-bytes"


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = SECRET
    JWTManager(app)
    # No request is needed, only the app.
    with app.app_context():
        yield app


@pytest.fixture
def jwt(app: Flask) -> JWTManager:
    manager = app.extensions["flask-jwt-extended"]
    assert isinstance(manager, JWTManager)
    return manager


def test_what_it_returns(app: Flask, jwt: JWTManager) -> None:
    token = create_access_token("ada", additional_claims={"role": "admin"})
    found = authenticate(token)
    assert isinstance(found, Authenticated)
    assert (found.identity, found.user) == ("ada", None)
    assert found.claims["role"] == "admin"
    assert found.header == {"alg": "HS256", "typ": "JWT"}

    jwt.user_lookup_loader(lambda header, claims: {"name": claims["sub"]})
    assert authenticate(token).user == {"name": "ada"}
    assert repr(authenticate(token)) == "Authenticated(identity='ada')"


def test_each_check(app: Flask, jwt: JWTManager) -> None:
    jwt.token_in_blocklist_loader(lambda header, claims: claims["sub"] == "revoked")
    jwt.token_verification_loader(lambda header, claims: claims["sub"] != "unwanted")
    jwt.user_lookup_loader(lambda header, claims: None if claims["sub"] == "ghost" else "a user")
    access, refresh = create_access_token("ada"), create_refresh_token("ada")
    cases: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (pyjwt.DecodeError, "no token", {}),
        (pyjwt.InvalidSignatureError, f"{access[:-8]}AAAAAAAA", {}),
        (pyjwt.ExpiredSignatureError, create_access_token("ada", False, _past()), {}),
        (refused.WrongTokenError, refresh, {}),
        (refused.WrongTokenError, access, {"refresh": True}),
        (refused.FreshTokenRequired, access, {"fresh": True}),
        (refused.RevokedTokenError, create_access_token("revoked"), {}),
        (refused.UserClaimsVerificationError, create_access_token("unwanted"), {}),
        (refused.UserLookupError, create_access_token("ghost"), {}),
        (refused.CSRFError, access, {"csrf_value": "another"}),
    ]
    for error, token, arguments in cases:
        with pytest.raises(error):
            authenticate(token, **arguments)

    app.config["JWT_COOKIE_CSRF_PROTECT"] = True
    assert authenticate(refresh, refresh=True).identity == "ada"
    assert authenticate(refresh, verify_type=False).identity == "ada"
    assert authenticate(create_access_token("ada", fresh=True), fresh=True).identity == "ada"
    assert authenticate(access, csrf_value=get_csrf_token(access)).identity == "ada"
    assert authenticate(create_access_token("revoked"), skip_revocation_check=True).user == "a user"


def test_it_leaves_the_request_alone(app: Flask) -> None:
    token = create_access_token("ada")
    with app.test_request_context():
        authenticate(token)
        assert not any(name.startswith("_jwt") for name in vars(g))
        with pytest.raises(RuntimeError):
            get_jwt()


def test_managers_with_names(app: Flask) -> None:
    app.config["JWT_MANAGERS"] = {
        "partner": {"JWT_SECRET_KEY": SECRET, "JWT_IDENTITY_CLAIM": "firm"}
    }
    JWTManager(app, name="partner")
    token = create_access_token("acme", manager="partner")
    assert authenticate(token, manager="partner").identity == "acme"
    for wrong, manager in ((token, None), (create_access_token("ada"), "partner")):
        with pytest.raises(refused.JWTDecodeError):
            authenticate(wrong, manager=manager)


def test_there_is_nothing_else_by_such_a_name() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'authenticat'"):
        flask_jwt_extended_rs.authenticat  # noqa: B018


def _past() -> timedelta:
    return timedelta(seconds=-1)
