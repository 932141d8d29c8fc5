"""What public code imports, reads and calls: names, modules, signatures, defaults."""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from datetime import timedelta
from importlib.resources import files
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from dateutil.relativedelta import relativedelta
from flask import Flask, g, render_template_string

import flask_jwt_extended
from apps import SECRET, access, get, make_app
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    current_user,
    decode_token,
    default_callbacks,
    exceptions,
    get_current_user,
    get_jti,
    get_jwt,
    get_jwt_header,
    get_jwt_identity,
    get_jwt_request_location,
    get_unverified_jwt_headers,
    internal_utils,
    tokens,
    utils,
    verify_jwt_in_request,
    view_decorators,
)
from flask_jwt_extended.config import _Config, config

NAMES = [
    "JWTManager",
    "create_access_token",
    "create_refresh_token",
    "current_user",
    "decode_token",
    "get_csrf_token",
    "get_current_user",
    "get_jti",
    "get_jwt",
    "get_jwt_header",
    "get_jwt_identity",
    "get_jwt_request_location",
    "get_unverified_jwt_headers",
    "jwt_required",
    "set_access_cookies",
    "set_refresh_cookies",
    "unset_access_cookies",
    "unset_jwt_cookies",
    "unset_refresh_cookies",
    "verify_jwt_in_request",
]
MODULES = [
    "config",
    "default_callbacks",
    "exceptions",
    "internal_utils",
    "jwt_manager",
    "tokens",
    "typing",
    "utils",
    "view_decorators",
]
CALLBACKS = {
    "additional_claims_loader": "_user_claims_callback",
    "additional_headers_loader": "_jwt_additional_header_callback",
    "decode_key_loader": "_decode_key_callback",
    "encode_key_loader": "_encode_key_callback",
    "expired_token_loader": "_expired_token_callback",
    "invalid_token_loader": "_invalid_token_callback",
    "needs_fresh_token_loader": "_needs_fresh_token_callback",
    "revoked_token_loader": "_revoked_token_callback",
    "token_in_blocklist_loader": "_token_in_blocklist_callback",
    "token_verification_failed_loader": "_token_verification_failed_callback",
    "token_verification_loader": "_token_verification_callback",
    "unauthorized_loader": "_unauthorized_callback",
    "user_identity_loader": "_user_identity_callback",
    "user_lookup_error_loader": "_user_lookup_error_callback",
    "user_lookup_loader": "_user_lookup_callback",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_package(name: str) -> None:
    assert hasattr(flask_jwt_extended, name)


@pytest.mark.parametrize("name", MODULES)
def test_modules(name: str) -> None:
    assert inspect.ismodule(importlib.import_module(f"flask_jwt_extended.{name}"))


def test_it_says_whose_interface_it_has_and_that_it_is_typed() -> None:
    assert flask_jwt_extended.__version__ == "4.7.4"
    assert (files("flask_jwt_extended") / "py.typed").is_file()


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (
            tokens._encode_jwt,
            """algorithm audience claim_overrides csrf expires_delta fresh header_overrides identity
            identity_claim_key issuer json_encoder secret token_type nbf""",
        ),
        (
            tokens._decode_jwt,
            """algorithms allow_expired audience csrf_value encoded_token identity_claim_key issuer
            leeway secret verify_aud verify_sub""",
        ),
        (
            view_decorators.verify_jwt_in_request,
            "optional fresh refresh locations verify_type skip_revocation_check",
        ),
        (
            view_decorators._decode_jwt_from_request,
            "locations fresh refresh verify_type skip_revocation_check",
        ),
        (
            utils.create_access_token,
            "identity fresh expires_delta additional_claims additional_headers",
        ),
        (utils.decode_token, "encoded_token csrf_value allow_expired"),
        (utils.set_access_cookies, "response encoded_access_token max_age domain"),
        (utils.set_refresh_cookies, "response encoded_refresh_token max_age domain"),
        (JWTManager.init_app, "self app add_context_processor"),
        (
            JWTManager._encode_jwt_from_config,
            "self identity token_type claims fresh expires_delta headers",
        ),
        (JWTManager._decode_jwt_from_config, "self encoded_token csrf_value allow_expired"),
    ],
)
def test_parameters_come_first_in_upstreams_order(function: Any, parameters: str) -> None:
    assert (
        list(inspect.signature(function).parameters)[: len(parameters.split())]
        == parameters.split()
    )


@pytest.mark.parametrize(("loader", "attribute"), CALLBACKS.items())
def test_loaders_set_the_attributes_that_public_code_reads(loader: str, attribute: str) -> None:
    manager = JWTManager()

    def callback(*_: object) -> None: ...

    assert getattr(manager, loader)(callback) is callback
    assert getattr(manager, attribute) is callback


def test_callbacks_are_the_defaults_at_first() -> None:
    manager = JWTManager()
    assert manager._token_in_blocklist_callback is default_callbacks.default_blocklist_callback
    assert manager._user_lookup_callback is None
    assert manager._expired_token_callback is default_callbacks.default_expired_token_callback
    assert default_callbacks.default_additional_claims_callback("ada") == {}
    assert default_callbacks.default_jwt_headers_callback("ada") == {}
    assert default_callbacks.default_user_identity_callback("ada") == "ada"
    assert default_callbacks.default_token_verification_callback({}, {}) is True


