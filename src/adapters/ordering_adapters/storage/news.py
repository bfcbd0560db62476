"""
Asking the database whether anybody has committed, which costs next to nothing.

SQLite is asked for a number that changes with every commit of another connection; PostgreSQL tells who
listens. What it told while nobody was connected is lost, so there the log is also read again now and then.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ordering_adapters.storage.postgresql import CHANNEL, Listening


READ_AGAIN: Final = 5.0
"""Seconds after which the log is read although nobody has told of an event."""


def news(connection: Connection, interval: float, closing: Event) -> Callable[[], bool]:
    """
    Return what says whether the log has to be read; the first answer is yes.

    It takes *interval* seconds at most to answer, less when there is news or *closing* is set.
    """
    if connection.dialect.name == "postgresql":
        return _listening(connection, interval)
    return _watching(connection, interval, closing)


def _watching(connection: Connection, interval: float, closing: Event) -> Callable[[], bool]:
    seen: object = None

    def has_changed() -> bool:
        nonlocal seen
        if seen is not None:
            closing.wait(interval)
        version: object = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
        changed, seen = version != seen, version
        return changed

    return has_changed


def _listening(connection: Connection, interval: float) -> Callable[[], bool]:
    opened: object = connection.connection.driver_connection
    if not isinstance(opened, Listening):
        raise TypeError("the driver tells nothing")
    connection.detach()  # one that listens is nobody else's, and is closed with its reader
    connection.exec_driver_sql(f"LISTEN {CHANNEL}")
    read_at: float | None = None

    def was_told() -> bool:
        nonlocal read_at
        told = read_at is not None and _told(connection, opened, interval)
        if not told and read_at is not None and monotonic() - read_at < READ_AGAIN:
            return False
        read_at = monotonic()
        return True

    return was_told


def _told(connection: Connection, opened: Listening, interval: float) -> bool:
    """Return whether anybody told of an event within *interval* seconds."""
    try:
        return [*opened.notifies(timeout=interval, stop_after=1)] != []
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(None, None, error) from None
