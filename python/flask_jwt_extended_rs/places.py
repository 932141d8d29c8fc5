"""Where a request has its token (JWT_TOKEN_LOCATION)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Request
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import BadRequest

from flask_jwt_extended.config import LOCATIONS, _Bound
from flask_jwt_extended.exceptions import (
    CSRFError,
    InvalidHeaderError,
    InvalidQueryParamError,
    NoAuthorizationError,
)
from flask_jwt_extended_rs._engine import usual_token

if TYPE_CHECKING:
    from flask_jwt_extended.config import _Config

_log = logging.getLogger("flask_jwt_extended")

# These two have no `HTTP_` before them (PEP 3333).
_ELSEWHERE = {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"}

_LISTS = (list, tuple)


def usual(options: _Config, message: Request) -> tuple[str, str] | None:
    """The token and its place where most clients of most apps have it: in the header, which is looked at
    first, with its kind, a space, and the token alone. None: it has to be looked for.

    Whatever may have been put in the place of Flask's and ours is left to those who look.
    """
    if type(options) is not _Bound or not _Bound.untouched or type(message) is not Request:
        return None
    settings = options._options
    wanted = settings["JWT_TOKEN_LOCATION"]
    if type(wanted) not in _LISTS or not wanted or wanted[0] != "headers":
        return None
    for place in wanted:
        if place not in LOCATIONS:
            return None
    header, kind = settings["JWT_HEADER_NAME"], settings["JWT_HEADER_TYPE"]
    if type(header) is not str or type(kind) is not str or not kind:
        return None
    value = _header(message, header)
    found = usual_token(value, kind) if type(value) is str else None
    return None if found is None else (found, wanted[0])


def in_header(options: _Config, message: Request) -> tuple[str, None]:
    """The token in the header, which may be one of several credentials between commas."""
    name, kind = options.header_name, options.header_type
    value = _header(message, name).strip().strip(",")
    if not value:
        raise NoAuthorizationError(f"Missing {name} Header")
    words = value.split()
    if not kind:
        if len(words) != 1:
            raise InvalidHeaderError(f"Bad {name} header. Expected '{name}: <JWT>'")
        return words[0], None

    if "," in value:
        fields = [field.split() for field in value.split(",")]
        ours = [field for field in fields if field and field[0] == kind]
        words = ours[0] if len(ours) == 1 else []
    if not words or words[0] != kind:
        raise NoAuthorizationError(
            f"Missing '{kind}' type in '{name}' header. Expected '{name}: {kind} <JWT>'"
        )
    if len(words) != 2:
        raise InvalidHeaderError(f"Bad {name} header. Expected '{name}: {kind} <JWT>'")
    return words[1], None


def in_cookie(options: _Config, message: Request, refresh: bool) -> tuple[str, str | None]:
    """The token in the cookie, and the double submit value where the request must have one."""
    kind = "refresh" if refresh else "access"
    cookie = getattr(options, f"{kind}_cookie_name")
    encoded_token = message.cookies.get(cookie)
    if not encoded_token:
        raise NoAuthorizationError(f'Missing cookie "{cookie}"')
    if not options.cookie_csrf_protect or message.method not in options.csrf_request_methods:
        return encoded_token, None

    header = getattr(options, f"{kind}_csrf_header_name")
    csrf_value = message.headers.get(header)
    if not csrf_value and options.csrf_check_form:
        csrf_value = message.form.get(getattr(options, f"{kind}_csrf_field_name"))
    if not csrf_value:
        # Quoted, since a path may hold the end of a line.
        path = quote(message.path)
        _log.warning(_MISSING_CSRF, message.method, path, header, kind.upper())
        error = CSRFError("Missing CSRF token")
        error.is_missing = True
        raise error
    return encoded_token, csrf_value


def in_query_string(options: _Config, message: Request) -> tuple[str, None]:
    """The token in the query string, behind its prefix."""
    name, prefix = options.query_string_name, options.query_string_value_prefix
    value = message.args.get(name)
    if not value:
        # So spelled by upstream, and compared by its users' tests.
        raise NoAuthorizationError(f"Missing '{name}' query paramater")
    if not value.startswith(prefix):
        raise InvalidQueryParamError(
            f"Invalid value for query parameter '{name}'. "
            f"Expected the value to start with '{prefix}'"
        )
    return value[len(prefix) :], None


def in_json(options: _Config, message: Request, refresh: bool) -> tuple[str, None]:
    """The token in a JSON body."""
    if not message.is_json:
        raise NoAuthorizationError("Invalid content-type. Must be application/json.")
    key = options.refresh_json_key if refresh else options.json_key
    try:
        body = message.json
    except (BadRequest, RecursionError):
        body = None
    encoded_token = body.get(key) if isinstance(body, Mapping) else None
    if not encoded_token:
        raise NoAuthorizationError(f'Missing "{key}" key in json data.')
    return encoded_token, None


def _header(message: Request, header: str) -> str:
    """The value of a header; empty where there is none."""
    headers = message.headers
    if type(headers) is EnvironHeaders and type(header) is str:
        name = "HTTP_" + header.upper().replace("-", "_")
        if name not in _ELSEWHERE:
            # Where it lies; to ask for it takes several times as long as to look.
            value: str = headers.environ.get(name, "")
            return value
    found: str = headers.get(header, "")
    return found


_MISSING_CSRF = (
    "%s %s: Missing CSRF token. The cookie with the token alone is never enough, since browsers send it "
    "with the requests of other sites too. The header %s was expected, with the value of the cookie that "
    "JWT_%s_CSRF_COOKIE_NAME names: a script of this site reads it there. Requests that change nothing can "
    "do without by their method (JWT_CSRF_METHODS), forms can send it as a field (JWT_CSRF_CHECK_FORM)."
)
