"""Revocations in SQLite or PostgreSQL, over SQLAlchemy: the tables and the SQL of the Rust store."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, Row, TextClause, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from flask_jwt_extended_rs.stores import deadlines, forks, migrations
from flask_jwt_extended_rs.stores.base import (
    TIMEOUT,
    Everything,
    Revocation,
    RevocationRecord,
    RevocationStatus,
    RevocationStore,
    Revoked,
    Rotation,
    RotationOutcome,
    Session,
    StoreUnavailable,
    Subject,
    Token,
    TokenRef,
    burning,
)
from flask_jwt_extended_rs.stores.statements import checked_prefix, name_of, nonsense, sql

# What PostgreSQL can index. The same on SQLite, so that a database can move.
_LONGEST_NAMES = 2600
_PURGED_AT_ONCE = 1000
# How often a rotation may find that what was in its way has gone.
_TURNS = 3
# A clock that is a little wrong must not make anybody forget a revocation.
_PURGE_MARGIN = 24 * 3600.0
_PURGE_EVERY = 3600.0
_FOREVER = float("inf")
_PURGES = ("purge_tokens", "purge_sessions", "purge_subjects")
_NAMES = [
    "status",
    "rotate",
    "rotate_refused",
    "revoke_token",
    "revoke_session",
    "revoke_subject",
    "list",
    "restore_token",
    "restore_session",
    "forget_session",
    "restore_subject",
]

Values = Mapping[str, Any]


class SQLAlchemyStore(RevocationStore):
    """Revocations and rotation in SQLite or PostgreSQL.

    The tables are made when they are first needed. What has ended is deleted now and then, a day later.
    """

    def __init__(
        self,
        engine: Engine | URL | str,
        *,
        table_prefix: str = "jwt_",
        timeout: float = TIMEOUT,
        migrate: bool = True,
    ) -> None:
        """
        :param engine: the app's own engine, or a URL as SQLAlchemy has them: "sqlite:///file.db",
            "postgresql://user:password@host/database".
        :param table_prefix: what the names of the tables begin with.
        :param timeout: how many seconds an answer may take. Of an engine of the app's own, the wait for
            a connection is the engine's.
        :param migrate: whether to make the tables and bring them up to date. If not, it is an error
            where they are not.
        """
        is_ours = not isinstance(engine, Engine)
        if not isinstance(engine, Engine):
            engine = _engine(make_url(engine), timeout)
        if engine.dialect.name not in ("sqlite", "postgresql"):
            raise ValueError(
                f"no store is known for {engine.dialect.name}: take sqlite or postgresql"
            )
        self._shared = engine
        # One statement is one transaction, and no connection is asked to begin or end any. A connection of
        # the app's is turned back after each use, which SQLite must be told.
        self._engine = engine if is_ours else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._timeout = timeout
        self._migrations = migrations.Migrations(engine, checked_prefix(table_prefix), migrate)
        folder = migrations.FOLDERS[engine.dialect.name]
        own = [f"{folder}/{name}" for name in _PURGES]
        self._statements = {
            name.rpartition("/")[2]: text(sql(name).replace("{prefix}", table_prefix))
            for name in [*_NAMES, *own]
        }
        self._next_purge = float("-inf")
        self._is_ready = False
        self._inherited: list[object] = []
        self._renew()
        forks.watch(self)

    def _renew(self) -> None:
        # SQLite lets one write at a time. A queue is fairer than its own sleeping and trying again.
        self._turn = threading.Lock() if self._engine.dialect.name == "sqlite" else None

    def after_fork(self) -> None:
        # Kept, so that nothing of the parent's is closed here.
        self._inherited = [self._shared.pool, *self._inherited]
        self._shared.dispose(close=False)
        self._engine.dispose(close=False)
        self._renew()

    def status(self, token: TokenRef) -> RevocationStatus:
        row = self._first("status", _of_token(token))
        with _sense():
            return RevocationStatus(row.status)

    def revoke(self, revocation: Revocation) -> None:
        owner, what = revocation.owner, revocation.what
        statement = {Token: "revoke_token", Session: "revoke_session", Everything: "revoke_subject"}
        name = name_of(what)
        _check_names(owner.manager, owner.subject, name or "")
        self._execute(
            statement[type(what)],
            {
                **_of_owner(owner),
                "jti": name,
                "session": name,
                "keep_session": name,
                "issued_until": float(getattr(what, "issued_until", 0.0)),
                "ends_at": _end(revocation.until),
                "revoked_at": float(revocation.at),
                "revoked_by": revocation.by,
                "reason": revocation.reason,
            },
        )
        self._purge_if_due(revocation.at)

    def rotate(self, rotation: Rotation) -> tuple[RotationOutcome, str | None]:
        token = rotation.token
        _check_names(token.owner.manager, token.owner.subject, rotation.family)
        values = {
            **_of_token(token),
            "next_jti": rotation.next_jti,
            "successor": rotation.successor,
            "ends_at": _end(rotation.until),
        }
        for _ in range(_TURNS):
            if self._fetch("rotate", values):
                self._purge_if_due(token.now)
                return RotationOutcome.ROTATED, None
            refused = self._first("rotate_refused", values)
            if refused.outcome == "again":
                continue
            with _sense():
                outcome = RotationOutcome(refused.outcome)
            if outcome is RotationOutcome.REPEATED:
                return outcome, refused.successor
            if outcome is RotationOutcome.REUSED:
                self.revoke(burning(rotation))
            return outcome, None
        raise StoreUnavailable("the database does not come to rest")

    def list(self, owner: Subject, now: float) -> list[RevocationRecord]:
        return [
            _record(row) for row in self._fetch("list", {**_of_owner(owner), "now": float(now)})
        ]

    def restore(self, owner: Subject, what: Revoked) -> bool:
        tries = {
            Token: ("restore_token",),
            Session: ("forget_session", "restore_session"),
            Everything: ("restore_subject",),
        }
        name = name_of(what)
        values = {**_of_owner(owner), "jti": name, "session": name}
        return any(self._execute(statement, values) > 0 for statement in tries[type(what)])

    def purge(self, now: float) -> int:
        """In small steps, each of which may take as long as any other call."""
        purged = 0
        for name in _PURGES:
            rows = _PURGED_AT_ONCE
            while rows >= _PURGED_AT_ONCE:
                rows = self._purge_some(name, now)
                purged += rows
        return purged

    def _purge_some(self, name: str, now: float) -> int:
        return self._execute(name, {"now": float(now), "most": _PURGED_AT_ONCE})

    def _purge_if_due(self, now: float) -> None:
        if now < self._next_purge:
            return
        self._next_purge = now + _PURGE_EVERY
        # What it follows is done, and the next one comes.
        with suppress(StoreUnavailable):
            rows = [self._purge_some(name, now - _PURGE_MARGIN) for name in _PURGES]
            if max(rows) >= _PURGED_AT_ONCE:
                self._next_purge = now

    def _first(self, name: str, values: Values) -> Row[Any]:
        rows = self._fetch(name, values)
        if not rows:
            raise nonsense("the database")
        return rows[0]

    def _fetch(self, name: str, values: Values) -> Sequence[Row[Any]]:
        rows: Sequence[Row[Any]] = self._run(name, values, lambda result: result.all())
        return rows

    def _execute(self, name: str, values: Values) -> int:
        rows: int = self._run(name, values, lambda result: result.rowcount)
        return rows

    def _run(self, name: str, values: Values, read: Any) -> Any:
        """Runs a statement. A connection that the server has closed since its last use is found out only
        now, so that there is one more try. Every statement may run twice: the second time it finds its
        own doing and does nothing.
        """
        statement = self._statements[name]
        known = {name: value for name, value in values.items() if name in statement._bindparams}
        is_write = name not in ("status", "rotate_refused", "list")
        try:
            if not self._is_ready:
                self._migrations.run(self._timeout)
                self._is_ready = True
            try:
                return self._run_once(statement, known, read, is_write)
            except DBAPIError as error:
                if not error.connection_invalidated or isinstance(error.orig, TimeoutError):
                    raise
                return self._run_once(statement, known, read, is_write)
        except (SQLAlchemyError, OSError, ValueError) as error:
            raise StoreUnavailable(f"the database: {type(error).__name__}") from error

    def _run_once(self, statement: TextClause, values: Values, read: Any, is_write: bool) -> Any:
        turn = self._turn if is_write else None
        if turn is not None and not turn.acquire(timeout=self._timeout):
            raise TimeoutError("others have written for too long")
        try:
            with (
                self._engine.connect() as connection,
                deadlines.limit(connection, self._timeout),
            ):
                return read(connection.execute(statement, values))
        finally:
            if turn is not None:
                turn.release()


def _engine(url: URL, timeout: float) -> Engine:
    """Connections that wait no longer than that, and acknowledge what is on the disk."""
    pool: dict[str, Any] = {
        "pool_timeout": timeout,
        "pool_use_lifo": True,
        "isolation_level": "AUTOCOMMIT",
    }
    if url.get_backend_name() == "postgresql":
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        arguments: dict[str, Any] = {}
        if url.get_driver_name() in ("psycopg", "psycopg2"):
            arguments = {
                "connect_timeout": max(1, round(timeout)),
                "options": f"-c statement_timeout={max(1, round(timeout * 1000))}",
            }
        # Sooner than the firewalls that forget a silent connection without a word.
        return create_engine(url, connect_args=arguments, pool_recycle=180, **pool)
    if url.get_backend_name() != "sqlite":
        return create_engine(url)
    if url.database in (None, "", ":memory:") or "mode" in url.query:
        raise ValueError("a SQLite store needs a file; for revocations in memory, take memory://")
    engine = create_engine(url, connect_args={"timeout": timeout}, **pool)

    @event.listens_for(engine, "connect")
    def durable(connection: Any, _record: Any) -> None:
        end = time.monotonic() + timeout
        # Of several that open a new file at the same time, SQLite refuses some at once.
        while not _writes_ahead(connection) and time.monotonic() < end:
            time.sleep(0.01)
        connection.execute("PRAGMA synchronous = FULL")

    return engine


def _writes_ahead(connection: Any) -> bool:
    """Whether it was to be had now: readers and a writer then do not wait for each other."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError:
        return False
    return True


