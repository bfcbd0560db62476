"""
Everything of ours in a database: one connection and one transaction of it for each of ours.

Transactions come one after the other, within a process (`storage.turns`) and between processes, where they
queue in the database. A statement that commits by itself waits for its turn on SQLite, which has one writer;
on PostgreSQL it is run beside the transactions, on a connection of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from time import monotonic
from types import TracebackType
from typing import Final, TypeAlias

import attrs

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ordering_adapters.storage.kept import Kept, Opened
from ordering_adapters.storage.patience import PATIENCE
from ordering_adapters.storage.prepared import Book
from ordering_adapters.storage.statements import TAKEN, Statements, reason, told
from ordering_adapters.storage.transaction import SqlTransaction
from ordering_adapters.storage.turns import Turns
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown
from ordering_core.ports.clock import Clock
from ordering_core.ports.store import Store


Observe: TypeAlias = Callable[[str, "type[BaseException] | None", float], None]
"""Is told of every transaction: what it is called, the kind of its error if it had one, and its seconds."""


BESIDE: Final = 4
"""Statements that commit by themselves and are run at a time on PostgreSQL, beside the transactions."""

_TRANSACTION: Final = "transaction"


def unobserved(_operation: str, _error: type[BaseException] | None, _seconds: float) -> None:
    """Let nobody hear of a transaction."""


@attrs.frozen(kw_only=True, eq=False)
class _Shared:
    """What the transactions of a store have in common."""

    clock: Clock
    observe: Observe
    kept: Kept
    book: Book


class _Inside(AbstractContextManager[SqlTransaction]):
    """The way into a transaction, or with *commits* to one statement, and the way out."""

    def __init__(self, shared: _Shared, turns: Turns, *, commits: bool) -> None:
        self._shared = shared
        self._turns = turns
        self._commits = commits

    def __enter__(self) -> SqlTransaction:
        self._began = monotonic()
        try:
            self._turns.take()
            try:
                self._opened = self._open()
            except BaseException:
                self._turns.give_back()
                raise
        except BaseException as error:
            self._tell(type(error))
            raise
        self._statements = Statements(self._opened, self._shared.book, commits=self._commits)
        return SqlTransaction(self._statements, self._shared.clock)

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._statements.end()
        is_sound = False
        try:
            is_sound = self._end(kind)
        except BaseException as error:
            kind = type(error)
            raise
        finally:
            self._shared.kept.give_back(self._opened, is_sound=is_sound)
            self._turns.give_back()
            self._tell(kind)

    def _open(self) -> Opened:
        try:
            return self._shared.kept.take() if self._commits else _begun(self._shared.kept)
        except SQLAlchemyError as error:
            raise told(error, TAKEN, commits=False) from None

    def _end(self, kind: type[BaseException] | None) -> bool:
        """Keep what was done, or nothing after an error of *kind*; say whether the connection is sound."""
        connection = self._opened.connection
        if kind is None:
            if not self._commits:
                _commit(connection)
            return True
        try:
            connection.rollback()
        except SQLAlchemyError:  # what brought us here says more
            return False
        return issubclass(kind, Exception)

    def _tell(self, kind: type[BaseException] | None) -> None:
        self._shared.observe(_TRANSACTION, kind, monotonic() - self._began)


class SqlStore(Store):
    """A store in the database behind *engine*, to be shared by any number of threads."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        patience: timedelta = PATIENCE,
        observe: Observe = unobserved,
    ) -> None:
        """
        Use what `migrate.upgrade` has made; wait for *patience* at most while other threads write.

        *observe* is told of every transaction, waiting for its turn included.
        """
        self._engine: Final = engine
        inside: set[int] = set()
        self._turns: Final = Turns(patience, inside=inside)
        self._beside: Final = (
            Turns(patience, inside=inside, most=BESIDE)
            if engine.dialect.name == "postgresql"
            else self._turns
        )
        self._shared: Final = _Shared(
            clock=clock, observe=observe, kept=Kept(engine, most=1 + BESIDE), book=Book(engine.dialect)
        )

    @property
    def engine(self) -> Engine:
        """The database."""
        return self._engine

    def transaction(self) -> AbstractContextManager[SqlTransaction]:
        return _Inside(self._shared, self._turns, commits=False)

    def at_once(self) -> AbstractContextManager[SqlTransaction]:
        """As the port says; a second statement raises RuntimeError."""
        return _Inside(self._shared, self._beside, commits=True)


def _begun(kept: Kept) -> Opened:
    """
    Return a connection with a transaction that has its turn.

    One that was lost while nobody used it, without a word, is noticed here, when nothing has happened yet. A
    new one is tried then, once.
    """
    try:
        return _begin(kept)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _begin(kept)


def _begin(kept: Kept) -> Opened:
    opened = kept.take()
    try:
        opened.connection.begin()
    except BaseException:
        opened.close()  # it may have begun, and not have got the lock
        raise
    return opened


def _commit(connection: Connection) -> None:
    try:
        connection.commit()
    except SQLAlchemyError as error:
        raise OutcomeUnknown(System.STORE, reason(error)) from None
