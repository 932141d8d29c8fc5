"""What protects views: finding a request's token, verifying it, and keeping it for the view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from flask import Flask, Request, current_app, g, request
from jwt import InvalidTokenError

from flask_jwt_extended import internal_utils, utils
from flask_jwt_extended.config import _Config, bound, config, current_options
from flask_jwt_extended.default_callbacks import (
    default_blocklist_callback,
    default_token_verification_callback,
)
from flask_jwt_extended.exceptions import (
    FreshTokenRequired,
    JWTExtendedException,
    NoAuthorizationError,
    RevokedTokenError,
    UserLookupError,
)
from flask_jwt_extended.internal_utils import (
    custom_verification_for_token,
    has_user_lookup,
    unproxied,
    user_lookup,
    verify_token_not_blocklisted,
    verify_token_type,
)
from flask_jwt_extended.jwt_manager import JWTManager
from flask_jwt_extended.tokens import _now
from flask_jwt_extended.typing import AnyCallable
from flask_jwt_extended.utils import decode_token, get_unverified_jwt_headers
from flask_jwt_extended_rs import http_exceptions, managers, places, revocation
from flask_jwt_extended_rs._engine import Unsupported

LocationType = str | Sequence[str] | None
Claims = dict[str, Any]


def verify_jwt_in_request(
    optional: bool = False,
    fresh: bool = False,
    refresh: bool = False,
    locations: LocationType = None,
    verify_type: bool = True,
    skip_revocation_check: bool = False,
    *,
    manager: str | None = None,
) -> tuple[Claims, Claims] | None:
    """Verifies the token of the current request, and keeps it for `get_jwt` and the like.

    :param optional: whether a request without a token is good too. One with a bad token is not.
    :param fresh: whether the token must be fresh.
    :param refresh: whether it must be a refresh token, instead of an access token.
    :param locations: where to look for it, instead of where JWT_TOKEN_LOCATION says.
    :param verify_type: whether it matters if it is an access or a refresh token.
    :param skip_revocation_check: whether revoked tokens are good too.
    :param manager: the name of the manager whose token it must be.
    :return: header and claims; None for a request without a token, and one whose method needs none.

    What is refused is raised: one of `flask_jwt_extended.exceptions`, or of PyJWT's.
    """
    if manager is not None:
        with managers.using(manager):
            return verify_jwt_in_request(
                optional, fresh, refresh, locations, verify_type, skip_revocation_check
            )
    options = bound(config)
    message = unproxied(request)
    if message.method in options.exempt_methods:
        return None
    context = unproxied(g)
    jwt_header: Claims | None = None
    asked: JWTManager | None = None
    try:
        if _decode_jwt_from_request is _own_from_request:
            jwt_data, jwt_header, location, asked = _from_request(
                options, message, locations, fresh, refresh, verify_type, skip_revocation_check
            )
        else:
            jwt_data, jwt_header, location = _decode_jwt_from_request(
                locations,
                fresh,
                refresh=refresh,
                verify_type=verify_type,
                skip_revocation_check=skip_revocation_check,
            )
        user = _user(asked, jwt_header, jwt_data)
    except (JWTExtendedException, InvalidTokenError) as error:
        if optional and jwt_header is None and isinstance(error, NoAuthorizationError):
            context._jwt_extended_jwt = {}
            context._jwt_extended_jwt_header = {}
            context._jwt_extended_jwt_user = {"loaded_user": None}
            context._jwt_extended_jwt_location = None
            return None
        if current_options().get("JWT_HTTP_EXCEPTIONS"):
            http_exceptions.convert(error)
        raise
    # Only now, when nothing can refuse the token any more.
    context._jwt_extended_jwt_user = user
    context._jwt_extended_jwt_header = jwt_header
    context._jwt_extended_jwt = jwt_data
    context._jwt_extended_jwt_location = location
    return jwt_header, jwt_data


def jwt_required(
    optional: bool = False,
    fresh: bool = False,
    refresh: bool = False,
    locations: LocationType = None,
    verify_type: bool = True,
    skip_revocation_check: bool = False,
    *,
    manager: str | None = None,
) -> Callable[[AnyCallable], AnyCallable]:
    """Protects a view, which may be async: `@jwt_required()` below `@app.route(...)`.

    The arguments are those of `verify_jwt_in_request`.
    """

    rules = (optional, fresh, refresh, locations, verify_type, skip_revocation_check)

    def wrapper(fn: AnyCallable) -> AnyCallable:
        is_sync = not iscoroutinefunction(fn)

        @wraps(fn)
        def decorator(*args: Any, **kwargs: Any) -> Any:
            if manager is None:
                # What was put in the place of that function may not know of managers.
                verify_jwt_in_request(*rules)
            else:
                verify_jwt_in_request(*rules, manager=manager)
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
            # Flask's own would look again, at each request, for what cannot change.
            if is_sync and getattr(app.ensure_sync, "__func__", None) is Flask.ensure_sync:
                return fn(*args, **kwargs)
            return app.ensure_sync(fn)(*args, **kwargs)

        return decorator  # type: ignore[return-value]

    return wrapper


def _decode_jwt_from_request(
    locations: LocationType,
    fresh: bool,
    refresh: bool = False,
    verify_type: bool = True,
    skip_revocation_check: bool = False,
) -> tuple[Claims, Claims, str]:
    """Claims, header and location of the request's token, after every check but the user's."""
    options, message = bound(config), unproxied(request)
    return _from_request(
        options, message, locations, fresh, refresh, verify_type, skip_revocation_check
    )[:3]


def _from_request(
    options: _Config,
    message: Request,
    locations: LocationType,
    fresh: bool,
    refresh: bool,
    verify_type: bool,
    skip_revocation_check: bool,
) -> tuple[Claims, Claims, str, JWTManager]:
    found = _at_once(options, message) if locations is None else None
    if found is None:
        found = _search(options, message, locations, refresh)
    jwt_data, jwt_header, _, manager = found
    _verify_rules(
        manager, jwt_header, jwt_data, fresh, refresh, verify_type, skip_revocation_check, options
    )
    return found


def _at_once(options: _Config, message: Request) -> tuple[Claims, Claims, str, JWTManager] | None:
    """What `_search` comes to for most requests, where nothing of it was replaced. None: ask it."""
    if _decode_jwt_from_headers is not _own_from_headers:
        return None
    usual = places.usual(options, message)
    if usual is None:
        return None
    encoded_token, place = usual
    manager = utils._manager()
    verifier = manager._usual_verifier(options) if _decodes_as_ever(manager) else None
    if verifier is None:
        return None
    try:
        jwt_header, jwt_data = verifier.decode(encoded_token, _now(), None, False)
    except (Unsupported, UnicodeEncodeError, RecursionError):
        return None
    return jwt_data, jwt_header, place, manager


def _search(
    options: _Config, message: Request, locations: LocationType, refresh: bool
) -> tuple[Claims, Claims, str, JWTManager]:
    """Claims and header of the token, and the first place that has one."""
    if isinstance(locations, str):
        locations = (locations,)
    for place in locations or ():
        if place not in _FINDERS:
            raise RuntimeError(f"'{place}' is not a valid location")
    # A set, too, has an order for the length of this call.
    wanted = list(locations or options.token_location)

    errors = []
    for place in wanted:
        try:
            encoded_token, csrf_value = _FINDERS[place](options, message, refresh)
            # Only now: to look for the token may be what tells whose it is, and so the key.
            manager = utils._manager()
            jwt_header, jwt_data = _decode_found(manager, encoded_token, csrf_value, options)
        except NoAuthorizationError as error:
            # Only that there is none here leads to the next place. A bad token ends the search.
            errors.append(str(error))
        else:
            return jwt_data, jwt_header, place, manager
    raise NoAuthorizationError(_nowhere(wanted, errors))


def _decode_found(
    manager: JWTManager, encoded_token: str, csrf_value: str | None, options: _Config
) -> tuple[Claims, Claims]:
    """Header and claims, in one step unless something was put in the place of the two."""
    if _decodes_as_ever(manager):
        return manager._decode_complete(encoded_token, csrf_value, options=options)
    jwt_data = decode_token(encoded_token, csrf_value)
    return get_unverified_jwt_headers(encoded_token), jwt_data


def _decodes_as_ever(manager: JWTManager) -> bool:
    return (
        decode_token is _own_decode_token
        and get_unverified_jwt_headers is _own_headers
        and getattr(manager._decode_jwt_from_config, "__func__", None) is _own_decode_from_config
    )


def _verify_rules(
    manager: JWTManager,
    jwt_header: Claims,
    jwt_data: Claims,
    fresh: bool,
    refresh: bool,
    verify_type: bool,
    skip_revocation_check: bool,
    options: _Config,
) -> None:
    """What a route and an app ask of a token that is good in itself, in upstream's order."""
    if verify_type:
        verify_token_type(jwt_data, refresh)
    if fresh:
        _verify_token_is_fresh(jwt_header, jwt_data)
    if not skip_revocation_check:
        if (
            verify_token_not_blocklisted is _own_not_blocklisted
            and manager._token_in_blocklist_callback is default_blocklist_callback
        ):
            # What these two come to, without looking for the manager twice more.
            if revocation.is_revoked(manager, jwt_data, options):
                raise RevokedTokenError(jwt_header, jwt_data)
        else:
            verify_token_not_blocklisted(jwt_header, jwt_data)
    if not (
        custom_verification_for_token is _own_custom_verification
        and manager._token_verification_callback is default_token_verification_callback
    ):
        custom_verification_for_token(jwt_header, jwt_data)


