"""Whose tokens are revoked, and who is asked whether they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, jsonify
from service import SECRET, Client, make_service
from test_examples import load

import flask_jwt_extended as fje
from flask_jwt_extended import JWTManager
from flask_jwt_extended_rs.outside import OutsideJWTManager
from flask_jwt_extended_rs.stores import MemoryStore, Subject
from test_outside import FakeIssuer


@pytest.fixture
def memory() -> Flask:
    return make_service(JWT_STORE_URL="memory://")


@pytest.fixture
def logins() -> Iterator[list[FakeIssuer]]:
    logins = [FakeIssuer(), FakeIssuer()]
    yield logins
    for login in logins:
        login.server.shutdown()
        login.server.server_close()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_loader_that_makes_texts_of_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", SECRET)
    app = load("automatic_user_loading")
    app.config.update(JWT_STORE_URL="memory://", TESTING=True)

    @app.delete("/sessions")
    @fje.jwt_required()
    def log_out_everywhere() -> Any:
        fje.revoke_all_for(token=fje.get_jwt())
        return jsonify(done=True)

    @app.delete("/user")
    @fje.jwt_required()
    def of_user() -> Any:
        fje.revoke_all_for(fje.current_user)
        return jsonify(done=True)

    @app.delete("/mistaken")
    @fje.jwt_required()
    def mistaken() -> Any:
        fje.revoke_all_for(fje.get_jwt_identity())
        return jsonify(done=True)

    @app.delete("/subject")
    @fje.jwt_required()
    def of_subject() -> Any:
        fje.revoke_all_for(Subject(fje.get_jwt_identity()))
        return jsonify(done=True)

    client = app.test_client()

    def who(token: str) -> int:
        return client.get("/who_am_i", headers=bearer(token)).status_code

    for name, path in (("anna", "/sessions"), ("konstantin", "/user")):
        token = client.post(f"/login/{name}").get_json()["access_token"]
        with pytest.raises(RuntimeError, match=r"revoke_all_for\(token=get_jwt\(\)\)"):
            client.delete("/mistaken", headers=bearer(token))
        assert who(token) == 200
        assert client.delete(path, headers=bearer(token)).status_code == 200
        assert who(token) == 401
    with app.app_context():
        fje.get_store().restore(Subject("1"), fje.get_store().list(Subject("1"), 0)[0].what)
    token = client.post("/login/anna").get_json()["access_token"]
    assert client.delete("/subject", headers=bearer(token)).status_code == 200
    assert who(token) == 401


def test_a_fault_in_a_loader_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", SECRET)
    app = load("automatic_user_loading")
    app.config["JWT_STORE_URL"] = "memory://"
    with app.test_request_context(), pytest.raises(AttributeError):
        fje.revoke_all_for(object())


def test_it_must_be_said_whose(memory: Flask) -> None:
    with memory.test_request_context():
        token = fje.create_access_token("ada")
        both: dict[str, Any] = {"identity": "ada", "token": token}
        given: dict[str, Any]
        for given in ({}, {"token": None}, both):
            with pytest.raises(TypeError, match="one of the two"):
                fje.revoke_all_for(**given)
        fje.revoke_all_for(token=token)
    assert Client(memory).who(token) == 401


def test_of_a_named_manager() -> None:
    store = MemoryStore()
    app = Flask("app")
    options = {"JWT_SECRET_KEY": SECRET}
    app.config.update(options, JWT_MANAGERS={"partner": options})
    JWTManager(app, store=store)
    JWTManager(app, name="partner", store=store)
    ada = Subject("ada", manager="partner")
    with app.test_request_context():
        token = fje.create_access_token("ada", manager="partner")
    with app.test_request_context(headers=bearer(token)):
        fje.verify_jwt_in_request(manager="partner")
        # The token says whose it is.
        fje.revoke_all_for(token=fje.get_jwt())
        [record] = store.list(ada, 0)
        store.restore(ada, record.what)
        fje.revoke_all_for(ada)
        assert len(store.list(ada, 0)) == 1
        assert store.list(Subject("ada"), 0) == []
        with pytest.raises(ValueError, match="of another manager"):
            fje.revoke_all_for(Subject("ada"), manager="partner")


def test_the_app_s_own_blocklist_and_the_store_are_both_asked(memory: Flask) -> None:
    manager: JWTManager = memory.extensions["flask-jwt-extended"]
    blocked: set[str] = set()
    manager.token_in_blocklist_loader(lambda header, claims: claims["jti"] in blocked)
    client = Client(memory)
    first, second = client.login(), client.login()
    assert client.who(first["access_token"]) == 200
    assert client.post("/logout", first["access_token"]) == 200
    assert client.who(first["access_token"]) == 401
    with memory.app_context():
        blocked.add(fje.decode_token(second["access_token"])["jti"])
    assert client.who(second["access_token"]) == 401
    # What was used up is noticed on every route, as without a loader.
    _, third = client.refresh(first["refresh_token"])
    client.refresh(third["refresh_token"])
    assert client.refresh(first["refresh_token"])[0] == 401
    assert client.who(third["access_token"]) == 401


def test_what_the_app_s_own_blocklist_has_needs_no_store(memory: Flask) -> None:
    class Silent(MemoryStore):
        def status(self, token: Any) -> Any:
            raise AssertionError("asked")

    manager: JWTManager = memory.extensions["flask-jwt-extended"]
    token = Client(memory).login()["access_token"]
    manager.store = Silent()
    manager.token_in_blocklist_loader(lambda header, claims: True)
    assert Client(memory).who(token) == 401


def test_one_name_at_two_issuers_is_two_people(logins: list[FakeIssuer]) -> None:
    app = Flask("app")
    store = MemoryStore()
    manager = OutsideJWTManager(app, issuers=[login.issuer() for login in logins], store=store)

    @app.get("/who")
    @fje.jwt_required()
    def who() -> Any:
        return jsonify(fje.get_jwt_identity())

    @app.delete("/sessions")
    @fje.jwt_required()
    def log_out_everywhere() -> Any:
        fje.revoke_all_for(token=fje.get_jwt())
        return jsonify(done=True)

    client = app.test_client()
    ours, theirs = (bearer(login.token(jti="1", type="access")) for login in logins)
    assert client.delete("/sessions", headers=ours).status_code == 200
    assert client.get("/who", headers=ours).status_code == 401
    assert client.get("/who", headers=theirs).status_code == 200
    with app.app_context():
        with pytest.raises(RuntimeError, match="several issuers"):
            fje.revoke_all_for("anna")
        with pytest.raises(ValueError, match="none of this manager's issuers"):
            manager.subject("anna", issuer="https://elsewhere.example")
        assert len(store.list(manager.subject("anna", issuer=logins[0].url), 0)) == 1
        fje.revoke_all_for(manager.subject("anna", issuer=logins[1].url))
    assert client.get("/who", headers=theirs).status_code == 401


def test_a_name_at_the_only_issuer(logins: list[FakeIssuer]) -> None:
    app = Flask("app")
    app.config["JWT_MANAGERS"] = {"login": {"JWT_STORE_URL": "memory://"}}
    manager = OutsideJWTManager(app, issuers=[logins[0].issuer()], name="login")
    token = logins[0].token(jti="1", type="access")
    with app.test_request_context(headers=bearer(token)):
        fje.verify_jwt_in_request(manager="login")
        fje.revoke_all_for("anna", manager="login")
        assert len(fje.get_store("login").list(manager.subject("anna"), 0)) == 1
        with pytest.raises(fje.exceptions.RevokedTokenError):
            fje.verify_jwt_in_request(manager="login")
