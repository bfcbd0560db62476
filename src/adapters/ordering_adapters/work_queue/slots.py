"""
A worker's name, held by one process at a time and free again when that process is dead.

On SQLite it is the write lock of an empty file beside the database, on PostgreSQL an advisory lock of a
session. Neither needs a clock or a heartbeat, and both go with their holder however it ends.
"""

from __future__ import annotations

import sqlite3

from collections.abc import Callable
from contextlib import suppress
from typing import Final
from zlib import crc32

import attrs

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from ordering_adapters.work_queue.patience import PATIENCE_MS
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused, Unavailable


_CLASS: Final = 7301
"""The first half of our advisory locks' keys."""

_HURRY: Final = text(f"SET statement_timeout = {PATIENCE_MS}")
_TAKE: Final = text("SELECT pg_try_advisory_lock(:class, :name)")
_HELD: Final = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND pid = pg_backend_pid() AND classid = :class AND objid = :name"
)


@attrs.frozen
class Slot:
    """A name that this process holds: `is_ours` tells whether it still does, `give_back` frees it."""

    is_ours: Callable[[], bool]
    give_back: Callable[[], None]


def take(url: str, executor: str) -> Slot | None:
    """
    Take the name *executor* among the workers on the database at *url*; None when another process has it.

    Raises:
        Refused: The name is lost as soon as it is taken: a pool keeps the server's sessions from us.

        Unavailable: The database cannot be reached.

    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _take_file(f"{parsed.database}-{executor}")
    return _take_advisory(url, executor)


def _take_file(file: str) -> Slot | None:
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
    return Slot(lambda: True, connection.close)


def _take_advisory(url: str, executor: str) -> Slot | None:
    # Numbers of PostgreSQL are signed.
    name = crc32(executor.encode()) - 2**31
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True)
    try:
        session = engine.connect()
        session.execute(_HURRY)
        if not session.execute(_TAKE, {"class": _CLASS, "name": name}).scalar():
            session.close()
            return None
        with engine.connect() as other, other.execution_options(isolation_level="READ COMMITTED").begin():
            # Behind a pool that lends sessions for one transaction, it is this one that has the lock now.
            other.execute(text("SELECT 1"))
            is_held = session.execute(_HELD, {"class": _CLASS, "name": name % 2**32}).scalar()
    except SQLAlchemyError as error:
        raise Unavailable(System.STORE, type(error).__name__) from None
    if not is_held:
        session.close()
        raise Refused(
            System.STORE,
            "NO_SESSIONS",
            "a pool lends the server's sessions for one transaction, in which a worker's name is lost; "
            "connect to the server itself, or set pgbouncer to pool_mode = session",
        )

    def is_ours() -> bool:
        # The lock goes with the session: one that answers has it still.
        try:
            session.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return not session.invalidated

    def give_back() -> None:
        with suppress(SQLAlchemyError):
            session.close()
        engine.dispose()

    return Slot(is_ours, give_back)
