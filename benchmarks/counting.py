"""Statements and commits, counted where they are sent: those of our store, and those of DBOS for itself."""

from __future__ import annotations

import re

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Self

import attrs

from sqlalchemy import Connection, Engine, event

from ordering_adapters.storage.patience import READING


_WRITING: Final = re.compile(r"\b(?:INSERT|DELETE\s+FROM|UPDATE\s+\S+\s+SET)\b")


class Counted:
    """The statements that an engine ran, those that begin and end transactions too."""

    def __init__(self, engine: Engine) -> None:
        """Count from now on."""
        self.statements = 0
        self.commits = 0
        """Those of transactions that wrote; the others have nothing to keep."""
        self._wrote = False
        event.listen(engine, "before_cursor_execute", self._on_statement)
        event.listen(engine, "commit", self._on_commit)
        self._engine = engine

    def end(self) -> Mapping[str, int]:
        """Count no more, and return what was counted."""
        event.remove(self._engine, "before_cursor_execute", self._on_statement)
        event.remove(self._engine, "commit", self._on_commit)
        return {"statements": self.statements, "commits": self.commits}

    def _on_statement(  # as the engine calls it
        self,
        connection: Connection,
        _cursor: object,
        sql: str,
        _values: object,
        _context: object,
        _many: bool,  # noqa: FBT001 - as the engine calls it
    ) -> None:
        self.statements += 1
        writes = sql.startswith(("INSERT", "UPDATE", "DELETE"))
        if connection.get_execution_options().get(READING):
            self.commits += writes  # which it does by itself
        else:
            self._wrote = self._wrote or writes

    def _on_commit(self, _connection: Connection) -> None:
        self.statements += 1
        self.commits += self._wrote
        self._wrote = False


@attrs.frozen(kw_only=True)
class Transaction:
    """The SQL that it sent, and whether it *wrote*; *ends* are the statements that began and ended it."""

    sql: tuple[str, ...]
    wrote: bool
    ends: int

    @property
    def statements(self) -> int:
        """All of them."""
        return len(self.sql) + self.ends


class HeardBeside:
    """
    The transactions of every engine of this process but *ours*, while it is entered.

    The driver of such an engine begins and ends one with a statement each: on PostgreSQL every one, on SQLite
    those that write.
    """

    def __init__(self, ours: Engine) -> None:
        """Hear nothing yet."""
        self.transactions: list[Transaction] = []
        self._ours = ours.pool
        self._open: dict[int, list[str]] = {}

    def __enter__(self) -> Self:
        for name, told in self._listeners():
            event.listen(Engine, name, told)
        return self

    def __exit__(self, *_: object) -> None:
        for name, told in self._listeners():
            event.remove(Engine, name, told)

    def _listeners(self) -> Iterator[tuple[str, Callable[..., None]]]:
        yield "before_cursor_execute", self._on_statement
        yield "commit", self._on_end
        yield "rollback", self._on_end

    def _on_statement(  # as the engine calls it
        self,
        connection: Connection,
        _cursor: object,
        sql: str,
        _values: object,
        _context: object,
        _many: bool,  # noqa: FBT001 - as the engine calls it
    ) -> None:
        if connection.engine.pool is self._ours:
            return
        if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
            self.transactions.append(Transaction(sql=(sql,), wrote=_writes(sql), ends=0))
        else:
            self._open.setdefault(id(connection), []).append(sql)

    def _on_end(self, connection: Connection) -> None:
        if sql := self._open.pop(id(connection), None):
            wrote = any(map(_writes, sql))
            ends = 2 if wrote or connection.dialect.name == "postgresql" else 0
            self.transactions.append(Transaction(sql=tuple(sql), wrote=wrote, ends=ends))


def _writes(sql: str) -> bool:
    return _WRITING.search(sql) is not None
