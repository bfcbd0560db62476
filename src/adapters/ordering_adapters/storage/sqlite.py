"""
SQLite in a file: write-ahead log, every commit on the disk before it is answered, one writer at a time.

Every transaction begins as a writer, so that what it read cannot have changed when it writes.
"""

from __future__ import annotations

import os

from contextlib import suppress
from datetime import timedelta
from typing import Final, Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, event

from ordering_adapters.storage.driver import run
from ordering_adapters.storage.patience import PATIENCE, READING


_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {PATIENCE // timedelta(milliseconds=1)}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


_OWN: Final = 0o600


class _Cursor(Protocol):
    def execute(self, sql: str, /) -> object: ...
    def close(self) -> object: ...


class _Opened(Protocol):
    """A connection as its driver hands it out."""

    isolation_level: str | None

    def cursor(self) -> _Cursor: ...


def new_engine(url: URL) -> Engine:
    """
    Return an engine on *url*. Nothing is opened before it is used.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: There is no such driver.

    """
    engine = create_engine(url, hide_parameters=True)
    file = url.database or ""
    event.listen(engine, "do_connect", lambda *_: _make_own(file))
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _make_own(file: str) -> None:
    """Make *file* its owner's alone unless it is there already: it holds what customers typed."""
    if not file.startswith("file:"):
        with suppress(OSError):  # what keeps it from being made is told by who opens it
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWN))


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
        run(connection, "BEGIN IMMEDIATE")
