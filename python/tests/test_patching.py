"""Whatever public tests and apps put in the place of our functions is used."""

from __future__ import annotations

import uuid
from typing import Any
from unittest.mock import Mock, PropertyMock, patch

import jwt
import pytest
from flask import Config, Flask, Request, g, has_app_context, has_request_context, request
from werkzeug.datastructures import EnvironHeaders

import flask_jwt_extended
from apps import SECRET, access, get, make_app
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    decode_token,
    jwt_required,
    verify_jwt_in_request,
)
from flask_jwt_extended.config import _Config, config
from flask_jwt_extended.exceptions import CSRFError, NoAuthorizationError, RevokedTokenError

VIEWS = "flask_jwt_extended.view_decorators"
MANAGER = "flask_jwt_extended.jwt_manager"


@pytest.fixture
def app() -> Flask:
    return make_app()


def test_verify_jwt_in_request_of_a_view_that_is_decorated_already(app: Flask) -> None:
    def claim_to_be_bob(*_: Any) -> None:
        g._jwt_extended_jwt = {"sub": "bob"}

    with patch(f"{VIEWS}.verify_jwt_in_request", side_effect=claim_to_be_bob) as replaced:
        assert get(app, None) == (200, {"who": "bob", "where": None})
    replaced.assert_called_once_with(False, False, False, None, True, False)
    assert get(app, None)[0] == 401


@pytest.mark.parametrize(
    "name", ["get_jwt_identity", "get_jwt", "create_access_token", "decode_token", "jwt_required"]
)
def test_names_of_the_package_are_plain_attributes(name: str) -> None:
    with patch(f"flask_jwt_extended.{name}", return_value="patched"):
        assert getattr(flask_jwt_extended, name)() == "patched"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_decode_jwt_from_request", ({"sub": "bob"}, {"alg": "none"}, "pocket")),
        ("decode_token", {"sub": "bob", "type": "access", "fresh": False, "jti": None}),
        ("_decode_jwt_from_headers", ("%TOKEN%", None)),
        ("_load_user", {"loaded_user": "bob"}),
    ],
)
def test_steps_of_a_verification(app: Flask, name: str, value: Any) -> None:
    token = access(app, "bob")
    if name == "_decode_jwt_from_headers":
        value = (token, None)
    headers = {} if name == "_decode_jwt_from_headers" else {"Authorization": f"Bearer {token}"}
    with (
        app.test_request_context(headers=headers),
        patch(f"{VIEWS}.{name}", return_value=value) as it,
    ):
        verified = verify_jwt_in_request()
        assert it.called
        assert verified is not None
        assert verified[1]["sub"] == "bob"
        assert g._jwt_extended_jwt_user == (value if name == "_load_user" else None)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("_decode_jwt_from_cookies", "cookies"),
        ("_decode_jwt_from_query_string", "query_string"),
        ("_decode_jwt_from_json", "json"),
    ],
)
def test_finders(app: Flask, name: str, place: str) -> None:
    with app.test_request_context(), patch(f"{VIEWS}.{name}", return_value=(access(app), None)):
        assert verify_jwt_in_request(locations=place) is not None
        assert g._jwt_extended_jwt_location == place


@pytest.mark.parametrize(
    "name",
    ["verify_token_type", "verify_token_not_blocklisted", "custom_verification_for_token"],
)
def test_checks(app: Flask, name: str) -> None:
    token = access(app)
    with patch(f"{VIEWS}.{name}", side_effect=RevokedTokenError({}, {})):
        assert get(app, token) == (401, {"msg": "Token has been revoked"})


class _Tenants(Config):
    """A key for each tenant: which one it is, is known when the request is read."""

    def __getitem__(self, name: str) -> Any:
        if name == "JWT_SECRET_KEY" and has_app_context() and "tenant" in g:
            return g.tenant * 40
        return super().__getitem__(name)


class _TenantInBody(Request):
    def get_json(self, *arguments: Any, **options: Any) -> Any:
        body = super().get_json(*arguments, **options)
        g.tenant = body["tenant"]
        return body


class _TenantInHeader(Request):
    # In Werkzeug it is a plain attribute.
    @property
    def headers(self) -> Any:  # type: ignore[override]
        g.tenant = self.environ["HTTP_X_TENANT"]
        return EnvironHeaders(self.environ)

    @headers.setter
    def headers(self, value: Any) -> None:
        pass


class _PlacesByRequest(Config):
    def __getitem__(self, name: str) -> Any:
        if name == "JWT_TOKEN_LOCATION" and has_request_context():
            return request.headers.get("X-Places", "headers").split()
        return super().__getitem__(name)


