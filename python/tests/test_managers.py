"""Several managers in one app: each with keys, options, cookies, callbacks and answers of its own."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import jwt as pyjwt
import pytest
import time_machine
from flask import Flask, Response, g, jsonify
from flask.testing import FlaskClient

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    current_user,
    decode_token,
    get_csrf_token,
    get_jti,
    get_jwt,
    get_jwt_identity,
    jwt_required,
    set_access_cookies,
    set_refresh_cookies,
    unset_jwt_cookies,
    verify_jwt_in_request,
)
from flask_jwt_extended.config import config
from flask_jwt_extended.exceptions import JWTDecodeError
from flask_jwt_extended_rs import _engine

MAIN = "the-main-manager-s-secret-of-32-bytes-and-more"
PARTNER = "the-partners-secret-of-32-bytes-and-more"


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = MAIN
    app.config["JWT_TOKEN_LOCATION"] = ["headers", "cookies"]
    app.config["JWT_MANAGERS"] = {
        "partner": {
            "JWT_SECRET_KEY": PARTNER,
            "JWT_TOKEN_LOCATION": ["headers", "cookies"],
            "JWT_IDENTITY_CLAIM": "firm",
            "JWT_ERROR_MESSAGE_KEY": "why",
        }
    }
    main = JWTManager(app)
    partner = JWTManager(app, name="partner")

    @main.user_lookup_loader
    def load_user(header: dict[str, Any], claims: dict[str, Any]) -> str | None:
        return f"user {claims['sub']}"

    @partner.user_lookup_loader
    def load_firm(header: dict[str, Any], claims: dict[str, Any]) -> str | None:
        return None if claims["firm"] == "gone" else f"firm {claims['firm']}"

    @partner.expired_token_loader
    def expired(header: dict[str, Any], claims: dict[str, Any]) -> tuple[Response, int]:
        return jsonify(expired=claims["firm"], key=config.error_msg_key), 418

    def tell() -> Response:
        return jsonify(
            identity=get_jwt_identity(), user=str(current_user), mgr=get_jwt().get("mgr")
        )

    app.add_url_rule("/main", "main", jwt_required()(tell), methods=["GET", "POST"])
    app.add_url_rule(
        "/partner", "partner", jwt_required(manager="partner")(tell), methods=["GET", "POST"]
    )

    @app.route("/partner-or-nobody")
    @jwt_required(optional=True, manager="partner")
    def partner_or_nobody() -> Response:
        return jsonify(identity=get_jwt_identity())

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_each_has_its_own_tokens_users_and_identities(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        main, partner = create_access_token("ada"), create_access_token("acme", manager="partner")
    assert client.get("/main", headers=headers(main)).json == {
        "identity": "ada",
        "user": "user ada",
        "mgr": None,
    }
    assert client.get("/partner", headers=headers(partner)).json == {
        "identity": "acme",
        "user": "firm acme",
        "mgr": "partner",
    }


def test_neither_takes_the_others_tokens(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        main, partner = create_access_token("ada"), create_access_token("acme", manager="partner")
    answer = client.get("/main", headers=headers(partner))
    assert (answer.status_code, answer.json) == (422, {"msg": "Signature verification failed"})
    answer = client.get("/partner", headers=headers(main))
    assert (answer.status_code, answer.json) == (422, {"why": "Signature verification failed"})


@pytest.mark.parametrize("slow", [False, True], ids=["engine", "PyJWT"])
def test_not_even_where_they_share_a_secret(
    app: Flask, client: FlaskClient, slow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["JWT_MANAGERS"]["partner"].update(JWT_SECRET_KEY=MAIN, JWT_IDENTITY_CLAIM="sub")
    app.config["JWT_MANAGERS"]["other"] = {"JWT_SECRET_KEY": MAIN}
    JWTManager(app, name="other")
    if slow:
        monkeypatch.setattr(pyjwt, "decode", lambda *a, **k: pyjwt.api_jwt.decode(*a, **k))
    with app.app_context():
        main = create_access_token("ada")
        partner = create_access_token("acme", manager="partner")
        other = create_access_token("acme", manager="other")
        null = pyjwt.encode({**decode_token(main), "mgr": None}, MAIN)
        assert decode_token(partner, manager="partner")["mgr"] == "partner"
        for token, manager in [
            (main, "partner"),
            (null, "partner"),
            (other, "partner"),
            (partner, None),
            (null, None),
            (partner, "other"),
        ]:
            with pytest.raises(JWTDecodeError, match="not meant for this part of the service"):
                decode_token(token, manager=manager)
    assert client.get("/main", headers=headers(partner)).status_code == 422
    assert client.get("/partner", headers=headers(other)).status_code == 422


def test_the_name_in_a_token_is_not_the_callers_to_choose(app: Flask) -> None:
    with app.app_context():
        token = create_access_token("acme", additional_claims={"mgr": "x"}, manager="partner")
        assert decode_token(token, manager="partner")["mgr"] == "partner"
        with pytest.warns(UserWarning, match='The claim "mgr" names the manager'):
            token = create_access_token("ada", additional_claims={"mgr": "x"})
        with pytest.raises(JWTDecodeError):
            decode_token(token)


def test_keys_are_never_the_main_managers(app: Flask) -> None:
    app.secret_key = "flask-s-own-secret-of-32-bytes-and-more"
    app.config["JWT_PRIVATE_KEY"] = app.config["JWT_PUBLIC_KEY"] = "a key of the main manager"
    del app.config["JWT_MANAGERS"]["partner"]["JWT_SECRET_KEY"]
    with app.app_context():
        with pytest.raises(RuntimeError, match="JWT_SECRET_KEY"):
            create_access_token("acme", manager="partner")
        app.config["JWT_MANAGERS"]["partner"]["JWT_ALGORITHM"] = "RS256"
        with pytest.raises(RuntimeError, match="JWT_PRIVATE_KEY"):
            create_access_token("acme", manager="partner")


def test_options_are_read_at_every_use(app: Flask) -> None:
    with app.app_context():
        token = create_access_token("acme", manager="partner")
        app.config["JWT_MANAGERS"]["partner"]["JWT_SECRET_KEY"] = MAIN
        with pytest.raises(pyjwt.InvalidSignatureError):
            decode_token(token, manager="partner")
        app.config["JWT_MANAGERS"] = {
            "partner": {"JWT_SECRET_KEY": PARTNER, "JWT_IDENTITY_CLAIM": "firm"}
        }
        assert decode_token(token, manager="partner")["firm"] == "acme"


def test_answers_are_those_of_the_manager_that_refused(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        gone = create_access_token("gone", manager="partner")
        expired = create_access_token(
            "acme", expires_delta=timedelta(seconds=-1), manager="partner"
        )
    assert client.get("/main").json == {
        "msg": "Missing JWT in headers or cookies (Missing Authorization Header; Missing cookie "
        '"access_token_cookie")'
    }
    assert "partner_access_token_cookie" in client.get("/partner").json["why"]
    assert client.get("/partner", headers=headers(gone)).json == {
        "why": "Error loading the user gone"
    }
    answer = client.get("/partner", headers=headers(expired))
    assert (answer.status_code, answer.json) == (418, {"expired": "acme", "key": "why"})


def test_what_is_optional_is_optional(app: Flask, client: FlaskClient) -> None:
    assert client.get("/partner-or-nobody").json == {"identity": None}
    with app.app_context():
        main = create_access_token("ada")
    assert client.get("/partner-or-nobody", headers=headers(main)).status_code == 422


def test_cookies_are_named_after_the_manager(app: Flask, client: FlaskClient) -> None:
    @app.route("/login", methods=["POST"])
    def login() -> Response:
        answer = jsonify(login=True)
        set_access_cookies(answer, create_access_token("ada"))
        partner = create_access_token("acme", manager="partner")
        set_access_cookies(answer, partner, manager="partner")
        set_refresh_cookies(
            answer, create_refresh_token("acme", manager="partner"), manager="partner"
        )
        g.csrf = get_csrf_token(partner, manager="partner")
        answer.headers["X-Partner-CSRF"] = g.csrf
        assert get_jti(partner, manager="partner")
        return answer

    @app.route("/logout", methods=["POST"])
    def logout() -> Response:
        answer = jsonify(login=False)
        unset_jwt_cookies(answer, manager="partner")
        return answer

    answer = client.post("/login")
    assert cookies(answer) == {
        "access_token_cookie",
        "csrf_access_token",
        "partner_access_token_cookie",
        "partner_csrf_access_token",
        "partner_refresh_token_cookie",
        "partner_csrf_refresh_token",
    }
    assert client.get("/main").json["identity"] == "ada"
    assert client.get("/partner").json["identity"] == "acme"
    assert client.post("/partner").json == {"why": "Missing CSRF token"}
    csrf = {"X-CSRF-TOKEN": answer.headers["X-Partner-CSRF"]}
    assert client.post("/partner", headers=csrf).status_code == 200
    assert client.post("/main", headers=csrf).json == {
        "msg": "CSRF double submit tokens do not match"
    }

    assert cookies(client.post("/logout")) == {
        "partner_access_token_cookie",
        "partner_csrf_access_token",
        "partner_refresh_token_cookie",
        "partner_csrf_refresh_token",
    }
    assert client.get("/main").status_code == 200
    assert client.get("/partner").status_code == 401


def test_cookies_can_be_named(app: Flask) -> None:
    app.config["JWT_MANAGERS"]["partner"]["JWT_ACCESS_COOKIE_NAME"] = "acme"
    with app.app_context():
        answer = Response()
        unset_jwt_cookies(answer, manager="partner")
    assert "acme" in cookies(answer)
    assert "partner_access_token_cookie" not in cookies(answer)


def test_a_call_in_a_view_is_about_the_main_manager_again(app: Flask) -> None:
    with app.test_request_context(headers=headers(_partners_token(app))):
        verify_jwt_in_request(manager="partner")
        assert get_jwt_identity() == "acme"
        assert "mgr" not in decode_token(create_access_token("ada"))
    # Something that tests write themselves.
    with app.test_request_context():
        g._jwt_extended_jwt = {"sub": "ada", "mgr": "nobody knows it"}
        assert get_jwt_identity() == "ada"


def test_errors_that_nobody_refused_are_the_main_managers(app: Flask, client: FlaskClient) -> None:
    @app.route("/foreign")
    def foreign() -> None:
        pyjwt.decode("no token", "", algorithms=["HS256"])

    assert client.get("/foreign").json == {"msg": "Not enough segments"}


def test_named_managers_alone() -> None:
    app = Flask(__name__)
    app.config["JWT_MANAGERS"] = {"partner": {"JWT_SECRET_KEY": PARTNER}}
    JWTManager(app, name="partner", add_context_processor=True)

    @app.route("/")
    @jwt_required(manager="partner")
    def index() -> str:
        return str(get_jwt_identity())

    @app.route("/foreign")
    def foreign() -> None:
        pyjwt.decode("no token", "", algorithms=["HS256"])

    client = app.test_client()
    assert client.get("/").json == {"msg": "Missing Authorization Header"}
    assert client.get("/", headers=headers(_partners_token(app))).text == "acme"
    assert client.get("/foreign").json == {"msg": "Not enough segments"}


def test_what_is_missing_or_misspelt_is_told(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(
            RuntimeError, match=r"no manager of the name 'x' \(named ones: 'partner'\)"
        ):
            create_access_token("ada", manager="x")
        JWTManager(app, name="x")
        with pytest.raises(
            RuntimeError, match=r'set app\.config\["JWT_MANAGERS"\]\["x"\] to a dict'
        ):
            create_access_token("ada", manager="x")
    with pytest.raises(ValueError, match="letters, digits, - and _, and not 'a b'"):
        JWTManager(name="a b")
    app.config["JWT_MANAGERS"]["y"] = {"JWT_SECRET_KEY": PARTNER, "JWT_DECODE_ISUER": "z"}
    with pytest.warns(
        UserWarning, match="JWT_DECODE_ISUER is not an option; did you mean JWT_DECODE_ISSUER?"
    ):
        JWTManager(app, name="y")
    app.config["JWT_MANAGERS"]["y"] = {"JWT_SECRET_KEY": PARTNER, "SOMETHING": 1}
    with pytest.warns(UserWarning, match="SOMETHING is not an option$"):
        JWTManager(app, name="y")


def test_one_manager_serves_several_apps(app: Flask) -> None:
    partner = JWTManager(name="partner")
    tokens = []
    for secret in (MAIN, PARTNER):
        one = Flask(__name__)
        one.config["JWT_MANAGERS"] = {"partner": {"JWT_SECRET_KEY": secret}}
        partner.init_app(one)
        tokens.append(_partners_token(one))
        with one.app_context():
            assert decode_token(tokens[-1], manager="partner")["sub"] == "acme"
    with app.app_context(), pytest.raises(pyjwt.InvalidSignatureError):
        decode_token(tokens[0], manager="partner")


def test_patched_functions_need_not_know_of_managers(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verify(
        optional: bool, fresh: bool, refresh: bool, locations: Any, verify_type: bool, skip: bool
    ) -> None:
        g._jwt_extended_jwt = {"sub": "patched"}
        g._jwt_extended_jwt_user = {"loaded_user": None}

    monkeypatch.setattr("flask_jwt_extended.view_decorators.verify_jwt_in_request", verify)
    assert app.test_client().get("/main").json["identity"] == "patched"


# Made by the Rust library: `Config::flask()` with this secret, `manager_name("partner")`, and an
# access token for "acme" with `never_expires()`.
RUST = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJmcmVzaCI6ZmFsc2UsImlhdCI6MTc5NTMyNzAwMCwianRpIjoiM"
    "DU5ZWVkM2QtOTM1NS00NjJmLWIxMTktNDZkNzNmYTkwY2QyIiwidHlwZSI6ImFjY2VzcyIsInN1YiI6ImFjbWUiLCJ"
    "uYmYiOjE3OTUzMjcwMDAsImNzcmYiOiJhOWMzYzUwNi05MTM2LTQ5NjctYWM4ZC03NDM1Mjk5YTM3YjEiLCJtZ3IiO"
    "iJwYXJ0bmVyIn0.sZeTnhIG5iFGpnx5kuUSQQUScsioAwyBPxDUmr-7aB0"
)


@time_machine.travel(1_795_327_100)
def test_tokens_of_the_rust_library(app: Flask, client: FlaskClient) -> None:
    app.config["JWT_MANAGERS"]["partner"]["JWT_IDENTITY_CLAIM"] = "sub"
    app.extensions["flask-jwt-extended-rs"]["partner"].user_lookup_loader(
        lambda header, claims: "acme"
    )
    assert client.get("/partner", headers=headers(RUST)).json["mgr"] == "partner"
    app.config["JWT_SECRET_KEY"] = PARTNER
    assert client.get("/main", headers=headers(RUST)).json == {
        "msg": "The token is not meant for this part of the service"
    }


def test_the_engine_takes_what_flask_made(app: Flask) -> None:
    def engine(name: str | None) -> _engine.Verifier:
        return _engine.Verifier(
            [PARTNER],
            ["HS256"],
            audience=None,
            issuer=None,
            leeway=0,
            verify_sub=True,
            identity_claim="firm",
            manager=name,
        )

    token = _partners_token(app)
    now = pyjwt.decode(token, options={"verify_signature": False})["iat"] + 1
    assert engine("partner").decode(token, now)[1]["firm"] == "acme"
    for name in ("other", None):
        with pytest.raises(JWTDecodeError):
            engine(name).decode(token, now)


def cookies(response: Any) -> set[str]:
    return {name for line in response.headers.getlist("Set-Cookie") for name in SimpleCookie(line)}


def _partners_token(app: Flask) -> str:
    with app.app_context():
        return create_access_token("acme", manager="partner")
