"""What views use: the token of this request, new tokens, and cookies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jwt
from flask import Response, g
from werkzeug.local import LocalProxy

from flask_jwt_extended.config import bound, config
from flask_jwt_extended.internal_utils import get_jwt_manager, unproxied
from flask_jwt_extended.typing import ExpiresDelta, Fresh
from flask_jwt_extended_rs import managers, session_rules

if TYPE_CHECKING:
    from flask_jwt_extended.jwt_manager import JWTManager

# The user whom `user_lookup_loader` found for the token of this request.
current_user: Any = LocalProxy(lambda: get_current_user())


def get_jwt() -> dict[str, Any]:
    """The claims of this request's token.

    Empty where the route takes requests without a token and there was none.
    RuntimeError: nothing has verified a token in this request.
    """
    claims: dict[str, Any] | None = unproxied(g).get("_jwt_extended_jwt", None)
    if claims is None:
        raise RuntimeError(_NOT_VERIFIED)
    return claims


def get_jwt_header() -> dict[str, Any]:
    """The header of this request's token; else as `get_jwt`."""
    header: dict[str, Any] | None = unproxied(g).get("_jwt_extended_jwt_header", None)
    if header is None:
        raise RuntimeError(_NOT_VERIFIED)
    return header


def get_jwt_identity() -> Any:
    """The identity that this request's token was made for; None where there is no token."""
    claims = get_jwt()
    if managers.CLAIM in claims:
        with managers.using(managers.of_claims(claims)):
            return claims.get(config.identity_claim_key)
    return claims.get(config.identity_claim_key)


def get_jwt_request_location() -> str | None:
    """Where this request's token was: "headers", "cookies", "query_string" or "json".

    None where there is no token.
    """
    location: str | None = unproxied(g).get("_jwt_extended_jwt_location", None)
    return location


def get_current_user() -> Any:
    """The user whom `user_lookup_loader` found; None where there is no token.

    RuntimeError: nothing has verified a token in this request, or the app has no such loader.
    """
    get_jwt()
    found = unproxied(g).get("_jwt_extended_jwt_user", None)
    if found is None:
        raise RuntimeError(
            "You must provide a `@jwt.user_lookup_loader` callback to use this method"
        )
    return found["loaded_user"]


def decode_token(
    encoded_token: str,
    csrf_value: str | None = None,
    allow_expired: bool = False,
    *,
    manager: str | None = None,
) -> dict[str, Any]:
    """Verifies a token from anywhere, and returns its claims.

    Only the token is looked at: not whether it is revoked, and no user is loaded.

    :param csrf_value: the double submit value that the token must have; None: any.
    :param allow_expired: whether an expired token is good too.
    :param manager: the name of the manager whose token it must be.
    """
    if manager is not None:
        with managers.using(manager):
            return decode_token(encoded_token, csrf_value, allow_expired)
    return get_jwt_manager()._decode_jwt_from_config(encoded_token, csrf_value, allow_expired)


def create_access_token(
    identity: Any,
    fresh: Fresh = False,
    expires_delta: ExpiresDelta | None = None,
    additional_claims: dict[str, Any] | None = None,
    additional_headers: dict[str, Any] | None = None,
    *,
    manager: str | None = None,
) -> str:
    """A new access token.

    :param identity: whose token it is: a string, or what `user_identity_loader` makes one of.
    :param fresh: whether it opens routes that want a fresh token; a timedelta: for how long.
    :param expires_delta: how long it lives, False for ever. Default: JWT_ACCESS_TOKEN_EXPIRES.
    :param additional_claims: more claims. They win over those of `additional_claims_loader`, and
        over all others.
    :param additional_headers: more header fields. They win over `additional_headers_loader`.
    :param manager: the name of the manager whose token it is.
    """
    with managers.using(manager):
        found = get_jwt_manager()
        session_rules.check_may_create(found, "access")
        return found._encode_jwt_from_config(
            claims=additional_claims,
            expires_delta=expires_delta,
            fresh=fresh,
            headers=additional_headers,
            identity=identity,
            token_type="access",
        )


def create_refresh_token(
    identity: Any,
    expires_delta: ExpiresDelta | None = None,
    additional_claims: dict[str, Any] | None = None,
    additional_headers: dict[str, Any] | None = None,
    *,
    manager: str | None = None,
) -> str:
    """A new refresh token. The arguments are those of `create_access_token`.

    It lives for JWT_REFRESH_TOKEN_EXPIRES unless `expires_delta` says otherwise.
    """
    with managers.using(manager):
        found = get_jwt_manager()
        session_rules.check_may_create(found, "refresh")
        return found._encode_jwt_from_config(
            claims=additional_claims,
            expires_delta=expires_delta,
            fresh=False,
            headers=additional_headers,
            identity=identity,
            token_type="refresh",
        )