@pytest.mark.parametrize("read", [_TenantInBody, _TenantInHeader])
def test_the_key_is_asked_for_when_the_token_was_found(read: type[Request]) -> None:
    class App(Flask):
        config_class = _Tenants
        request_class = read

    app = App(__name__)
    app.config["JWT_SECRET_KEY"] = SECRET
    app.config["JWT_TOKEN_LOCATION"] = ["json"] if read is _TenantInBody else ["headers"]
    JWTManager(app)
    app.post("/")(jwt_required()(lambda: "good"))
    tokens = {}
    for tenant in "ab":
        with app.app_context():
            g.tenant = tenant
            tokens[tenant] = create_access_token("ada")
    for tenant in "abba":
        for whose, token in tokens.items():
            response = app.test_client().post(
                "/",
                headers={"Authorization": f"Bearer {token}", "X-Tenant": tenant},
                json={"access_token": token, "tenant": tenant},
            )
            assert (response.status_code == 200) is (whose == tenant)


def test_places_that_another_class_of_options_tells() -> None:
    class App(Flask):
        config_class = _PlacesByRequest

    app = App(__name__)
    app.config["JWT_SECRET_KEY"] = SECRET
    JWTManager(app)
    token = access(app)
    for places in ("headers", "cookies", "headers"):
        headers = {"Authorization": f"Bearer {token}", "X-Places": places}
        with app.test_request_context(headers=headers):
            if places == "headers":
                assert verify_jwt_in_request() is not None
            else:
                with pytest.raises(NoAuthorizationError, match="Missing cookie"):
                    verify_jwt_in_request()
    with app.app_context():
        assert decode_token(token)["sub"] == "ada"


def test_options_in_the_place_of_ours(app: Flask) -> None:
    ada, eve = access(app), access(app, "eve")
    headers = {"Authorization": f"Bearer {eve}", "X-Token": f"Bearer {ada}"}
    with app.test_request_context(headers=headers), patch(f"{VIEWS}.config") as replaced:
        replaced.header_name, replaced.header_type = "X-Token", "Bearer"
        replaced.token_location, replaced.exempt_methods = ["headers"], set()
        assert (verify_jwt_in_request() or ({}, {}))[1]["sub"] == "ada"


def test_a_manager_in_the_place_of_ours_loads_the_user(app: Flask) -> None:
    other = JWTManager()
    other.user_lookup_loader(lambda _header, claims: claims["sub"].upper())
    headers = {"Authorization": f"Bearer {access(app, 'bob')}"}
    replaced = patch("flask_jwt_extended.internal_utils.get_jwt_manager", return_value=other)
    with app.test_request_context(headers=headers), replaced:
        assert verify_jwt_in_request() is not None
        assert g._jwt_extended_jwt_user == {"loaded_user": "BOB"}


def test_no_token_is_no_token_whatever_the_key(app: Flask) -> None:
    app.config["JWT_DECODE_ALGORITHMS"] = 5
    with app.test_request_context():
        assert verify_jwt_in_request(optional=True) is None
        with pytest.raises(NoAuthorizationError):
            verify_jwt_in_request()


def test_a_csrf_value_that_only_a_form_has() -> None:
    app = make_app(TOKEN_LOCATION=["cookies"], CSRF_CHECK_FORM=True, ACCESS_CSRF_HEADER_NAME=None)
    token = access(app)
    with app.app_context():
        csrf = decode_token(token)["csrf"]
    for form in ({"csrf_token": csrf}, {}):
        cookie = {"Cookie": f"access_token_cookie={token}"}
        with app.test_request_context(method="POST", headers=cookie, data=form):
            if form:
                assert verify_jwt_in_request() is not None
            else:
                with pytest.raises(CSRFError):
                    verify_jwt_in_request()


def test_headers_of_a_token(app: Flask) -> None:
    token = access(app)
    with (
        app.test_request_context(headers={"Authorization": f"Bearer {token}"}),
        patch(f"{VIEWS}.get_unverified_jwt_headers", return_value={"alg": "mine"}),
    ):
        assert verify_jwt_in_request() == ({"alg": "mine"}, decode_token(token))


def test_the_manager_of_the_app(app: Flask) -> None:
    manager = Mock(JWTManager())
    manager._decode_jwt_from_config.return_value = {"sub": "bob"}
    manager._encode_jwt_from_config.return_value = "made up"
    with (
        app.test_request_context(),
        patch("flask_jwt_extended.utils.get_jwt_manager", return_value=manager),
    ):
        assert decode_token("x") == {"sub": "bob"}
        assert create_access_token("bob") == "made up"


def test_functions_of_the_manager(app: Flask) -> None:
    token = access(app)
    with patch(f"{MANAGER}._decode_jwt", return_value={"sub": "bob", "type": "access"}) as replaced:
        assert get(app, token)[1]["who"] == "bob"
    assert replaced.call_args.kwargs["secret"] == SECRET
    assert replaced.call_args.kwargs["encoded_token"] == token
    with patch(f"{MANAGER}._encode_jwt", return_value="made up") as replaced:
        assert access(app) == "made up"
    assert replaced.call_args.kwargs["identity"] == "ada"


