"""The header of a request that holds the token (JWT_HEADER_NAME, JWT_HEADER_TYPE)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.datastructures import EnvironHeaders

from flask_jwt_extended.exceptions import InvalidHeaderError, NoAuthorizationError
from flask_jwt_extended_rs._engine import usual_token

if TYPE_CHECKING:
    from flask import Request

    from flask_jwt_extended.config import _Config


def token(options: _Config, message: Request) -> tuple[str, None]:
    """The token in the header, which may be one of several credentials between commas."""
    name, kind = options.header_name, options.header_type
    value = _header(message, name)
    if kind:
        found = usual_token(value, kind)
        if found is not None:
            return found, None

    value = value.strip().strip(",")
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


def _header(message: Request, name: str) -> str:
    """The value of a header; empty where there is none."""
    headers = message.headers
    if type(headers) is EnvironHeaders:
        # Where it lies for all but two names; to ask takes several times as long as to look.
        value: str | None = headers.environ.get("HTTP_" + name.upper().replace("-", "_"))
        if value is not None:
            return value
    found: str = headers.get(name, "")
    return found
