"""
The database, opened so that what was committed survives a power cut and writers queue instead of failing.

SQLite in a file: write-ahead log, every commit on the disk before it is answered, and every transaction begun
as a writer, so that what it read cannot have changed when it writes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError


PATIENCE: Final = timedelta(seconds=10)
"""How long a transaction waits for its turn before the store counts as unavailable."""

READING: Final = "oc_reading"
"""The execution option of a connection that only looks, statement by statement, and takes nobody's turn."""

_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {PATIENCE // timedelta(milliseconds=1)}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


class _Cursor(Protocol):
    def execute(self, sql: str, /) -> object: ...
    def close(self) -> object: ...


class _Opened(Protocol):
    """A connection as its driver hands it out."""

    isolation_level: str | None

    def cursor(self) -> _Cursor: ...


def open_engine(url: str) -> Engine:
    """
    Return an engine on *url*: ``sqlite:///orders.db`` where the process runs, ``sqlite:////srv/orders.db``.

    Nothing is opened before it is used. No statement is logged with what is in it.

    Raises:
        ValueError: It is no such URL.

    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The cause quotes the URL, which may hold a password.
        raise ValueError("the database is no URL; write sqlite:///FILE") from None
    if parsed.get_backend_name() != "sqlite":
        raise ValueError(f"no databases of kind {parsed.get_backend_name()!r}; write sqlite:///FILE")
    if parsed.database in {None, "", ":memory:"}:
        raise ValueError("a database in memory is gone with its first connection; write sqlite:///FILE")
    try:
        engine = create_engine(parsed, hide_parameters=True)
    except SQLAlchemyError:
        raise ValueError("the database cannot be opened this way; write sqlite:///FILE") from None
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(opened: _Opened, _record: object) -> None:
    # The driver would begin transactions when it sees fit: only before writing, and never for reading.
    opened.isolation_level = None
    cursor = opened.cursor()
    try:
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
    finally:
        cursor.close()


def _on_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get(READING):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
