"""Answers with a code that clients can switch on, for JWT_ERROR_STYLE = "native".

Codes, statuses and challenges are those of the Rust library (`answer.rs` and `error.rs` there), so
that a client need not know which of the two has refused it.
"""

from __future__ import annotations

from typing import NamedTuple

import jwt
from flask import Response, jsonify

from flask_jwt_extended import exceptions
from flask_jwt_extended.config import bound, config, current_options


class Kind(NamedTuple):
    """What an exception means to a client."""

    code: str
    status: int
    # The error in `WWW-Authenticate`; empty: there is the header without one; None: there is none.
    challenge: str | None
    # Where that of the exception is not for clients.
    sentence: str | None = None


_INVALID = Kind("token_invalid", 401, "invalid_token")
_MALFORMED = Kind("request_malformed", 400, "invalid_request")
_CSRF_MISSING = Kind("csrf_missing", 403, None)
_KINDS: dict[type[BaseException], Kind] = {
    exceptions.NoAuthorizationError: Kind("token_missing", 401, ""),
    exceptions.InvalidHeaderError: _MALFORMED,
    exceptions.InvalidQueryParamError: _MALFORMED,
    exceptions.JWTDecodeError: _INVALID,
    jwt.InvalidTokenError: _INVALID,
    jwt.ExpiredSignatureError: Kind("token_expired", 401, "invalid_token", "Token has expired"),
    exceptions.WrongTokenError: Kind("wrong_token_type", 401, "invalid_token"),
    exceptions.FreshTokenRequired: Kind(
        "fresh_token_required", 401, "insufficient_user_authentication"
    ),
    exceptions.RevokedTokenError: Kind("token_revoked", 401, "invalid_token"),
    exceptions.UserLookupError: Kind(
        "user_not_found", 401, "invalid_token", "The token's user does not exist"
    ),
    exceptions.UserClaimsVerificationError: Kind("claims_rejected", 403, None),
    exceptions.CSRFError: Kind("csrf_mismatch", 403, None),
    exceptions.StoreUnavailable: Kind(
        "store_unavailable", 503, None, "The token cannot be checked at the moment"
    ),
}


def kind_of(error: Exception) -> Kind:
    """What a refusal means: the nearest of its classes tells."""
    if isinstance(error, exceptions.CSRFError) and error.is_missing:
        return _CSRF_MISSING
    return next(_KINDS[cls] for cls in type(error).__mro__ if cls in _KINDS)


def is_native() -> bool:
    """Whether clients get these answers. RuntimeError: the option has another value."""
    style = current_options().get("JWT_ERROR_STYLE", "flask")
    if style not in ("flask", "native"):
        raise RuntimeError(f'JWT_ERROR_STYLE must be "flask" or "native", and it is {style!r}')
    return bool(style == "native")


def native(error: Exception) -> Response:
    """The answer to a refusal."""
    kind = kind_of(error)
    sentence = kind.sentence or str(error)
    options = bound(config)
    answer = jsonify({"error": kind.code, options.error_msg_key: sentence})
    answer.status_code = kind.status
    if kind.status == 503:
        answer.headers["Retry-After"] = "1"
    # Who takes no `Bearer` header does not ask for one: browsers would put up a box.
    takes_bearer = (
        options.jwt_in_headers
        and options.header_name.lower() == "authorization"
        and options.header_type.lower() == "bearer"
    )
    if takes_bearer and kind.challenge is not None:
        answer.headers["WWW-Authenticate"] = _challenge(kind.challenge, sentence)
    return answer


def _challenge(error: str, sentence: str) -> str:
    if not error:
        return "Bearer"
    # RFC 6750, 3: no quotes, backslashes or controls in a description.
    quotable = "".join(c for c in sentence if " " <= c <= "~" and c not in '"\\')
    return f'Bearer error="{error}", error_description="{quotable}"'
