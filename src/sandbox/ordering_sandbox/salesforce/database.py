"""
Where the org's rows are: SQLite in WAL mode, one writer at a time, readers that see the last commit.

A reader beside an open transaction sees the state before it, as another session of the real org would.
"""

from __future__ import annotations

import sqlite3
import threading

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from ordering_sandbox.salesforce.like import like
from ordering_sandbox.salesforce.schema import TEXTS, Field, FieldType, ObjectType, Schema


Value: TypeAlias = "str | int | float | bytes | None"
"""What a column holds: instants and dates as sortable text, flags as 0 and 1."""

Row: TypeAlias = Mapping[str, Value]
"""One record by the names of its fields."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS sandbox_counter (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sandbox_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sandbox_client (consumer_key TEXT PRIMARY KEY, consumer_secret TEXT NOT NULL,
    username TEXT NOT NULL, certificate TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sandbox_token (token TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT NOT NULL,
    consumer_key TEXT NOT NULL, expires_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sandbox_file (id TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
"""


class Database:
    """The rows of one org, in a file."""

    def __init__(self, path: Path, schema: Schema) -> None:
        """Open the file, and give every object its table."""
        self._path = path
        self._writing = threading.RLock()
        self._readers = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._opening = threading.Lock()
        self._writer = self._open()
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.executescript(_TABLES)
        for kind in schema.objects:
            if not kind.event:
                _create_table(self._writer, kind)
        self.numbers = Numbers()
        self.numbers.load(self._writer)

    @contextmanager
    def turn(self) -> Generator[None]:
        """Let nobody else write: what a writer does after its commit then keeps the order of commits."""
        with self._writing:
            yield

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """Run one transaction; it is committed on leaving and rolled back by an exception."""
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self.numbers.save(self._writer)
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """Read the last committed state, the same for as long as this lasts."""
        reader: sqlite3.Connection | None = getattr(self._readers, "connection", None)
        if reader is None:
            reader = self._open()
            self._readers.connection = reader
        reader.execute("BEGIN")
        try:
            yield reader
        finally:
            reader.execute("ROLLBACK")

    def analyse(self) -> None:
        """Let SQLite learn how many rows there are, so that queries begin where there are few."""
        with self._writing:
            self._writer.execute("ANALYZE")

    def close(self) -> None:
        """Close every connection."""
        with self._opening:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.row_factory = sqlite3.Row
        connection.create_collation("any_case", _compare_any_case)
        connection.create_function("soql_like", 2, like, deterministic=True)
        connection.execute("PRAGMA synchronous = NORMAL")
        with self._opening:
            self._opened.append(connection)
        return connection


@contextmanager
def savepoint(connection: sqlite3.Connection) -> Generator[None]:
    """Undo what was written in here when an exception leaves it."""
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK TO part")
        connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part")


class Numbers:
    """Series of numbers for ids: what a rolled-back transaction took is never given again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, int] = {}

    def load(self, connection: sqlite3.Connection) -> None:
        """Go on from what was saved."""
        with self._lock:
            self._last = dict(connection.execute("SELECT name, last FROM sandbox_counter").fetchall())

    def save(self, connection: sqlite3.Connection) -> None:
        """Keep what was given so far."""
        with self._lock:
            taken = list(self._last.items())
        connection.executemany("INSERT OR REPLACE INTO sandbox_counter VALUES (?, ?)", taken)

    def take(self, name: str) -> int:
        """Return the next number of the series *name*, which begins with 1."""
        with self._lock:
            number = self._last.get(name, 0) + 1
            self._last[name] = number
            return number


def insert_rows(connection: sqlite3.Connection, kind: ObjectType, rows: list[Row]) -> None:
    """Write new *rows*, which hold every stored field of *kind*."""
    names = [field.name for field in kind.stored_fields()]
    columns = ", ".join(f'"{name}"' for name in names)
    places = ", ".join("?" for _ in names)
    connection.executemany(
        f'INSERT INTO "{kind.name}" ({columns}) VALUES ({places})',
        [[row.get(name) for name in names] for row in rows],
    )


def update_row(connection: sqlite3.Connection, kind: ObjectType, record_id: str, values: Row) -> None:
    """Write *values* over those of one row."""
    changes = ", ".join(f'"{name}" = ?' for name in values)
    connection.execute(
        f'UPDATE "{kind.name}" SET {changes} WHERE "Id" = ?',
        [*values.values(), record_id],
    )


def fetch_row(connection: sqlite3.Connection, kind: ObjectType, record_id: str) -> dict[str, Value] | None:
    """Return the stored fields of one row, deleted or not."""
    row = connection.execute(f'SELECT * FROM "{kind.name}" WHERE "Id" = ?', (record_id,)).fetchone()
    return None if row is None else {name: row[name] for name in row.keys()}  # noqa: SIM118 - a Row is no mapping


def _compare_any_case(left: str, right: str) -> int:
    one, other = left.casefold(), right.casefold()
    return (one > other) - (one < other)


def _create_table(connection: sqlite3.Connection, kind: ObjectType) -> None:
    columns = ", ".join(_column(field) for field in kind.stored_fields())
    connection.execute(f'CREATE TABLE IF NOT EXISTS "{kind.name}" ({columns})')
    there = {row[1] for row in connection.execute(f'PRAGMA table_info("{kind.name}")')}
    for field in kind.stored_fields():
        if field.name not in there:
            connection.execute(f'ALTER TABLE "{kind.name}" ADD COLUMN {_column(field)}')
        if _indexed(field):
            connection.execute(
                f'CREATE INDEX IF NOT EXISTS "{kind.name}.{field.name}" ON "{kind.name}" ("{field.name}")'
            )


def _column(field: Field) -> str:
    key = " PRIMARY KEY" if field.type is FieldType.ID else ""
    any_case = " COLLATE any_case" if field.type in TEXTS and not field.case_sensitive else ""
    return f'"{field.name}"{key}{any_case}'


def _indexed(field: Field) -> bool:
    return (
        field.type is FieldType.REFERENCE
        or field.external_id
        or field.name in {"SystemModstamp", "CreatedDate", "StockKeepingUnit", "Username"}
    )
