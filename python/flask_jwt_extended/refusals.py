"""Which callback of a manager answers which exception."""

from __future__ import annotations

import logging
from typing import Any, cast

from flask.typing import ResponseReturnValue
from jwt import (
    DecodeError,
    ExpiredSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidTokenError,
    MissingRequiredClaimError,
)

from flask_jwt_extended import default_callbacks
from flask_jwt_extended.exceptions import (
    CSRFError,
    FreshTokenRequired,
    InvalidHeaderError,
    InvalidQueryParamError,
    JWTDecodeError,
    NoAuthorizationError,
    RevokedTokenError,
    StoreUnavailable,
    UserClaimsVerificationError,
    UserLookupError,
    WrongTokenError,
)
from flask_jwt_extended.loaders import Loaders
from flask_jwt_extended_rs import answers, http_exceptions, managers

_log = logging.getLogger("flask_jwt_extended")


class Refusals(Loaders):
    """The part of a manager that answers what is refused."""

    name: str | None = None

    def _set_error_handler_callbacks(self, app: Any) -> None:
        """Lets an app, or anything else with `errorhandler`, answer refusals with the callbacks."""
        # Some take the first that fits, so that a class stands before those that it is derived from.
        answer = http_exceptions.handler_for(app, self._answer_to)
        for error in (*_CALLED_WITH_TOKEN, *_CALLED_WITH_REASON):
            app.errorhandler(error)(answer)

    def _answer_to(self, error: Exception) -> ResponseReturnValue:
        # An app has one handler for a class, which the manager that came last has set.
        manager = managers.concerned(error, cast(Any, self))
        with managers.using(manager.name):
            return manager._answer(error)

    def _answer(self, error: Exception) -> ResponseReturnValue:
        kind = next(kind for kind in type(error).__mro__ if kind in _CALLBACKS)
        if kind is StoreUnavailable:
            _log.error("A token could not be checked: %s", error)
        name = _CALLBACKS[kind]
        callback = getattr(self, name)
        if callback is _OWN_CALLBACKS[name] and answers.is_native():
            return answers.native(error)
        if kind in _CALLED_WITH_REASON:
            return callback(str(error))  # type: ignore[no-any-return]
        header, data = getattr(error, "jwt_header", {}), getattr(error, "jwt_data", {})
        return callback(header, data)  # type: ignore[no-any-return]


_CALLED_WITH_TOKEN: dict[type[BaseException], str] = {
    ExpiredSignatureError: "_expired_token_callback",
    FreshTokenRequired: "_needs_fresh_token_callback",
    RevokedTokenError: "_revoked_token_callback",
    UserClaimsVerificationError: "_token_verification_failed_callback",
    UserLookupError: "_user_lookup_error_callback",
}
_CALLED_WITH_REASON: dict[type[BaseException], str] = {
    StoreUnavailable: "_store_unavailable_callback",
    CSRFError: "_unauthorized_callback",
    NoAuthorizationError: "_unauthorized_callback",
    DecodeError: "_invalid_token_callback",
    MissingRequiredClaimError: "_invalid_token_callback",
    InvalidAudienceError: "_invalid_token_callback",
    InvalidIssuerError: "_invalid_token_callback",
    InvalidTokenError: "_invalid_token_callback",
    InvalidHeaderError: "_invalid_token_callback",
    InvalidQueryParamError: "_invalid_token_callback",
    JWTDecodeError: "_invalid_token_callback",
    WrongTokenError: "_invalid_token_callback",
}
_CALLBACKS = {**_CALLED_WITH_TOKEN, **_CALLED_WITH_REASON}
_OWN_CALLBACKS = {name: vars(default_callbacks)[f"default{name}"] for name in _CALLBACKS.values()}
