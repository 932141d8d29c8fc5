"""Which token a call is about: nothing that a client can make up is taken for a verified one."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, jsonify, request
from service import SECRET, Client, make_service

import flask_jwt_extended as fje
from flask_jwt_extended import JWTManager
from flask_jwt_extended_rs import Authenticated, authenticate
from flask_jwt_extended_rs.stores import MemoryStore, Session, Subject

# What a client can write without knowing any key.
FORGED: dict[str, Any] = {"sub": "admin", "type": "refresh", "jti": "x", "sid": "s"}


@pytest.fixture
def memory() -> Flask:
    return make_service(JWT_STORE_URL="memory://")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("body", [FORGED, {}, [FORGED], 5, True])
def test_json_is_no_verified_token(memory: Flask, body: Any) -> None:
    @memory.post("/next")
    def following() -> Any:
        return jsonify(
            fje.rotate_refresh_token(token=request.get_json()["refresh_token"])._asdict()
        )

    memory.testing = True
    with pytest.raises(TypeError, match="pass the token's text"):
        memory.test_client().post("/next", json={"refresh_token": body})
    with memory.test_request_context():
        for refused in (
            lambda: fje.revoke_token(body),
            lambda: fje.revoke_session(body),
            lambda: fje.revoke_all_for("ada", keep=body),
        ):
            with pytest.raises(TypeError, match="pass the token's text"):
                refused()
        for owner in (Subject("admin"), Subject("ada")):
            assert fje.get_store().list(owner, 0) == []


def test_claims_are_only_those_of_this_request(memory: Flask) -> None:
    with memory.test_request_context():
        other = fje.create_token_pair("bob").access_token
        pair = fje.create_token_pair("ada")
    with memory.test_request_context(headers=bearer(other)):
        fje.verify_jwt_in_request()
        kept = fje.get_jwt()
    with memory.test_request_context(headers=bearer(pair.refresh_token)):
        # Before anything is verified, there are none.
        for claims in (kept, dict(FORGED)):
            with pytest.raises(TypeError, match="pass the token's text"):
                fje.rotate_refresh_token(token=claims)
        fje.verify_jwt_in_request(refresh=True)
        for claims in (kept, dict(fje.get_jwt()), fje.decode_token(pair.access_token)):
            with pytest.raises(TypeError, match="pass the token's text"):
                fje.rotate_refresh_token(token=claims)
        assert fje.rotate_refresh_token(token=fje.get_jwt()) == fje.rotate_refresh_token()


def test_no_token_is_none_of_this_request(memory: Flask) -> None:
    with memory.test_request_context():
        fje.verify_jwt_in_request(optional=True)
        for token in (None, fje.get_jwt()):
            with pytest.raises(RuntimeError, match="has no token"):
                fje.revoke_token(token)


def test_a_token_that_was_authenticated(memory: Flask) -> None:
    manager: JWTManager = memory.extensions["flask-jwt-extended"]
    seen: list[Any] = []
    manager.user_lookup_loader(lambda header, claims: {"name": claims["sub"]})
    manager.user_identity_loader(lambda user: user["name"])
    manager.additional_claims_loader(lambda user: seen.append(user) or {})
    with memory.app_context():
        first = fje.create_token_pair({"name": "ada"})
        found = authenticate(first.refresh_token, refresh=True)
        assert isinstance(found, Authenticated)
        pair = fje.rotate_refresh_token(token=found)
        # With the user who was found, as in a request.
        assert seen[-1] is found.user
        fje.revoke_session(authenticate(pair.access_token))
    assert Client(memory).who(pair.access_token) == 401


def test_a_named_manager_s() -> None:
    store = MemoryStore()
    app = Flask("app")
    options = {"JWT_SECRET_KEY": SECRET, "JWT_REFRESH_ROTATION": True}
    app.config.update(options, JWT_MANAGERS={"partner": options})
    JWTManager(app, store=store)
    JWTManager(app, name="partner", store=store)
    with app.test_request_context():
        main, pair = fje.create_token_pair("ada"), fje.create_token_pair("ada", manager="partner")
    with app.test_request_context(headers=bearer(pair.refresh_token)):
        fje.verify_jwt_in_request(refresh=True, manager="partner")
        sid = fje.get_jwt()["sid"]
        # The token says whose it is.
        fje.rotate_refresh_token(token=fje.get_jwt())
        fje.revoke_session(fje.get_jwt())
        [record] = store.list(Subject("ada", manager="partner"), 0)
        assert record.what == Session(sid)
    with app.test_request_context(headers=bearer(main.refresh_token)):
        fje.verify_jwt_in_request(refresh=True)
        with pytest.raises(fje.exceptions.WrongTokenError, match="not meant"):
            fje.rotate_refresh_token(manager="partner")
