"""The SQL and Lua files that all stores of this project share, as they lie beside this module."""

from __future__ import annotations

import re
from pathlib import Path

from flask_jwt_extended_rs.stores.base import (
    Revoked,
    Session,
    StoreUnavailable,
    Token,
)

_FOLDER = Path(__file__).parent
# With the longest name behind it, it is still one that PostgreSQL does not cut off.
_PREFIX = re.compile(r"[a-z_][a-z0-9_]{0,31}")


def sql(name: str) -> str:
    """The text of an SQL file, without its comments."""
    lines = (_FOLDER / "sql" / f"{name}.sql").read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--")).strip()


def lua(name: str) -> str:
    """A script whole, as the server gets it: what all scripts share, then its own text."""
    folder = _FOLDER / "lua"
    return "".join((folder / f"{part}.lua").read_bytes().decode() for part in ("facts", name))


def checked_prefix(prefix: str) -> str:
    """`prefix`. ValueError: it cannot begin the names of tables."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(
            f"{prefix!r} cannot begin the names of tables: it must be of 1 to 32 of the characters "
            f"a to z, 0 to 9 and _, and not begin with a digit"
        )
    return prefix


def nonsense(where: str) -> StoreUnavailable:
    """For an answer that no store of ours gives."""
    return StoreUnavailable(f"{where} holds something that is no revocation")


def name_of(what: Revoked) -> str | None:
    """The `jti`, the session, or the session to keep."""
    if isinstance(what, Token):
        return what.jti
    return what.id if isinstance(what, Session) else what.keep
