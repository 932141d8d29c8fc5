"""What a store must answer, by the plainest code there is: the model keeps every event, and finds each
answer by going through all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rules import ACTIVE, REUSED, REVOKED

from flask_jwt_extended_rs.stores import (
    Everything,
    Revocation,
    RevocationStatus,
    Revoked,
    Rotation,
    RotationOutcome,
    Session,
    Token,
    TokenRef,
)


@dataclass(frozen=True)
class _Revoked:
    what: Revoked
    until: float | None


@dataclass(frozen=True)
class _Restored:
    what: Revoked


class Model:
    """Everything that ever happened to a subject, oldest first."""

    def __init__(self) -> None:
        self.events: list[_Revoked | _Restored | Rotation] = []

    def status(self, token: TokenRef) -> RevocationStatus:
        if self._is_revoked(token):
            return REVOKED
        last = (self._rotations(token.family) or [None])[-1]
        if last is None or not token.is_refresh or token.jti == last.next_jti:
            return ACTIVE
        is_in_grace = token.jti == last.jti and token.now <= last.token.now + token.grace
        return ACTIVE if is_in_grace else REUSED

    def revoke(self, revocation: Revocation) -> None:
        what, ends = revocation.what, [revocation.until]
        if isinstance(what, Session):
            ends += [rotation.until for rotation in self._rotations(what.id)]
        self.events.append(_Revoked(what, _latest(ends)))

    def restore(self, what: Revoked) -> bool:
        was = bool(self._cutoffs() if isinstance(what, Everything) else self._ends(what))
        self.events.append(_Restored(what))
        return was

    def rotate(self, rotation: Rotation) -> Any:
        status = self.status(rotation.token)
        if status is REVOKED:
            return RotationOutcome.REVOKED, None
        if status is REUSED:
            burnt = Session(rotation.family)
            self.revoke(Revocation(rotation.token.owner, burnt, rotation.burnt_until, 0))
            return RotationOutcome.REUSED, None
        last = (self._rotations(rotation.family) or [None])[-1]
        if last is not None and last.next_jti != rotation.jti:
            if self._ends(Token(last.next_jti)):
                return RotationOutcome.REVOKED, None
            return RotationOutcome.REPEATED, last.successor
        self.events.append(rotation)
        return RotationOutcome.ROTATED, None

    def list(self) -> set[tuple[Revoked, float | None]]:
        named = {e.what for e in self.events if isinstance(e, _Revoked)}
        names = [what for what in named if not isinstance(what, Everything) and self._ends(what)]
        end = _latest([until for _, until in self._cutoffs()])
        return {(what, _latest(self._ends(what))) for what in names} | {
            (what, end) for what in self._listed_cutoffs()
        }

    def _is_revoked(self, token: TokenRef) -> bool:
        def hits(cutoff: Everything) -> bool:
            is_kept = cutoff.keep is not None and cutoff.keep == token.session
            is_old = token.issued_at is None or token.issued_at <= cutoff.issued_until
            return is_old and not is_kept

        return (
            (token.jti is not None and bool(self._ends(Token(token.jti))))
            or (token.family is not None and bool(self._ends(Session(token.family))))
            or any(hits(cutoff) for cutoff, _ in self._cutoffs())
        )

    def _ends(self, what: Revoked) -> list[float | None]:
        """The ends of the revocations of `what` that nobody took back."""
        ends: list[float | None] = []
        for event in self.events:
            if isinstance(event, _Revoked) and event.what == what:
                ends.append(event.until)
            elif isinstance(event, _Restored) and event.what == what:
                ends.clear()
        return ends

    def _cutoffs(self) -> list[tuple[Everything, float | None]]:
        cutoffs: list[tuple[Everything, float | None]] = []
        for event in self.events:
            if isinstance(event, Rotation) or not isinstance(event.what, Everything):
                continue
            if isinstance(event, _Revoked):
                cutoffs.append((event.what, event.until))
            else:
                cutoffs.clear()
        return cutoffs

    def _listed_cutoffs(self) -> list[Everything]:
        """The two that say what all do: the latest, and the latest that does not keep the same session."""
        cutoffs = [cutoff for cutoff, _ in self._cutoffs()]
        if not cutoffs:
            return []
        last = max(cutoffs, key=lambda cutoff: cutoff.issued_until)
        others = [cutoff.issued_until for cutoff in cutoffs if cutoff.keep != last.keep]
        if last.keep is None or not others:
            return [last]
        if max(others) >= last.issued_until:
            return [Everything(last.issued_until)]
        return [last, Everything(max(others))]

    def _rotations(self, family: str | None) -> list[Rotation]:
        return [e for e in self.events if isinstance(e, Rotation) and e.family == family]


def _latest(ends: list[float | None]) -> float | None:
    return None if None in ends else max((end for end in ends if end is not None), default=None)
