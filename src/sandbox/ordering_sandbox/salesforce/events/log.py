"""
The event bus as a log: events in the order of their publishing, each under a replay id that tells nothing.

It has a file of its own, beside the org's: an event may be out before the transaction that caused it is.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import struct

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final

import attrs

from ordering_sandbox.salesforce.instants import write_instant


_TABLES: Final = """
CREATE TABLE IF NOT EXISTS event (number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL,
    event_id TEXT NOT NULL, schema_id TEXT NOT NULL, payload BLOB NOT NULL, published_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_topic ON event (topic, number);
CREATE TABLE IF NOT EXISTS schema (schema_id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bus (secret BLOB NOT NULL);
"""
_NUMBER: Final = struct.Struct(">Q")
_STRIDE: Final = 13
_TAG_BITS: Final = 24
_WIDTH: Final = 53
"""Bits of a replay id that are used: there are clients that keep its eight bytes as a JavaScript number."""


class BadReplayId(Exception):
    """A replay id is none of this bus, or older than what it keeps."""


@attrs.frozen(kw_only=True)
class Event:
    """One event as it was published; *number* is its place in the log, 0 before it has one."""

    topic: str
    event_id: str
    schema_id: str
    payload: bytes = attrs.field(repr=False)
    number: int = 0


class EventLog:
    """All events of the bus."""

    def __init__(self, path: Path, *, now: Callable[[], datetime], keeps: Callable[[], timedelta]) -> None:
        """Open the log in the file *path*; *now* is the org's time, *keeps* how long events are kept."""
        self._now = now
        self._keeps = keeps
        self._lock = Lock()
        self._listeners: list[Callable[[], None]] = []
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_TABLES)
        self._secret = b""
        kept = self._connection.execute("SELECT secret FROM bus").fetchone()
        if kept is None:
            self.move()
        else:
            self._secret = bytes(kept[0])

    def append(self, event: Event) -> int:
        """Publish *event*; return its place in the log."""
        with self._lock:
            number = self._connection.execute(
                "INSERT INTO event (topic, event_id, schema_id, payload, published_at) VALUES (?, ?, ?, ?, ?)"
                " RETURNING number",
                (event.topic, event.event_id, event.schema_id, event.payload, write_instant(self._now())),
            ).fetchone()[0]
            listeners = list(self._listeners)
        for listener in listeners:
            listener()
        return int(number)

    def after(self, topic: str, number: int, most: int) -> list[Event]:
        """Return up to *most* events of *topic* that follow the place *number*."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT topic, event_id, schema_id, payload, number FROM event"
                " WHERE topic = ? AND number > ? ORDER BY number LIMIT ?",
                (topic, number, most),
            ).fetchall()
        return [
            Event(topic=row[0], event_id=row[1], schema_id=row[2], payload=row[3], number=row[4])
            for row in rows
        ]

    def last(self) -> int:
        """Return the place of the last event on the bus, of whatever topic."""
        with self._lock:
            row = self._connection.execute("SELECT MAX(number) FROM event").fetchone()
        return int(row[0] or 0)

    def before_kept(self) -> int:
        """Return the place of the last event that is not kept any more."""
        oldest = write_instant(self._now() - self._keeps())
        with self._lock:
            row = self._connection.execute(
                "SELECT MAX(number) FROM event WHERE published_at < ?", (oldest,)
            ).fetchone()
        return int(row[0] or 0)

    def replay_id(self, number: int) -> bytes:
        """Return the replay id of the place *number*."""
        place = number * _STRIDE
        return _NUMBER.pack(place << _TAG_BITS | self._tag(place))

    def place_of(self, replay_id: bytes) -> int:
        """
        Return the place that *replay_id* means.

        Raises:
            BadReplayId: It means none, or an event that is not kept any more.

        """
        if len(replay_id) != _NUMBER.size:
            raise BadReplayId
        meant: int = _NUMBER.unpack(replay_id)[0]
        place, tag = divmod(meant, 1 << _TAG_BITS)
        number, rest = divmod(place, _STRIDE)
        if meant >> _WIDTH or tag != self._tag(place) or rest or number < self.before_kept():
            raise BadReplayId
        return number

    def keep_schema(self, schema_id: str, schema: str) -> None:
        """Keep the schema that events of *schema_id* are written in."""
        with self._lock:
            self._connection.execute("INSERT OR IGNORE INTO schema VALUES (?, ?)", (schema_id, schema))

    def schema(self, schema_id: str) -> str | None:
        """Return a schema that was kept."""
        with self._lock:
            row = self._connection.execute(
                "SELECT json FROM schema WHERE schema_id = ?", (schema_id,)
            ).fetchone()
        return None if row is None else str(row[0])

    def move(self) -> None:
        """Move to another bus, as a migrated org does: every replay id so far means nothing any more."""
        with self._lock:
            self._secret = secrets.token_bytes(16)
            self._connection.execute("DELETE FROM bus")
            self._connection.execute("INSERT INTO bus VALUES (?)", (self._secret,))

    def clear(self) -> None:
        """Forget every event."""
        with self._lock:
            self._connection.execute("DELETE FROM event")

    def listen(self, listener: Callable[[], None]) -> None:
        """Call *listener* after each event, from whatever thread."""
        with self._lock:
            self._listeners.append(listener)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _tag(self, place: int) -> int:
        digest = hmac.new(self._secret, _NUMBER.pack(place), hashlib.sha256).digest()
        return int.from_bytes(digest[: _TAG_BITS // 8])
