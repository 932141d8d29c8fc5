"""What a store is asked and told, and the rules of every store.

They are those of the Rust library's stores, which work on the same databases.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from flask_jwt_extended.exceptions import StoreUnavailable

# Why a family is burnt.
REUSE = "refresh token reuse"
# For how long an answer may take, in seconds.
TIMEOUT = 1.0


@dataclass(frozen=True)
class Subject:
    """Whose tokens it is about. Stores keep everything apart by it."""

    # The identity claim; of an identity that is no string, its JSON text. Of an outside issuer's, the JSON
    # text of issuer and identity.
    subject: str = field(repr=False)
    # The manager's name; empty for the main one.
    manager: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class TokenRef:
    """What a store needs to know of a token. Never the token itself. Times are seconds since 1970."""

    owner: Subject
    # The present moment. A store decides by it, never by a clock of its own.
    now: float
    jti: str | None = None
    # `sid`: the session of which the token is part.
    session: str | None = None
    token_type: str | None = None
    issued_at: float | None = None
    # From then on nobody needs to remember the token; None: never.
    remember_until: float | None = None
    # For how many seconds a refresh token that was used up is answered once more.
    grace: float = 0.0

    @property
    def is_refresh(self) -> bool:
        """Whether it is a refresh token; only those rotate."""
        return self.token_type == "refresh"

    @property
    def family(self) -> str | None:
        """The session. A refresh token without one begins a family of its own, named after it."""
        if self.session is None and self.is_refresh:
            return self.jti
        return self.session


@dataclass(frozen=True)
class Token:
    """One token, to be revoked."""

    jti: str


@dataclass(frozen=True)
class Session:
    """Every token of a session, and the family of refresh tokens that goes by the same name."""

    id: str


@dataclass(frozen=True)
class Everything:
    """Every token of the subject with `iat <= issued_until`, and every one without `iat`."""

    issued_until: float
    # The session that stays good.
    keep: str | None = None


Revoked = Token | Session | Everything


@dataclass(frozen=True)
class Revocation:
    """A revocation to be remembered."""

    owner: Subject
    what: Revoked
    # From then on nobody needs to remember; None: never.
    until: float | None
    # The present moment.
    at: float
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class RevocationRecord:
    """A revocation that a store remembers."""

    what: Revoked
    until: float | None
    at: float | None = None
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Rotation:
    """A refresh token that is to be used up, and what comes in its place."""

    token: TokenRef
    jti: str
    family: str
    next_jti: str
    # What makes the next pair of tokens once more, given back as it is: at most 1024 bytes of ASCII.
    successor: str = field(repr=False)
    # From then on neither the presented token nor its successor lives.
    until: float | None = None
    # How long to remember a family that is burnt.
    burnt_until: float | None = None


class RevocationStatus(enum.Enum):
    """Whether a token is good."""

    ACTIVE = "active"
    # The token, its session, or all of its subject was revoked.
    REVOKED = "revoked"
    # A refresh token that was used up, and is not the last one within its grace: two hold it.
    REUSED = "reused"


class RotationOutcome(enum.Enum):
    """What became of a refresh token that was to be used up."""

    ROTATED = "rotated"
    # It was used up within the grace; its successor of that time comes with it.
    REPEATED = "repeated"
    # It was used up before. Its family is burnt now.
    REUSED = "reused"
    REVOKED = "revoked"


class RevocationStore(ABC):
    """Remembers what was revoked, and which refresh tokens were used up.

    Every method answers within a time of the store's own choosing, and raises `StoreUnavailable` when it
    cannot: no token passes because nobody could look. What was acknowledged is in force for every
    question that is asked later.

    Of several ends of one fact the latest counts; the words of the first revocation stay. A store may be
    used from many threads at once, and by processes that were forked after it was made.
    """

    @abstractmethod
    def status(self, token: TokenRef) -> RevocationStatus:
        """Whether a token is good:

        1. REVOKED, if its `jti` is; if its family is a revoked session; or if a cutoff of its subject
           hits it (`iat <= issued_until`, or no `iat`) and its session is not the one to keep.
        2. REUSED, for a refresh token whose family has rotation state in which it is neither the current
           one, nor the previous one while `now <= at + grace`.
        3. Otherwise ACTIVE.
        """

    @abstractmethod
    def revoke(self, revocation: Revocation) -> None:
        """Revokes a token, a session, or all of a subject.

        What one cutoff hits, no other one brings back. Two say what all together do: the latest one, and
        the latest of those with another session to keep, or none. A session's revocation ends no sooner than its rotation state.
        """

    @abstractmethod
    def rotate(self, rotation: Rotation) -> tuple[RotationOutcome, str | None]:
        """Uses a refresh token up, in one atomic step; the successor comes with REPEATED:

        1. The token is revoked: REVOKED.
        2. Its family has no state yet, or has it as the current one: ROTATED.
        3. It is the previous one, and `now <= at + grace`: REVOKED if the current one's `jti` is
           revoked, otherwise REPEATED.
        4. Anything else: the session of the family's name is revoked until `burnt_until`, or the state's
           own end if that is later: REUSED.
        """

    @abstractmethod
    def list(self, owner: Subject, now: float) -> list[RevocationRecord]:
        """What is revoked of a subject and has not ended."""

    @abstractmethod
    def restore(self, owner: Subject, what: Revoked) -> bool:
        """Takes a revocation back, whatever its details; whether there was one."""

    @abstractmethod
    def purge(self, now: float) -> int:
        """Deletes every fact that has ended; how many."""


def later(one: float | None, other: float | None) -> float | None:
    """The later one of two ends, of which None is the latest."""
    return None if one is None or other is None else max(one, other)


def burning(rotation: Rotation) -> Revocation:
    """What a reuse leaves behind."""
    token = rotation.token
    what = Session(rotation.family)
    return Revocation(token.owner, what, rotation.burnt_until, token.now, reason=REUSE)


def is_cut_off(token: TokenRef, cutoff: Everything) -> bool:
    """Whether a subject's cutoff hits a token."""
    if cutoff.keep is not None and cutoff.keep == token.session:
        return False
    return token.issued_at is None or token.issued_at <= cutoff.issued_until


__all__ = [
    "REUSE",
    "TIMEOUT",
    "Everything",
    "Revocation",
    "RevocationRecord",
    "RevocationStatus",
    "RevocationStore",
    "Revoked",
    "Rotation",
    "RotationOutcome",
    "Session",
    "StoreUnavailable",
    "Subject",
    "Token",
    "TokenRef",
    "burning",
    "is_cut_off",
    "later",
]
