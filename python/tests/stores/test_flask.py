"""Revocation and rotation as an app has them, on each store."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import jwt
import pytest
from flask import Flask, jsonify, make_response
from service import SECRET, Client, close_all, make_service

import flask_jwt_extended as fje
from flask_jwt_extended import JWTManager, decode_token
from flask_jwt_extended.exceptions import RevokedTokenError
from flask_jwt_extended_rs import authenticate
from flask_jwt_extended_rs.stores import (
    Everything,
    MemoryStore,
    RevocationStatus,
    RotationOutcome,
    Session,
    StoreUnavailable,
    Subject,
    Token,
)


@pytest.fixture
def service(store_options: dict[str, Any]) -> Iterator[Flask]:
    app = make_service(**store_options)
    yield app
    close_all(app)


@pytest.fixture
def client(service: Flask) -> Client:
    return Client(service)


@pytest.fixture
def memory() -> Flask:
    return make_service(JWT_STORE_URL="memory://")


def claims(app: Flask, token: str, **arguments: Any) -> Any:
    with app.test_request_context():
        return decode_token(token, allow_expired=True, **arguments)


def signed(claims: dict[str, Any], without: Sequence[str] = ()) -> str:
    """A token with exactly these claims, as others who know the secret might make it."""
    kept = {name: value for name, value in claims.items() if name not in without}
    return jwt.encode(kept, SECRET)


def test_logging_out(service: Flask, client: Client) -> None:
    pair = client.login()
    assert client.who(pair["access_token"]) == 200
    assert client.post("/logout", pair["access_token"]) == 200
    assert client.ask("GET", "/who", pair["access_token"]) == (
        401,
        {"msg": "Token has been revoked"},
    )
    status, second = client.refresh(pair["refresh_token"])
    assert status == 200
    assert client.post("/logout-session", second["access_token"]) == 200
    assert client.who(second["access_token"]) == 401
    assert client.refresh(second["refresh_token"])[0] == 401
    with service.app_context():
        known = claims(service, pair["access_token"])
        store, ada = fje.get_store(), Subject("ada")
        records = {record.what: record for record in store.list(ada, known["iat"])}
        assert records.keys() == {Token(known["jti"]), Session(known["sid"])}
        logout = records[Token(known["jti"])]
        assert (logout.by, logout.reason, logout.until) == ("flask", "logout", known["exp"])
        assert store.restore(ada, logout.what)
        assert store.restore(ada, Session(known["sid"]))
    assert client.who(pair["access_token"]) == 200


def test_logging_out_everywhere(client: Client) -> None:
    other, own = client.login(), client.login()
    assert client.post("/logout-everywhere", own["access_token"]) == 200
    assert client.who(own["access_token"]) == 200
    assert client.who(other["access_token"]) == 401
    assert client.refresh(other["refresh_token"])[0] == 401


def test_rotation(service: Flask, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    first = client.login()
    status, second = client.refresh(first["refresh_token"])
    assert status == 200
    # A second click gets the very same tokens.
    assert client.refresh(first["refresh_token"]) == (200, second)
    before, after = (claims(service, pair["refresh_token"]) for pair in (first, second))
    assert (after["sid"], after["auth_time"]) == (before["sid"], before["auth_time"])
    assert after["jti"] != before["jti"]
    assert claims(service, second["access_token"])["sid"] == before["sid"]
    _, third = client.refresh(second["refresh_token"])
    assert client.refresh(third["refresh_token"])[0] == 200
    with caplog.at_level(logging.WARNING, "flask_jwt_extended"):
        assert client.refresh(first["refresh_token"]) == (401, {"msg": "Token has been revoked"})
    assert before["sid"] in caplog.text
    assert "ada" not in caplog.text
    for token in (third["access_token"], second["access_token"]):
        assert client.who(token) == 401


def test_a_reuse_that_only_the_exchange_finds(
    memory: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(memory)
    first = client.login()["refresh_token"]
    _, second = client.refresh(first)
    client.refresh(second["refresh_token"])
    with memory.app_context():
        with caplog.at_level(logging.WARNING), pytest.raises(fje.exceptions.RevokedTokenError):
            fje.rotate_refresh_token(token=first)
        assert "two hold it" in caplog.text
        with pytest.raises(fje.exceptions.RevokedTokenError):
            fje.rotate_refresh_token(token=second["refresh_token"])


def test_what_rotated_tokens_have() -> None:
    app = Flask("app")
    app.config.update(
        JWT_SECRET_KEY=SECRET,
        JWT_STORE_URL="memory://",
        JWT_REFRESH_ROTATION=True,
        JWT_REFRESH_ROTATION_GRACE=timedelta(seconds=5),
        JWT_COOKIE_CSRF_PROTECT=False,
        JWT_ENCODE_NBF=False,
        JWT_REFRESH_TOKEN_EXPIRES=False,
        JWT_DECODE_LEEWAY=timedelta(seconds=1),
    )
    manager = JWTManager(app)
    seen: list[Any] = []

    @manager.additional_claims_loader
    def more(identity: Any) -> Any:
        seen.append(identity)
        return {"role": "admin", "jti": "of the app", "sid": "of the app"}

    with app.test_request_context():
        first = fje.create_refresh_token("ada", additional_claims={"aud": "here", "sid": "s"})
        pair = fje.rotate_refresh_token({"a": 1}, {"kid": "k"}, token=first, identity="her")
        again = fje.rotate_refresh_token(
            {"a": 1}, {"kid": "k"}, token=authenticate(first, refresh=True)
        )
        assert pair == again
        assert repr(pair) == "TokenPair(...)"
        for token in pair:
            found = decode_token(token)
            assert (found["sub"], found["role"], found["a"]) == ("ada", "admin", 1)
            assert (found["sid"], found["aud"]) == ("s", "here")
            assert found["jti"] != "of the app"
            assert "nbf" not in found
            assert "csrf" not in found
            assert fje.get_unverified_jwt_headers(token)["kid"] == "k"
        assert "exp" not in decode_token(pair.refresh_token)
        assert seen[1:3] == ["her", "her"]
        for name in ("jti", "sub", "exp"):
            with pytest.raises(ValueError, match=f"the claim {name} of a rotated token"):
                fje.rotate_refresh_token({name: 1}, token=pair.refresh_token)


def test_what_cannot_be_exchanged(memory: Flask) -> None:
    rotate = fje.rotate_refresh_token
    with memory.test_request_context():
        pair = fje.create_token_pair("ada")
        with pytest.raises(fje.exceptions.WrongTokenError):
            rotate(token=pair.access_token)
        known = decode_token(pair.refresh_token)
        with pytest.raises(fje.exceptions.JWTDecodeError, match="Missing claim: jti"):
            rotate(token=signed(known, without=["jti"]))
        undated = signed(known, without=["iat", "auth_time"])
        assert decode_token(rotate(token=undated).access_token)["auth_time"] >= known["iat"]
        # PyJWT takes a text for a date, too.
        for exp in (known["iat"] - 1, str(known["iat"] - 1), True):
            expired = fje.create_refresh_token("ada", additional_claims={"exp": exp})
            with pytest.raises(jwt.ExpiredSignatureError, match="Signature has expired"):
                rotate(token=expired)
        memory.config["JWT_SESSION_LIFETIME"] = 60
        with pytest.raises(jwt.ExpiredSignatureError, match="session has ended"):
            rotate(token=signed({**known, "auth_time": known["iat"] - 60}))
        memory.config["JWT_REFRESH_ROTATION"] = False
        with pytest.raises(RuntimeError, match="JWT_REFRESH_ROTATION is off"):
            rotate(token=pair.refresh_token)


def test_the_end_of_a_session(memory: Flask) -> None:
    memory.config["JWT_SESSION_LIFETIME"] = timedelta(hours=1)
    with memory.test_request_context():
        pair = fje.create_token_pair("ada", fresh=True)
        known = decode_token(pair.refresh_token)
        assert known["exp"] == known["auth_time"] + 3600
        assert decode_token(pair.access_token)["exp"] == known["iat"] + 900
        assert decode_token(pair.access_token)["fresh"] is True
        began = known["auth_time"] - 3000
        following = fje.rotate_refresh_token(token=signed({**known, "auth_time": began}))
        for token in following:
            assert decode_token(token)["exp"] == began + 3600


def test_no_token_outlives_its_session() -> None:
    app = make_service(
        JWT_SESSION_CLAIMS=True,
        JWT_SESSION_LIFETIME=timedelta(hours=1),
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(hours=2),
        JWT_REFRESH_ROTATION=False,
    )
    with app.test_request_context():
        session = decode_token(fje.create_access_token("ada"))
        end = session["auth_time"] + 3600
        for token in (
            fje.create_refresh_token("ada"),
            fje.create_refresh_token("ada", expires_delta=False),
            fje.create_access_token("ada", additional_claims={"sid": "own"}),
            *fje.create_token_pair("ada"),
        ):
            assert end <= decode_token(token)["exp"] <= end + 30
        short = fje.create_refresh_token("ada", expires_delta=timedelta(seconds=60))
        assert decode_token(short)["exp"] == decode_token(short)["iat"] + 60
        # Who writes it by hand means it.
        own = fje.create_refresh_token("ada", additional_claims={"exp": end + 7200})
        assert decode_token(own)["exp"] == end + 7200
        app.config["JWT_SESSION_CLAIMS"] = False
        # It begins a session; an access token alone is in none.
        assert decode_token(fje.create_refresh_token("ada"))["exp"] <= end + 30
        assert decode_token(fje.create_access_token("ada"))["exp"] >= end + 3600


def test_no_token_for_a_session_that_has_ended() -> None:
    app = make_service(JWT_SESSION_CLAIMS=True, JWT_REFRESH_ROTATION=False)
    app.extensions["flask-jwt-extended"].expired_token_loader(
        lambda header, data: (f"{header['alg']} {data['sub']}", 401)
    )
    app.add_url_rule(
        "/again", "again", fje.jwt_required(refresh=True)(lambda: fje.create_access_token("ada"))
    )
    with app.test_request_context():
        login = {"sid": "s", "auth_time": int(time.time()) - 3600}
        token = fje.create_refresh_token("ada", additional_claims=login)
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/again", headers=headers).status_code == 200
    app.config["JWT_SESSION_LIFETIME"] = 3600
    answer = app.test_client().get("/again", headers=headers)
    assert (answer.status_code, answer.text) == (401, "HS256 ada")


def test_every_refresh_token_of_a_request_is_good(memory: Flask) -> None:
    memory.config["JWT_SESSION_CLAIMS"] = True
    client = Client(memory)

    @memory.post("/several")
    @fje.jwt_required(optional=True)
    def several() -> Any:
        access = fje.create_access_token("ada")
        tokens = [fje.create_refresh_token("ada") for _ in range(2)]
        return jsonify(access=access, refresh=tokens, last=fje.create_access_token("ada"))

    made = client.ask("POST", "/several")[1]
    login, (first, second) = claims(memory, made["access"]), made["refresh"]
    # A logout ends the pair; two refresh tokens are of two logins.
    assert login["sid"] == claims(memory, first)["sid"] != claims(memory, second)["sid"]
    assert claims(memory, made["last"])["sid"] == claims(memory, second)["sid"]
    within = client.ask("POST", "/several", made["access"])[1]
    assert claims(memory, within["access"])["sid"] == login["sid"]
    assert claims(memory, within["refresh"][0])["sid"] != login["sid"]
    for token in (first, second, *within["refresh"]):
        status, pair = client.refresh(token)
        assert status == 200
        assert client.refresh(pair["refresh_token"])[0] == 200


class Forger(MemoryStore):
    successor = ""

    def rotate(self, rotation: Any) -> Any:
        return RotationOutcome.REPEATED, self.successor


def test_a_successor_that_nobody_wrote() -> None:
    uuid = "6f1b2c3d-0000-4000-8000-000000000001"
    uuids = ".".join([uuid] * 4)
    store = Forger()
    app = make_service(JWT_SESSION_LIFETIME=timedelta(days=40))
    app.extensions["flask-jwt-extended"].store = store
    with app.test_request_context():
        first = fje.create_token_pair("ada").refresh_token
        now = decode_token(first)["iat"]
        for text in (
            "",
            "nonsense",
            f"1.{uuids}.{now}.{now + 900}.-",
            f"1.{uuids}.{now}.{now + 900}.{now + 10**7}",
            f"1.{uuids}.{now + 90}.{now + 900}.{now + 900}",
        ):
            store.successor = text
            with pytest.raises(StoreUnavailable, match="nobody here wrote"):
                fje.rotate_refresh_token(token=first)
        store.successor = f"1.{uuids}.{now}.{now + 900}.{now + 900}"
        assert decode_token(fje.rotate_refresh_token(token=first).access_token)["jti"] == uuid


def test_rotation_wants_a_store() -> None:
    app = make_service()
    with app.test_request_context():
        for create in (fje.create_refresh_token, fje.create_token_pair):
            with pytest.raises(RuntimeError, match="set JWT_STORE_URL"):
                create("ada")
        app.config["JWT_REFRESH_ROTATION"] = False
        refresh, access = fje.create_refresh_token("ada"), fje.create_access_token("ada")
        app.config["JWT_REFRESH_ROTATION"] = True
    client = Client(app)
    assert client.who(access) == 200
    app.testing = True
    with pytest.raises(RuntimeError, match="set JWT_STORE_URL"):
        client.refresh(refresh)


def test_one_refresh_token_for_two_tokens_only(memory: Flask) -> None:
    @memory.post("/by-hand")
    @fje.jwt_required(refresh=True)
    def by_hand() -> Any:
        return jsonify(fje.create_access_token(fje.get_jwt_identity()))

    memory.testing = True
    with pytest.raises(RuntimeError, match="call rotate_refresh_token"):
        Client(memory).post("/by-hand", Client(memory).login()["refresh_token"])


def test_cookies() -> None:
    app = make_service(JWT_STORE_URL="memory://", JWT_TOKEN_LOCATION=["cookies"])

    def answer(pair: fje.TokenPair) -> Any:
        response = make_response({})
        fje.set_access_cookies(response, pair.access_token)
        fje.set_refresh_cookies(response, pair.refresh_token)
        return response

    app.add_url_rule("/in", "in", lambda: answer(fje.create_token_pair("ada")), methods=["POST"])
    app.add_url_rule(
        "/next",
        "next",
        fje.jwt_required(refresh=True)(lambda: answer(fje.rotate_refresh_token())),
        methods=["POST"],
    )
    client = app.test_client()
    client.post("/in")
    for _ in range(3):
        csrf = client.get_cookie("csrf_refresh_token")
        assert csrf is not None
        headers = {"X-CSRF-TOKEN": csrf.value}
        assert client.post("/next", headers=headers).status_code == 200
        assert client.get("/who").status_code == 200


def test_session_claims() -> None:
    app = make_service(JWT_SESSION_CLAIMS=True, JWT_REFRESH_ROTATION=False)

    @app.post("/both")
    def both() -> Any:
        tokens = (fje.create_access_token("ada"), fje.create_refresh_token("ada"))
        return jsonify(access=tokens[0], refresh=tokens[1], other=fje.create_access_token("bob"))

    @app.post("/again")
    @fje.jwt_required(refresh=True)
    def again() -> Any:
        return jsonify(fje.create_access_token("ada"), fje.create_access_token("bob"))

    client = Client(app)
    made = client.ask("POST", "/both")[1]
    found = {name: claims(app, token) for name, token in made.items()}
    assert found["access"]["sid"] == found["refresh"]["sid"] != found["other"]["sid"]
    own, others = client.ask("POST", "/again", made["refresh"])[1]
    for name in ("sid", "auth_time"):
        assert claims(app, own)[name] == found["refresh"][name]
    assert claims(app, others)["sid"] not in (found["refresh"]["sid"], found["other"]["sid"])
    with app.app_context():
        given = fje.create_access_token("ada", additional_claims={"sid": "own"})
        assert decode_token(given)["sid"] == "own"


def test_named_managers() -> None:
    store = MemoryStore()
    app = Flask("app")
    app.config.update(JWT_SECRET_KEY=SECRET)
    options = {"JWT_SECRET_KEY": SECRET, "JWT_REFRESH_ROTATION": True}
    app.config["JWT_MANAGERS"] = {
        "partner": options,
        "staff": {**options, "JWT_STORE_URL": "memory:"},
    }
    JWTManager(app, store=store)
    JWTManager(app, name="partner", store=store)
    JWTManager(app, name="staff")
    with app.test_request_context():
        assert fje.get_store() is fje.get_store("partner") is store
        assert fje.get_store("staff") is fje.get_store("staff") is not store
        main, pair = fje.create_token_pair("ada"), fje.create_token_pair("ada", manager="partner")
        second = fje.rotate_refresh_token(token=pair.refresh_token, manager="partner")
        third = fje.rotate_refresh_token(token=second.refresh_token, manager="partner")
        fje.verify_jwt_in_request(locations=["headers"], optional=True)
        fje.revoke_session(third.access_token, manager="partner", by="x")
        ref = decode_token(third.access_token, manager="partner")
        [record] = store.list(Subject("ada", manager="partner"), ref["iat"])
        assert (record.what, record.by) == (Session(ref["sid"]), "x")
        assert store.list(Subject("ada"), ref["iat"]) == []
        fje.revoke_all_for("ada", manager="partner")
        fje.revoke_token(main.access_token)
        assert len(store.list(Subject("ada", manager="partner"), ref["iat"])) == 2
        assert len(store.list(Subject("ada"), ref["iat"])) == 1


def test_what_cannot_be_revoked(memory: Flask) -> None:
    with memory.test_request_context():
        plain = fje.create_access_token("ada")
        with pytest.raises(RuntimeError, match="no session"):
            fje.revoke_session(plain)
        with pytest.raises(RuntimeError, match="to keep has no session"):
            fje.revoke_all_for("ada", keep=plain)
        with pytest.raises(RuntimeError, match="no `jti`"):
            fje.revoke_token(signed({"sub": "ada", "type": "access"}))
        fje.verify_jwt_in_request(optional=True)
        with pytest.raises(RuntimeError, match="has no token"):
            fje.revoke_token()


@pytest.mark.parametrize(
    ("identity", "text"),
    [
        ("ada", "ada"),
        (5, "5"),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        (1e-07, "1e-7"),
        (1e16, "1e16"),
        ({"b": [1, "é"], "a": "\n"}, '{"a":"\\n","b":[1,"é"]}'),
    ],
)
def test_identities_have_one_name(memory: Flask, identity: Any, text: str) -> None:
    memory.config.update(JWT_VERIFY_SUB=False, JWT_REFRESH_TOKEN_EXPIRES=False)
    with memory.test_request_context():
        fje.revoke_all_for(identity)
        [record] = fje.get_store().list(Subject(text), 0)
        assert isinstance(record.what, Everything)
        assert record.until is None
        token = fje.create_access_token(identity)
    assert Client(memory).who(token) == 401


@pytest.mark.parametrize(
    "identity", [UUID(int=5), date(2026, 1, 2), Decimal("1.50"), {1: 2}, (1, 2)]
)
def test_identities_have_the_name_that_is_in_their_tokens(memory: Flask, identity: Any) -> None:
    memory.config.update(JWT_VERIFY_SUB=False, JWT_SESSION_CLAIMS=True)
    with memory.test_request_context():
        token = fje.create_access_token(identity)
        fje.revoke_all_for(identity)
    assert Client(memory).who(token) == 401


def test_a_session_goes_on_for_an_identity_that_json_has_no_type_for(memory: Flask) -> None:
    memory.config.update(JWT_SESSION_CLAIMS=True, JWT_REFRESH_ROTATION=False)
    user = UUID(int=5)
    with memory.test_request_context():
        first = fje.create_refresh_token(user)
    with memory.test_request_context(headers={"Authorization": f"Bearer {first}"}):
        fje.verify_jwt_in_request(refresh=True)
        second = fje.create_access_token(user)
    assert claims(memory, second)["sid"] == claims(memory, first)["sid"]


def test_a_session_that_is_revoked_is_not_kept(memory: Flask) -> None:
    with memory.test_request_context():
        stolen = fje.create_token_pair("ada")
        # As a WebSocket has them that was opened in time.
        held = authenticate(stolen.access_token)
        fje.revoke_all_for("ada")
        for keep in (held, stolen.refresh_token):
            with pytest.raises(RevokedTokenError):
                fje.revoke_all_for("ada", keep=keep)
    assert Client(memory).who(stolen.access_token) == 401


def test_tokens_that_outlive_the_configured_lifetimes(memory: Flask) -> None:
    with memory.test_request_context():
        store = fje.get_store()
        year = timedelta(days=365)
        token = fje.create_access_token("ada", expires_delta=False)
        fje.revoke_all_for("ada", longest_life=year)
        store.purge(time.time() + timedelta(days=364).total_seconds())
        assert Client(memory).who(token) == 401
        fje.revoke_all_for("ada", longest_life=False)
        store.purge(time.time() + timedelta(days=36500).total_seconds())
        assert Client(memory).who(token) == 401
        pair = fje.create_token_pair("bea")
        fje.revoke_session(pair.access_token, longest_life=False)
        store.purge(time.time() + timedelta(days=36500).total_seconds())
        assert Client(memory).who(pair.access_token) == 401


def test_dates_that_are_none(memory: Flask) -> None:
    with memory.test_request_context():
        fje.revoke_all_for("ada")
        for iat in (True, 10**400, "1"):
            claims = {"sub": "ada", "iat": iat, "jti": 5, "type": None}
            assert memory.extensions["flask-jwt-extended"]._token_in_blocklist_callback({}, claims)


class Down(MemoryStore):
    def status(self, token: Any) -> RevocationStatus:
        raise StoreUnavailable("the cable with the password hunter2 is cut")


@pytest.mark.parametrize("style", ["flask", "native"])
@pytest.mark.parametrize("exceptions", [False, True])
def test_a_store_that_is_down(
    style: str, exceptions: bool, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_service(
        JWT_ERROR_STYLE=style, JWT_HTTP_EXCEPTIONS=exceptions, JWT_REFRESH_ROTATION=False
    )
    manager = app.extensions["flask-jwt-extended"]
    manager.store = Down()
    headers = {"Authorization": f"Bearer {Client(app).login()['access_token']}"}
    response = app.test_client().get("/who", headers=headers)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert response.json is not None
    assert response.json["msg"] == "The token cannot be checked at the moment"
    assert response.json.get("error") == ("store_unavailable" if style == "native" else None)
    assert "the cable" in caplog.text
    manager.store_unavailable_loader(lambda reason: ("later", 599))
    assert app.test_client().get("/who", headers=headers).status_code == 599


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("mongodb://x", "must begin with memory:"),
        ("hunter2", "must begin with memory:"),
        ("redis://localhost", "subject key of at least 16 bytes"),
        ("sqlite://", "needs a file"),
    ],
)
def test_urls_that_are_none(url: str, text: str) -> None:
    app = make_service(JWT_STORE_URL=url)
    with app.app_context(), pytest.raises((RuntimeError, ValueError), match=text) as caught:
        fje.get_store()
    assert "hunter2" not in str(caught.value)
