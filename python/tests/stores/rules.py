"""What the cases about stores share. All times are at about one, long before any clock's."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from flask_jwt_extended_rs.stores import (
    Everything,
    Revocation,
    RevocationStatus,
    RevocationStore,
    Rotation,
    RotationOutcome,
    Session,
    Subject,
    Token,
    TokenRef,
)

NOW = 1_000_000_000.0
END = NOW + 10_000

ACTIVE, REVOKED, REUSED = RevocationStatus
ROTATED = (RotationOutcome.ROTATED, None)
GONE = (RotationOutcome.REVOKED, None)
BURNT = (RotationOutcome.REUSED, None)


def at(seconds: float) -> float:
    return NOW + seconds


def unique() -> Subject:
    return Subject(f"anna-{uuid.uuid4()}")


def access(owner: Subject, jti: str | None, session: str | None = None, **changes: Any) -> TokenRef:
    """An access token, issued at 0 and looked at 100 seconds later."""
    token = TokenRef(owner, at(100), jti, session, "access", at(0), END, 10.0)
    return replace(token, **changes)


def refresh(
    owner: Subject, jti: str | None, session: str | None = None, **changes: Any
) -> TokenRef:
    return access(owner, jti, session, token_type="refresh", **changes)


def later(token: TokenRef, seconds: float) -> TokenRef:
    return replace(token, now=at(seconds))


def cutoff(seconds: float, keep: str | None = None) -> Everything:
    return Everything(at(seconds), keep)


def revoke(store: RevocationStore, owner: Subject, what: Any, **changes: Any) -> None:
    store.revoke(replace(Revocation(owner, what, END, at(50)), **changes))


def rotate(store: RevocationStore, token: TokenRef, next_jti: str, **changes: Any) -> Any:
    """The successor of `next_jti` is named after it."""
    assert token.jti is not None
    family = token.jti if token.session is None else token.session
    rotation = Rotation(token, token.jti, family, next_jti, f"after {next_jti}", END, END)
    return store.rotate(replace(rotation, **changes))


def repeated(next_jti: str) -> Any:
    return RotationOutcome.REPEATED, f"after {next_jti}"


__all__ = ["Session", "Token"]
