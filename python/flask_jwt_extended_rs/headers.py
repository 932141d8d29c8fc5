"""The header of a request that holds the token (JWT_HEADER_NAME, JWT_HEADER_TYPE)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from werkzeug.datastructures import EnvironHeaders

from flask_jwt_extended.exceptions import InvalidHeaderError, NoAuthorizationError
from flask_jwt_extended_rs._engine import usual_token

if TYPE_CHECKING:
    from flask import Request

    from flask_jwt_extended.config import _Config


# These two have no `HTTP_` before them (PEP 3333).
_ELSEWHERE = {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"}


class UsualHeader(NamedTuple):
    """The header as most apps and clients have it: looked at first, with a kind before the token."""

    # In the WSGI environment.
    name: str
    kind: str

    @classmethod
    def of(cls, options: _Config) -> UsualHeader | None:
        """None: an app has it otherwise, or its options have a fault, of which the long way tells."""
        try:
            places, header, kind = options.token_location, options.header_name, options.header_type
        except RuntimeError:
            return None
        name = _name(header)
        # A set has an order of its own, which a copy of it need not have.
        is_first = isinstance(places, (list, tuple)) and places[0] == "headers"
        return cls(name, kind) if is_first and kind and name not in _ELSEWHERE else None

    def token(self, message: Request) -> str | None:
        """The token, where the value is the kind, a space, and one word. None: it is anything else."""
        headers = message.headers
        if type(headers) is not EnvironHeaders:
            return None
        # Where it lies; to ask for it takes several times as long as to look.
        value = headers.environ.get(self.name)
        return None if value is None else usual_token(value, self.kind)


def token(options: _Config, message: Request) -> tuple[str, None]:
    """The token in the header, which may be one of several credentials between commas."""
    name, kind = options.header_name, options.header_type
    value: str = message.headers.get(name, "").strip().strip(",")
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


def _name(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")