def test_subclasses_of_the_manager() -> None:
    class Shouting(JWTManager):
        def _encode_jwt_from_config(self, identity: Any, *args: Any, **kwargs: Any) -> str:
            return super()._encode_jwt_from_config(identity.upper(), *args, **kwargs)

        def _decode_jwt_from_config(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
            return {**super()._decode_jwt_from_config(*args, **kwargs), "seen": True}

    app = make_app(Shouting())
    assert get(app, access(app))[1]["who"] == "ADA"
    assert get(app, access(app), "/claims")[1]["seen"] is True


def test_methods_of_one_manager(app: Flask) -> None:
    manager = app.extensions["flask-jwt-extended"]
    with patch.object(manager, "_decode_jwt_from_config", return_value={"sub": "bob", "type": "x"}):
        assert get(app, access(app))[1]["who"] == "bob"
    with patch.object(
        JWTManager, "_decode_jwt_from_config", side_effect=NoAuthorizationError("no")
    ):
        assert get(app, access(app)) == (401, {"msg": "no"})


def test_callbacks_that_are_set_as_attributes(app: Flask) -> None:
    manager, token = app.extensions["flask-jwt-extended"], access(app)
    manager._token_in_blocklist_callback = lambda _header, claims: claims["sub"] == "ada"
    assert get(app, token)[1] == {"msg": "Token has been revoked"}
    manager._revoked_token_callback = lambda _header, _claims: ("gone", 410)
    assert get(app, token)[0] == 410
    manager._token_in_blocklist_callback = lambda *_: False
    manager._token_verification_callback = lambda *_: False
    assert get(app, token) == (400, {"msg": "User claims verification failed"})
    manager._token_verification_callback = lambda *_: True
    manager._user_lookup_callback = lambda *_: None
    assert get(app, token) == (401, {"msg": "Error loading the user ada"})
    manager._user_lookup_callback = lambda *_: "Ada"
    assert get(app, token)[0] == 200


def test_pyjwt(app: Flask) -> None:
    token = access(app)
    with patch("jwt.decode", return_value={"sub": "bob"}) as replaced:
        assert get(app, token)[1]["who"] == "bob"
    assert replaced.call_args.kwargs["algorithms"] == ["HS256"]
    with patch("jwt.encode", return_value="made up"):
        assert access(app) == "made up"


def test_uuids(app: Flask) -> None:
    one = uuid.UUID(int=1)
    for target in ("uuid.uuid4", "flask_jwt_extended.tokens.uuid.uuid4"):
        with patch(target, return_value=one), app.test_request_context():
            claims = decode_token(create_access_token("ada"))
            assert claims["jti"] == claims["csrf"] == str(one)
            app.config["JWT_COOKIE_CSRF_PROTECT"] = False
            assert "csrf" not in decode_token(create_access_token("ada"))
            app.config["JWT_COOKIE_CSRF_PROTECT"] = True


def test_properties_of_config(app: Flask) -> None:
    other = "the-secret-that-a-test-has-put-here-instead"
    token = access(app)
    assert get(app, token)[0] == 200
    with patch.object(_Config, "decode_key", PropertyMock(return_value=other)):
        assert get(app, token)[0] == 422
        assert get(app, jwt.encode({"sub": "bob"}, other))[1]["who"] == "bob"
    assert get(app, token)[0] == 200
    with patch.object(_Config, "exempt_methods", PropertyMock(return_value={"GET"})):
        assert app.test_client().post("/who").status_code == 401
        with app.test_request_context():
            assert verify_jwt_in_request() is None
    assert _Config.untouched


@pytest.mark.parametrize("module", ["jwt_manager", "default_callbacks"])
def test_config_of_a_module(app: Flask, module: str) -> None:
    other = "the-secret-that-a-test-has-put-here-instead"

    class Other(_Config):
        @property
        def decode_key(self) -> str:
            return other

    assert get(app, access(app))[0] == 200
    with patch(f"flask_jwt_extended.{module}.config", Other()):
        expected = 422 if module == "default_callbacks" else 200
        assert get(app, access(app))[0] == expected


def test_the_request(app: Flask) -> None:
    token = access(app)
    made_up = Mock(method="GET", headers={"Authorization": f"Bearer {token}"})
    with app.test_request_context(), patch(f"{VIEWS}.request", made_up):
        verified = verify_jwt_in_request()
        assert verified is not None
        assert verified[1]["sub"] == "ada"


def test_methods_and_functions_that_are_not_views(app: Flask) -> None:
    class Resource:
        @classmethod
        @jwt_required()
        def of_class(cls) -> str:
            return cls.__name__

        @jwt_required()
        def of_object(self, name: str, *, end: str) -> str:
            return name + end

    token = access(app)
    with app.test_request_context(headers={"Authorization": f"Bearer {token}"}):
        assert Resource.of_class() == "Resource"
        assert Resource().of_object("a", end="b") == "ab"
    with app.test_request_context(), pytest.raises(NoAuthorizationError):
        Resource().of_object("a", end="b")


def test_before_request_functions(app: Flask) -> None:
    app.before_request(lambda: verify_jwt_in_request() and None)
    app.add_url_rule("/open", view_func=lambda: config.identity_claim_key)
    assert get(app, None, "/open")[0] == 401
    assert app.test_client().options("/open").status_code == 200