class _sense:
    """What no statement of ours answers is an answer of a store that is not to be trusted."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ValueError):
            raise nonsense("the database") from error


def _of_owner(owner: Subject) -> dict[str, Any]:
    return {"manager": owner.manager, "subject": owner.subject}


def _of_token(token: TokenRef) -> dict[str, Any]:
    return {
        **_of_owner(token.owner),
        "jti": token.jti,
        "session": token.session,
        "family": token.family,
        "is_refresh": int(token.is_refresh),
        "issued_at": -_FOREVER if token.issued_at is None else float(token.issued_at),
        "now": float(token.now),
        "grace": float(token.grace),
    }


def _end(until: float | None) -> float:
    return _FOREVER if until is None else float(until)


def _record(row: Row[Any]) -> RevocationRecord:
    what: Revoked
    if row.kind == "token" and row.name is not None:
        what = Token(row.name)
    elif row.kind == "session" and row.name is not None:
        what = Session(row.name)
    elif row.kind == "subject" and row.issued_until is not None:
        what = Everything(row.issued_until, row.name)
    else:
        raise nonsense("the database")
    until = None if row.ends_at == _FOREVER else row.ends_at
    return RevocationRecord(what, until, row.revoked_at, row.revoked_by, row.reason)


def _check_names(*names: str) -> None:
    if sum(len(name.encode("utf-8", "surrogatepass")) for name in names) > _LONGEST_NAMES:
        raise StoreUnavailable(
            f"the names of a token (manager, subject, jti or session) are longer than {_LONGEST_NAMES} "
            f"bytes together, which no index holds"
        )