def test_refusals_are_registered_with_whatever_has_errorhandler() -> None:
    seen = {}
    api = SimpleNamespace(
        errorhandler=lambda error: lambda handler: seen.setdefault(error, handler)
    )
    JWTManager()._set_error_handler_callbacks(api)
    assert {jwt.DecodeError, jwt.ExpiredSignatureError, jwt.InvalidTokenError} <= seen.keys()
    assert len(seen) >= 16
    order = list(seen)
    assert order.index(jwt.DecodeError) < order.index(jwt.InvalidTokenError)
    app = make_app()
    with app.test_request_context():
        response, status = seen[exceptions.NoAuthorizationError](
            exceptions.NoAuthorizationError("no token")
        )
        assert (status, response.get_json()) == (401, {"msg": "no token"})


def test_an_app_answers_an_expired_token_of_its_own() -> None:
    app = make_app()

    @app.route("/reset")
    def reset() -> None:
        jwt.decode(jwt.encode({"exp": 1}, SECRET), SECRET, algorithms=["HS256"])

    assert get(app, None, "/reset") == (401, {"msg": "Token has expired"})


def test_every_property_of_config_can_be_read() -> None:
    app = make_app(PRIVATE_KEY="private", PUBLIC_KEY="public")
    with app.test_request_context():
        names = [name for name, value in vars(_Config).items() if isinstance(value, property)]
        values = {name: getattr(config, name) for name in names}
    assert len(names) > 45
    assert values["exempt_methods"] == {"OPTIONS"}
    assert values["cookie_max_age"] is None
    assert values["encode_key"] == values["decode_key"] == SECRET
    assert (values["_private_key"], values["_public_key"]) == ("private", "public")
    assert values["access_expires"] == timedelta(minutes=15)
    assert values["json_encoder"] is internal_utils.get_json_encoder(app)


def test_lifetimes_may_be_seconds_or_relative() -> None:
    app = make_app(ACCESS_TOKEN_EXPIRES=60, REFRESH_TOKEN_EXPIRES=relativedelta(months=1))
    with app.test_request_context():
        assert config.access_expires == timedelta(seconds=60)
        assert config.refresh_expires == relativedelta(months=1)
        app.config["JWT_ACCESS_TOKEN_EXPIRES"] = "soon"
        with pytest.raises(RuntimeError, match=r"JWT_ACCESS_TOKEN_EXPIRES.*seconds.*'soon'"):
            _ = config.access_expires


def test_an_option_of_one_app_is_not_changed_in_another() -> None:
    one, other = make_app(), make_app()
    one.config["JWT_CSRF_METHODS"].append("GET")
    assert "GET" not in other.config["JWT_CSRF_METHODS"]


def test_a_template_knows_the_user() -> None:
    manager = JWTManager(add_context_processor=True)
    app = Flask("app")
    app.config["JWT_SECRET_KEY"] = SECRET
    manager.init_app(app, add_context_processor=True)
    manager.user_lookup_loader(lambda _header, claims: claims["sub"].upper())
    with app.test_request_context(headers={"Authorization": f"Bearer {access(app)}"}):
        verify_jwt_in_request()
        assert render_template_string("{{ current_user }}") == "ADA"
        assert current_user == get_current_user() == "ADA"
        assert get_jwt_header()["alg"] == "HS256"
        assert get_jwt_request_location() == "headers"


def test_there_is_no_token_outside_of_a_protected_view() -> None:
    app = make_app()
    with app.test_request_context():
        for function in (get_jwt, get_jwt_header, get_jwt_identity, get_current_user):
            with pytest.raises(RuntimeError, match=r"@jwt_required\(\)"):
                function()
        assert get_jwt_request_location() is None
        g._jwt_extended_jwt = {"sub": "ada"}
        assert get_jwt_identity() == "ada"
        with pytest.raises(RuntimeError, match="user_lookup_loader"):
            get_current_user()


def test_an_app_without_a_manager_is_told_so() -> None:
    with (
        Flask("bare").test_request_context(),
        pytest.raises(RuntimeError, match="initialize a JWTManager"),
    ):
        create_access_token("ada")


def test_helpers_that_public_code_calls() -> None:
    manager = JWTManager()
    app = make_app(manager)
    token = access(app)
    with app.test_request_context(headers={"Authorization": f"Bearer {token}"}):
        assert internal_utils.get_jwt_manager() is manager
        assert internal_utils.has_user_lookup() is False
        assert internal_utils.user_lookup({}, {}) is None
        claims, header, location = view_decorators._decode_jwt_from_request(None, False)
        assert (claims["sub"], header["typ"], location) == ("ada", "JWT", "headers")
        assert view_decorators._decode_jwt_from_headers() == (token, None)
        assert view_decorators._load_user(header, claims) is None
        with pytest.raises(exceptions.NoAuthorizationError, match="Missing cookie"):
            view_decorators._decode_jwt_from_cookies(False)
        assert get_jti(token) == claims["jti"]
        assert get_unverified_jwt_headers(token) == header
        assert decode_token(token.encode()) == claims  # type: ignore[arg-type]
        assert json.loads(json.dumps({"a": timedelta}, cls=json.JSONEncoder, default=str))


def test_flask_before_2_2_has_an_encoder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    own = SimpleNamespace(json_encoder=json.JSONEncoder)
    monkeypatch.setitem(sys.modules, "flask.json.provider", None)
    spec = importlib.util.find_spec("flask_jwt_extended.internal_utils")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.HAS_JSON_PROVIDER is False
    assert module.get_json_encoder(own) is json.JSONEncoder
