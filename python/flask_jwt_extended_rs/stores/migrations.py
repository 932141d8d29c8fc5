"""The tables of an SQL store: made and brought up to date when they are first needed, by one process
at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, text

from flask_jwt_extended_rs.stores import deadlines
from flask_jwt_extended_rs.stores.statements import sql

# By the name of SQLAlchemy's dialect.
FOLDERS = {"sqlite": "sqlite", "postgresql": "postgres"}
# In the order of their numbers, from 1.
_FILES = ("0001",)


class Migrations:
    """What brings a database's tables to the version that this program knows."""

    def __init__(self, engine: Engine, prefix: str, may_change: bool) -> None:
        # Every statement is sent as it stands, so that a transaction is begun here or not at all.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._prefix = prefix
        self._may_change = may_change
        self._folder = FOLDERS[engine.dialect.name]

    def run(self, timeout: float) -> None:
        """RuntimeError: the tables are not what this program needs, and it may or can not change that."""
        with self._engine.connect() as connection, deadlines.limit(connection, timeout):
            version = self._version(connection)
            if self._is_current(version):
                return
            if not self._may_change:
                raise RuntimeError(
                    f"the tables {self._prefix}* are at version {version}, and this program needs version "
                    f"{len(_FILES)}: let a store with migrate=True be used once, as a user that may "
                    f"create tables"
                )
            connection.exec_driver_sql("BEGIN IMMEDIATE" if self._folder == "sqlite" else "BEGIN")
            try:
                self._migrate(connection)
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                # With it ends what it has begun.
                connection.invalidate()
                raise

    def _migrate(self, connection: Connection) -> None:
        if self._folder == "postgres":
            self._execute(connection, sql("postgres/lock"))
        self._execute(connection, sql("schema/versions"))
        # Another process may have been faster.
        version = self._latest(connection)
        if self._is_current(version):
            return
        for number, file in list(enumerate(_FILES, 1))[version:]:
            for statement in sql(f"{self._folder}/{file}").split(";\n"):
                self._execute(connection, statement.rstrip().rstrip(";"))
            self._execute(connection, sql("schema/record"), version=number)

    def _is_current(self, version: int) -> bool:
        if version > len(_FILES):
            raise RuntimeError(
                f"the tables {self._prefix}* are at version {version}, and this program knows them up to "
                f"version {len(_FILES)}: a newer program has been here, so update this one"
            )
        return version == len(_FILES)

    def _version(self, connection: Connection) -> int:
        """0 where there are no tables. Changes nothing, so that a user who may not can ask, too."""
        exists = self._execute(connection, sql(f"{self._folder}/exists")).first()
        return self._latest(connection) if exists else 0

    def _latest(self, connection: Connection) -> int:
        return int(self._execute(connection, sql("schema/latest")).scalar_one())

    def _execute(self, connection: Connection, statement: str, **values: Any) -> Any:
        return connection.execute(text(statement.replace("{prefix}", self._prefix)), values)
