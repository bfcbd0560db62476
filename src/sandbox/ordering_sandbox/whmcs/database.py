"""Where the installation's rows are: SQLite, one call at a time, all of a call's writes or none."""

from __future__ import annotations

import sqlite3
import threading

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path

from ordering_sandbox.whmcs.schema import TABLES
from ordering_sandbox.whmcs.tables import Row, Table, Value


class Rows:
    """Reads and writes rows, inside one call."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, table: str, row_id: int) -> Row | None:
        """Return the row *row_id*, None when there is none."""
        return next(iter(self.find(table, id=row_id)), None)

    def first(self, table: str, **equal: Value) -> Row | None:
        """Return the oldest row whose columns equal *equal*."""
        return next(iter(self.find(table, **equal)), None)

    def find(self, table: str, **equal: Value) -> list[Row]:
        """Return the rows whose columns equal *equal*, oldest first."""
        return self.select(table, [f'"{name}" = ?' for name in equal], list(equal.values()))

    def select(
        self,
        table: str,
        conditions: Sequence[str] = (),
        values: Sequence[Value] = (),
        *,
        order: str = '"id"',
        limit: int = -1,
        offset: int = 0,
    ) -> list[Row]:
        """Return the rows that meet all *conditions*, whose question marks stand for *values*."""
        found = self._connection.execute(
            f'SELECT * FROM "{table}"{_where(conditions)} ORDER BY {order} LIMIT ? OFFSET ?',
            (*values, limit, offset),
        )
        return [dict(row) for row in found]

    def count(self, table: str, conditions: Sequence[str] = (), values: Sequence[Value] = ()) -> int:
        """Return how many rows meet all *conditions*."""
        found = self._connection.execute(f'SELECT COUNT(*) FROM "{table}"{_where(conditions)}', tuple(values))
        return int(found.fetchone()[0])

    def insert(self, table: str, row: Row) -> int:
        """Write a row, absent columns with their defaults; return its id."""
        known = {**TABLES[table].columns, **row}
        names = ", ".join(f'"{name}"' for name in known)
        marks = ", ".join("?" for _ in known)
        added = self._connection.execute(
            f'INSERT INTO "{table}" ({names}) VALUES ({marks})', tuple(known.values())
        )
        return added.lastrowid or 0

    def update(self, table: str, row_id: int, changes: Row) -> None:
        """Write *changes* into the row *row_id*."""
        if changes:
            names = ", ".join(f'"{name}" = ?' for name in changes)
            self._connection.execute(
                f'UPDATE "{table}" SET {names} WHERE "id" = ?', (*changes.values(), row_id)
            )

    def delete(self, table: str, **equal: Value) -> None:
        """Remove the rows whose columns equal *equal*."""
        conditions = _where([f'"{name}" = ?' for name in equal])
        self._connection.execute(f'DELETE FROM "{table}"{conditions}', tuple(equal.values()))

    def plant(self, table: str, rows: Iterable[Row]) -> list[int]:
        """Write many rows; return their ids."""
        return [self.insert(table, row) for row in rows]


class Database:
    """The rows of one installation: in *path*, or in memory without one."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            ":memory:" if path is None else path, isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA synchronous = OFF")
        for name, table in TABLES.items():
            _create(self._connection, name, table)

    @contextmanager
    def open(self) -> Generator[Rows]:
        """Run one transaction; it is committed on leaving and rolled back by an exception."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Rows(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close it."""
        with self._lock:
            self._connection.close()


def _create(connection: sqlite3.Connection, name: str, table: Table) -> None:
    columns = "".join(
        f', "{column}" {"INTEGER" if isinstance(default, int) else "TEXT"} NOT NULL'
        for column, default in table.columns.items()
    )
    connection.execute(
        f'CREATE TABLE IF NOT EXISTS "{name}" ("id" INTEGER PRIMARY KEY AUTOINCREMENT{columns})'
    )
    for column in table.indexes:
        connection.execute(f'CREATE INDEX IF NOT EXISTS "{name}_{column}" ON "{name}" ("{column}")')
    if connection.execute("SELECT 1 FROM sqlite_sequence WHERE name = ?", (name,)).fetchone() is None:
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, table.first - 1))


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
