"""
A lock that one process has at a time, shared by the threads that are inside.

It is held as long as its holder lives: on SQLite the write lock of an empty database beside ours, which the
operating system takes back, on PostgreSQL a lock of a connection, which the server takes back.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ordering_adapters.storage import postgresql
from ordering_adapters.storage.patience import READING
from ordering_adapters.storage.statements import failures
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Unavailable


class OneProcess:
    """
    The turn to run what the database behind *engine* was asked to trigger.

    A holder whose connection to PostgreSQL breaks in the middle of a run does not notice, and another process
    may begin: what the journal says then keeps both from doing anything twice (DESIGN 6, Single flight).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine: Final = engine
        self._lock = Lock()
        self._inside = 0
        self._give_back: Callable[[], None] | None = None

    @contextmanager
    def turn(self) -> Generator[bool]:
        """
        Say whether it is this process's turn; if so, it is until the last thread has left.

        Raises:
            Unavailable: Nobody can say.

        """
        with self._lock:
            if self._give_back is None:
                self._give_back = self._take()
            is_ours = self._give_back is not None
            self._inside += is_ours
        try:
            yield is_ours
        finally:
            with self._lock:
                self._inside -= is_ours
                if self._give_back is not None and not self._inside:
                    give_back, self._give_back = self._give_back, None
                    give_back()

    def _take(self) -> Callable[[], None] | None:
        if self._engine.dialect.name == "postgresql":
            return _take_of_server(self._engine)
        return _take_of_file(f"{self._engine.url.database}-worker")


def _take_of_file(file: str) -> Callable[[], None] | None:
    import sqlite3  # noqa: PLC0415 - 1.5 MB that a process on PostgreSQL has no use for

    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return None
        raise Unavailable(System.STORE, error.sqlite_errorname) from None
    return connection.close


def _take_of_server(engine: Engine) -> Callable[[], None] | None:
    with failures():
        connection = engine.connect().execution_options(**{READING: True})
        try:
            is_ours = connection.exec_driver_sql(
                postgresql.lock(postgresql.RUNS, function="pg_try_advisory_lock")
            ).scalar_one()
        except BaseException:
            connection.close()
            raise
    if is_ours is not True:
        connection.close()
        return None

    def give_back() -> None:
        with suppress(SQLAlchemyError):  # a lost connection has given it back
            connection.exec_driver_sql(postgresql.lock(postgresql.RUNS, function="pg_advisory_unlock"))
        connection.close()

    return give_back
