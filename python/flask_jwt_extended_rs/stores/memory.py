"""The store in memory, and the rules of a store in plain code."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass, field, replace

from flask_jwt_extended_rs.stores import forks
from flask_jwt_extended_rs.stores.base import (
    Everything,
    Revocation,
    RevocationRecord,
    RevocationStatus,
    RevocationStore,
    Revoked,
    Rotation,
    RotationOutcome,
    Session,
    Subject,
    Token,
    TokenRef,
    burning,
    is_cut_off,
    later,
)

_FIRST_SWEEP = 1024
# A clock that was an hour fast for a moment, in seconds, makes nobody forget a revocation.
_MARGIN = 3600.0


@dataclass
class _Family:
    current: str
    previous: str
    successor: str
    at: float
    until: float | None


@dataclass
class _Account:
    """All that is known of a subject's tokens."""

    revoked: dict[Token | Session, RevocationRecord] = field(default_factory=dict)
    # The latest one, and the latest of those that do not keep the same session.
    cutoffs: list[RevocationRecord] = field(default_factory=list)
    families: dict[str, _Family] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.revoked) + len(self.families) + bool(self.cutoffs)


class MemoryStore(RevocationStore):
    """Revocations in this process's memory: for tests, and for services of one process whose tokens are
    short-lived, since a restart forgets them. Every worker of a server has a store of its own.

    What has ended is swept out from time to time.
    """

    def __init__(self) -> None:
        self._accounts: dict[Subject, _Account] = {}
        self._size = 0
        self._sweep_at = _FIRST_SWEEP
        self._renew()
        forks.watch(self)

    def _renew(self) -> None:
        self._turn = threading.Lock()

    after_fork = _renew

    def __len__(self) -> int:
        return self._size

    def status(self, token: TokenRef) -> RevocationStatus:
        with self._turn:
            account = self._accounts.get(token.owner)
            return _status(account, token) if account else RevocationStatus.ACTIVE

    def revoke(self, revocation: Revocation) -> None:
        with self._turn:
            self._revoke(revocation)
            self._sweep_if_due(revocation.at)

    def rotate(self, rotation: Rotation) -> tuple[RotationOutcome, str | None]:
        with self._turn:
            outcome = self._rotate(rotation)
            self._sweep_if_due(rotation.token.now)
            return outcome

    def list(self, owner: Subject, now: float) -> list[RevocationRecord]:
        with self._turn:
            account = self._accounts.get(owner) or _Account()
            records = [*account.revoked.values(), *account.cutoffs]
            return [record for record in records if not _has_ended(record.until, now)]

    def restore(self, owner: Subject, what: Revoked) -> bool:
        with self._turn:
            account = self._accounts.get(owner) or _Account()
            if isinstance(what, Everything):
                known, account.cutoffs = bool(account.cutoffs), []
            else:
                known = account.revoked.pop(what, None) is not None
            self._size -= known
            return known

    def purge(self, now: float) -> int:
        with self._turn:
            return self._sweep(now)

    def _revoke(self, revocation: Revocation) -> None:
        account = self._accounts.setdefault(revocation.owner, _Account())
        before = len(account)
        what, until = revocation.what, revocation.until
        record = RevocationRecord(what, until, revocation.at, revocation.by, revocation.reason)
        if isinstance(what, Everything):
            account.cutoffs = _cutoffs([*account.cutoffs, record])
        else:
            family = account.families.get(what.id) if isinstance(what, Session) else None
            if family is not None:
                until = later(until, family.until)
            known = account.revoked.get(what)
            if known is not None:
                record, until = known, later(known.until, until)
            account.revoked[what] = replace(record, until=until)
        self._size += len(account) - before

    def _rotate(self, rotation: Rotation) -> tuple[RotationOutcome, str | None]:
        token = rotation.token
        account = self._accounts.setdefault(token.owner, _Account())
        status = _status(account, token)
        if status is RevocationStatus.REVOKED:
            return RotationOutcome.REVOKED, None
        if status is RevocationStatus.REUSED:
            self._revoke(burning(rotation))
            return RotationOutcome.REUSED, None
        family = account.families.get(rotation.family)
        if family is not None and rotation.jti != family.current:
            if Token(family.current) in account.revoked:
                return RotationOutcome.REVOKED, None
            return RotationOutcome.REPEATED, family.successor
        until = later(family.until, rotation.until) if family else rotation.until
        before = len(account)
        account.families[rotation.family] = _Family(
            rotation.next_jti, rotation.jti, rotation.successor, token.now, until
        )
        self._size += len(account) - before
        return RotationOutcome.ROTATED, None

    def _sweep_if_due(self, now: float) -> None:
        if self._size >= self._sweep_at:
            self._sweep(now - _MARGIN)

    def _sweep(self, now: float) -> int:
        before = self._size
        for owner, account in [*self._accounts.items()]:
            for what, record in [*account.revoked.items()]:
                if _has_ended(record.until, now):
                    del account.revoked[what]
            for name, family in [*account.families.items()]:
                if _has_ended(family.until, now):
                    del account.families[name]
            if account.cutoffs and _has_ended(account.cutoffs[0].until, now):
                account.cutoffs = []
            if not len(account):
                del self._accounts[owner]
        self._size = sum(map(len, self._accounts.values()))
        self._sweep_at = max(2 * self._size, _FIRST_SWEEP)
        return before - self._size


def _status(account: _Account, token: TokenRef) -> RevocationStatus:
    if (
        (token.jti is not None and Token(token.jti) in account.revoked)
        or (token.family is not None and Session(token.family) in account.revoked)
        or any(is_cut_off(token, _everything(record)) for record in account.cutoffs)
    ):
        return RevocationStatus.REVOKED
    family = account.families.get(token.family or "") if token.is_refresh else None
    if family is None or token.jti == family.current:
        return RevocationStatus.ACTIVE
    if token.jti == family.previous and token.now <= family.at + token.grace:
        return RevocationStatus.ACTIVE
    return RevocationStatus.REUSED


def _cutoffs(records: list[RevocationRecord]) -> list[RevocationRecord]:
    """The one or two that do what all of them together do."""
    until = functools.reduce(later, (record.until for record in records))
    latest = max(reversed(records), key=lambda record: _everything(record).issued_until)
    last = _everything(latest)
    others = [_everything(record) for record in records if _everything(record).keep != last.keep]
    hit = max((other.issued_until for other in others), default=None)
    if last.keep is None or hit is None:
        return [replace(latest, until=until)]
    if hit == last.issued_until:
        return [replace(latest, until=until, what=Everything(hit))]
    return [replace(latest, until=until), RevocationRecord(Everything(hit), until)]


def _everything(record: RevocationRecord) -> Everything:
    assert isinstance(record.what, Everything)
    return record.what


def _has_ended(until: float | None, now: float) -> bool:
    return until is not None and until <= now