def _verify_token_is_fresh(jwt_header: Claims, jwt_data: Claims) -> None:
    fresh = jwt_data["fresh"]
    if isinstance(fresh, (int, float)) and not isinstance(fresh, bool):
        fresh = fresh >= datetime.now(timezone.utc).timestamp()
    # A text or a list, which others may have signed, is not fresh either.
    if fresh is not True:
        raise FreshTokenRequired("Fresh token required", jwt_header, jwt_data)


def _user(asked: JWTManager | None, jwt_header: Claims, jwt_data: Claims) -> dict[str, Any] | None:
    untouched = (
        _load_user is _own_load_user
        and has_user_lookup is _own_has_user_lookup
        # `utils` does not offer it; a test may have put another there, or here.
        and internal_utils.get_jwt_manager is utils.get_jwt_manager  # type: ignore[attr-defined]
    )
    if untouched and asked is not None and asked._user_lookup_callback is None:
        # What these two come to, without looking for the manager once more.
        return None
    return _load_user(jwt_header, jwt_data)


def _load_user(jwt_header: Claims, jwt_data: Claims) -> dict[str, Any] | None:
    if not has_user_lookup():
        return None
    user = user_lookup(jwt_header, jwt_data)
    if user is None:
        identity = jwt_data[config.identity_claim_key]
        raise UserLookupError(f"user_lookup returned None for {identity}", jwt_header, jwt_data)
    return {"loaded_user": user}


