"""The manager of the current app, its callbacks, and the JSON encoder for claims."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app
from werkzeug.local import LocalProxy

from flask_jwt_extended.exceptions import (
    RevokedTokenError,
    UserClaimsVerificationError,
    WrongTokenError,
)
from flask_jwt_extended_rs import managers

try:
    from flask.json.provider import DefaultJSONProvider

    HAS_JSON_PROVIDER = True
except ModuleNotFoundError:
    # Flask before 2.2 has `app.json_encoder` instead.
    HAS_JSON_PROVIDER = False

if TYPE_CHECKING:
    from flask_jwt_extended.jwt_manager import JWTManager


def get_jwt_manager() -> JWTManager:
    """The manager of the current app that the call is about. RuntimeError: there is none."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    name = managers.current.get()
    if name is not None:
        return managers.find(app, name)
    try:
        manager: JWTManager = app.extensions["flask-jwt-extended"]
    except KeyError:
        raise RuntimeError(
            "You must initialize a JWTManager with this flask application before using this method"
        ) from None
    return manager


def unproxied(current: Any) -> Any:
    """What a proxy stands for, as each look at an attribute through one costs microseconds.

    Where a test has put something else in the place of `flask.request` or the like, it is that.
    """
    return current._get_current_object() if type(current) is LocalProxy else current


def has_user_lookup() -> bool:
    """Whether the app has a user lookup callback."""
    return get_jwt_manager()._user_lookup_callback is not None


def user_lookup(*args: Any, **kwargs: Any) -> Any:
    """The user whom the app's callback finds; None where the app has no callback."""
    callback = get_jwt_manager()._user_lookup_callback
    return callback and callback(*args, **kwargs)


def verify_token_type(decoded_token: dict[str, Any], refresh: bool) -> None:
    """Raises WrongTokenError unless the token is a refresh token exactly where one is wanted.

    Every type but "refresh" passes for an access token, so that an app can have types of its own.
    """
    if not refresh and decoded_token["type"] == "refresh":
        raise WrongTokenError("Only non-refresh tokens are allowed")
    if refresh and decoded_token["type"] != "refresh":
        raise WrongTokenError("Only refresh tokens are allowed")


def verify_token_not_blocklisted(jwt_header: dict[str, Any], jwt_data: dict[str, Any]) -> None:
    """Raises RevokedTokenError if the app's callback says so, or the store."""
    if get_jwt_manager()._is_revoked(jwt_header, jwt_data):
        raise RevokedTokenError(jwt_header, jwt_data)


def custom_verification_for_token(jwt_header: dict[str, Any], jwt_data: dict[str, Any]) -> None:
    """Raises UserClaimsVerificationError if the app's callback does not accept the claims."""
    if not get_jwt_manager()._token_verification_callback(jwt_header, jwt_data):
        raise UserClaimsVerificationError("User claims verification failed", jwt_header, jwt_data)


class JSONEncoder(json.JSONEncoder):
    """Encodes what json does not know as the app's JSON provider does: dates, UUIDs, decimals."""

    def default(self, o: Any) -> Any:
        """`default` of the app's provider class, or of Flask's where that has none."""
        provider = current_app.json_provider_class
        return getattr(provider, "default", DefaultJSONProvider.default)(o)


def get_json_encoder(app: Flask) -> type[json.JSONEncoder]:
    """The encoder for the claims of an app's tokens: `app.json_encoder` before Flask 2.2."""
    if not HAS_JSON_PROVIDER:
        encoder: type[json.JSONEncoder] = app.json_encoder  # type: ignore[attr-defined]
        return encoder
    return JSONEncoder
