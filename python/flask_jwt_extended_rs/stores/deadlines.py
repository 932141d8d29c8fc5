"""An end to waiting for a database that says nothing.

A server that is stopped keeps its connections open and answers nothing, and neither its own time limit
nor that of the network ends the wait. Of the drivers for PostgreSQL, psycopg 3 lets us look at the time
while it waits; with others it is the engine's settings that count.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from sqlalchemy import Connection


@contextmanager
def limit(connection: Connection, seconds: float) -> Iterator[None]:
    """Whatever is asked inside is answered within so many seconds, or is a TimeoutError. The connection
    is closed then: its next user would get the answer that is still under way.
    """
    driver: Any = connection.connection.dbapi_connection
    psycopg = sys.modules.get("psycopg")
    if psycopg is None or not isinstance(driver, psycopg.Connection):
        yield
        return
    end = monotonic() + seconds
    own_wait = driver.wait

    def wait(waiting: Generator[Any, Any, Any], **_: Any) -> Any:
        return own_wait(_until(waiting, end), interval=min(0.1, seconds / 4))

    driver.wait = wait
    try:
        yield
    except TimeoutError:
        connection.invalidate()
        raise
    finally:
        del driver.wait


def _until(waiting: Generator[Any, Any, Any], end: float) -> Generator[Any, Any, Any]:
    """What psycopg waits by: it yields what it waits for, and is sent what has come, which may be
    nothing."""
    try:
        wanted = next(waiting)
        while True:
            come = yield wanted
            if not come and monotonic() > end:
                waiting.close()
                raise TimeoutError("no answer in time")
            wanted = waiting.send(come)
    except StopIteration as stop:
        return stop.value