def _decode_jwt_from_headers() -> tuple[str, None]:
    """The token in the header; it may be one of several credentials between commas."""
    return places.in_header(bound(config), unproxied(request))


def _decode_jwt_from_cookies(refresh: bool) -> tuple[str, str | None]:
    """The token in the cookie, and the double submit value where the request must have one."""
    return places.in_cookie(bound(config), unproxied(request), refresh)


def _decode_jwt_from_query_string() -> tuple[str, None]:
    return places.in_query_string(bound(config), unproxied(request))


def _decode_jwt_from_json(refresh: bool) -> tuple[str, None]:
    return places.in_json(bound(config), unproxied(request), refresh)


def _nowhere(wanted: list[str], errors: list[str]) -> str:
    if len(wanted) == 1:
        return errors[0]
    *first, last = wanted
    return f"Missing JWT in {', '.join(first)} or {last} ({'; '.join(errors)})"


# What is looked at to see whether it was replaced.
_own_decode_token = decode_token
_own_headers = get_unverified_jwt_headers
_own_from_request = _decode_jwt_from_request
_own_from_headers = _decode_jwt_from_headers
_own_from_cookies = _decode_jwt_from_cookies
_own_load_user = _load_user
_own_has_user_lookup = has_user_lookup
_own_not_blocklisted = verify_token_not_blocklisted
_own_custom_verification = custom_verification_for_token
_own_decode_from_config = JWTManager._decode_jwt_from_config

# Each looks its function up when it is called, so that one that was replaced is used; ours need not look
# for options and request again.
_FINDERS: dict[str, Callable[[_Config, Request, bool], tuple[str, str | None]]] = {
    "headers": lambda options, message, refresh: (
        places.in_header(options, message)
        if _decode_jwt_from_headers is _own_from_headers
        else _decode_jwt_from_headers()
    ),
    "cookies": lambda options, message, refresh: (
        places.in_cookie(options, message, refresh)
        if _decode_jwt_from_cookies is _own_from_cookies
        else _decode_jwt_from_cookies(refresh)
    ),
    "query_string": lambda options, message, refresh: _decode_jwt_from_query_string(),
    "json": lambda options, message, refresh: _decode_jwt_from_json(refresh),
}