def get_unverified_jwt_headers(encoded_token: str) -> dict[str, Any]:
    """The header of a token, with nothing verified: whoever sent it may have made it up."""
    return jwt.get_unverified_header(encoded_token)


def get_jti(encoded_token: str, *, manager: str | None = None) -> str | None:
    """The id of a token, which is verified for it; None where it has none."""
    with managers.using(manager):
        return decode_token(encoded_token).get("jti")


def get_csrf_token(encoded_token: str, *, manager: str | None = None) -> str:
    """The double submit value of a token, which is verified for it.

    KeyError: it has none, as it was made with JWT_COOKIE_CSRF_PROTECT turned off.
    """
    with managers.using(manager):
        csrf: str = decode_token(encoded_token)["csrf"]
        return csrf


def set_access_cookies(
    response: Response,
    encoded_access_token: str,
    max_age: int | None = None,
    domain: str | None = None,
    *,
    manager: str | None = None,
) -> None:
    """Sets the cookie with an access token, and a second one with its double submit value.

    The second, which scripts can read, only with JWT_CSRF_IN_COOKIES and JWT_COOKIE_CSRF_PROTECT.

    :param max_age: seconds that the browser keeps them. Default: see JWT_SESSION_COOKIE.
    :param domain: default: JWT_COOKIE_DOMAIN.
    :param manager: the name of the manager whose token it is.
    """
    with managers.using(manager):
        _set_cookies(response, "access", encoded_access_token, max_age, domain)


def set_refresh_cookies(
    response: Response,
    encoded_refresh_token: str,
    max_age: int | None = None,
    domain: str | None = None,
    *,
    manager: str | None = None,
) -> None:
    """Sets the cookies of a refresh token; else as `set_access_cookies`."""
    with managers.using(manager):
        _set_cookies(response, "refresh", encoded_refresh_token, max_age, domain)


def unset_jwt_cookies(
    response: Response, domain: str | None = None, *, manager: str | None = None
) -> None:
    """Deletes all cookies that hold tokens and double submit values.

    :param domain: the one they were set with. Default: JWT_COOKIE_DOMAIN.
    :param manager: the name of the manager whose tokens they hold.
    """
    with managers.using(manager):
        unset_access_cookies(response, domain)
        unset_refresh_cookies(response, domain)


def unset_access_cookies(
    response: Response, domain: str | None = None, *, manager: str | None = None
) -> None:
    """Deletes the cookies of an access token; else as `unset_jwt_cookies`."""
    with managers.using(manager):
        _unset_cookies(response, "access", domain)


def unset_refresh_cookies(
    response: Response, domain: str | None = None, *, manager: str | None = None
) -> None:
    """Deletes the cookies of a refresh token; else as `unset_jwt_cookies`."""
    with managers.using(manager):
        _unset_cookies(response, "refresh", domain)


def current_user_context_processor() -> dict[str, Any]:
    """Gives templates `current_user`."""
    return {"current_user": get_current_user()}


def _manager() -> JWTManager:
    """The call's manager; a test that puts another function in this module's place of it is heard."""
    return get_jwt_manager()


def _set_cookies(
    response: Response, kind: str, token: str, max_age: int | None, domain: str | None
) -> None:
    options = bound(config)
    for name, path, is_token in _cookies(options, kind):
        response.set_cookie(
            name,
            value=token if is_token else get_csrf_token(token),
            max_age=max_age or options.cookie_max_age,
            secure=options.cookie_secure,
            httponly=is_token,
            domain=domain or options.cookie_domain,
            path=path,
            samesite=options.cookie_samesite,
        )


def _unset_cookies(response: Response, kind: str, domain: str | None) -> None:
    options = bound(config)
    for name, path, is_token in _cookies(options, kind):
        response.set_cookie(
            name,
            value="",
            expires=0,
            secure=options.cookie_secure,
            httponly=is_token,
            domain=domain or options.cookie_domain,
            path=path,
            samesite=options.cookie_samesite,
        )


def _cookies(options: Any, kind: str) -> Iterator[tuple[str, str, bool]]:
    """Name and path of the cookie with the token, then of that with its double submit value."""
    yield getattr(options, f"{kind}_cookie_name"), getattr(options, f"{kind}_cookie_path"), True
    if options.cookie_csrf_protect and options.csrf_in_cookies:
        name = getattr(options, f"{kind}_csrf_cookie_name")
        yield name, getattr(options, f"{kind}_csrf_cookie_path"), False


_NOT_VERIFIED = (
    "You must call `@jwt_required()` or `verify_jwt_in_request()` before using this method"
)
