"""What the manager does where the app has not set a callback of its own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended.config import bound, config
from flask_jwt_extended.internal_utils import get_jwt_manager
from flask_jwt_extended_rs import revocation


def default_additional_claims_callback(userdata: Any) -> dict[str, Any]:
    """Adds no claims."""
    return {}


def default_blocklist_callback(jwt_headers: dict[str, Any], jwt_data: dict[str, Any]) -> bool:
    """Asks the store of revocations (JWT_STORE_URL). Without one, nothing is revoked."""
    return revocation.is_revoked(get_jwt_manager(), jwt_data)


def default_jwt_headers_callback(default_headers: Any) -> dict[str, Any]:
    """Adds no header fields."""
    return {}


def default_user_identity_callback(userdata: Any) -> Any:
    """The identity goes into the token as it is."""
    return userdata


def default_decode_key_callback(jwt_header: dict[str, Any], jwt_data: dict[str, Any]) -> Any:
    """One key for all tokens: JWT_SECRET_KEY (or SECRET_KEY), or JWT_PUBLIC_KEY."""
    return bound(config).decode_key


def default_encode_key_callback(identity: Any) -> Any:
    """One key for all tokens: JWT_SECRET_KEY (or SECRET_KEY), or JWT_PRIVATE_KEY."""
    return bound(config).encode_key


def default_token_verification_callback(
    _jwt_header: dict[str, Any], _jwt_data: dict[str, Any]
) -> bool:
    """Accepts all claims."""
    return True


def default_expired_token_callback(
    _expired_jwt_header: dict[str, Any], _expired_jwt_data: dict[str, Any]
) -> ResponseReturnValue:
    """Answers 401."""
    return _answer("Token has expired", HTTPStatus.UNAUTHORIZED)


def default_invalid_token_callback(error_string: str) -> ResponseReturnValue:
    """Answers 422 with the reason."""
    return _answer(error_string, HTTPStatus.UNPROCESSABLE_ENTITY)


def default_unauthorized_callback(error_string: str) -> ResponseReturnValue:
    """Answers 401 with the reason."""
    return _answer(error_string, HTTPStatus.UNAUTHORIZED)


def default_needs_fresh_token_callback(
    jwt_header: dict[str, Any], jwt_data: dict[str, Any]
) -> ResponseReturnValue:
    """Answers 401."""
    return _answer("Fresh token required", HTTPStatus.UNAUTHORIZED)


def default_revoked_token_callback(
    jwt_header: dict[str, Any], jwt_data: dict[str, Any]
) -> ResponseReturnValue:
    """Answers 401."""
    return _answer("Token has been revoked", HTTPStatus.UNAUTHORIZED)


def default_user_lookup_error_callback(
    _jwt_header: dict[str, Any], jwt_data: dict[str, Any]
) -> ResponseReturnValue:
    """Answers 401 with the identity of which there is no user."""
    identity = jwt_data[config.identity_claim_key]
    return _answer(f"Error loading the user {identity}", HTTPStatus.UNAUTHORIZED)


def default_store_unavailable_callback(_reason: str) -> ResponseReturnValue:
    """Answers 503, and that a second later it may be better. The reason is for logs alone."""
    message = {config.error_msg_key: "The token cannot be checked at the moment"}
    return jsonify(message), HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "1"}


def default_token_verification_failed_callback(
    _jwt_header: dict[str, Any], _jwt_data: dict[str, Any]
) -> ResponseReturnValue:
    """Answers 400."""
    return _answer("User claims verification failed", HTTPStatus.BAD_REQUEST)


def _answer(message: str, status: HTTPStatus) -> ResponseReturnValue:
    return jsonify({config.error_msg_key: message}), status
