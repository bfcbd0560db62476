"""
Everything of ours in a database: one connection and one transaction of it for each of ours.

Transactions come one after the other. Within a process they queue for a lock, which is fairer and quicker
than the database's own way of waiting; between processes they queue in the database.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Lock, get_ident
from time import monotonic
from typing import Final, TypeAlias

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ordering_adapters.storage.checkout import read_placing_file, read_visit
from ordering_adapters.storage.events import SqlEvents
from ordering_adapters.storage.journal import SqlJournal
from ordering_adapters.storage.patience import PATIENCE, READING
from ordering_adapters.storage.placements import SqlPlacements
from ordering_adapters.storage.projection import SqlProjection
from ordering_adapters.storage.records import (
    SqlAnswers,
    SqlCheckpoints,
    SqlDecisions,
    SqlFindings,
    SqlIdentities,
)
from ordering_adapters.storage.sessions import SqlSessions
from ordering_adapters.storage.statements import Statements, failures, reason
from ordering_adapters.storage.triggers import SqlTriggers
from ordering_adapters.storage.uploads import SqlUploads
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.identifiers import CustomerId, OrderId, SessionId
from ordering_core.domain.journal import Subject
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, Unavailable
from ordering_core.ports.checkout_records import Placement
from ordering_core.ports.clock import Clock
from ordering_core.ports.store import PlacingFile, Store, Transaction, Visit


Observe: TypeAlias = Callable[[str, "type[BaseException] | None", float], None]
"""Is told of every transaction: what it is called, the kind of its error if it had one, and its seconds."""


_TRANSACTION: Final = "transaction"


def unobserved(_operation: str, _error: type[BaseException] | None, _seconds: float) -> None:
    """Let nobody hear of a transaction."""


class SqlTransaction(Transaction):
    """The parts of a `SqlStore`; they answer only inside their transaction, and only in its thread."""

    def __init__(self, statements: Statements, clock: Clock) -> None:
        self._clock = clock
        self._statements = statements
        self._sessions = SqlSessions(statements)
        self._requests = SqlPlacements(statements)
        self._journal = SqlJournal(statements)
        self._projection = SqlProjection(statements)
        self._events = SqlEvents(statements)
        self._decisions = SqlDecisions(statements)
        self._findings = SqlFindings(statements)
        self._identities = SqlIdentities(statements)
        self._checkpoints = SqlCheckpoints(statements)
        self._answers = SqlAnswers(statements)
        self._triggers = SqlTriggers(statements)
        self._uploads = SqlUploads(statements)

    @property
    def sessions(self) -> SqlSessions:
        return self._sessions

    @property
    def requests(self) -> SqlPlacements:
        return self._requests

    @property
    def journal(self) -> SqlJournal:
        return self._journal

    @property
    def projection(self) -> SqlProjection:
        return self._projection

    @property
    def events(self) -> SqlEvents:
        return self._events

    @property
    def decisions(self) -> SqlDecisions:
        return self._decisions

    @property
    def findings(self) -> SqlFindings:
        return self._findings

    @property
    def identities(self) -> SqlIdentities:
        return self._identities

    @property
    def checkpoints(self) -> SqlCheckpoints:
        return self._checkpoints

    @property
    def answers(self) -> SqlAnswers:
        return self._answers

    @property
    def uploads(self) -> SqlUploads:
        return self._uploads

    @property
    def statements(self) -> Statements:
        """The connection, for tables that are no part of the store."""
        return self._statements

    @property
    def triggers(self) -> SqlTriggers:
        """What is to run, for the work queue."""
        return self._triggers

    def visit(self, session: SessionId, customer: CustomerId | None, /) -> Visit:
        return read_visit(self._statements, session, customer)

    def replace_session(self, session: CheckoutSession, reader: str, /) -> tuple[CheckoutSession, str | None]:
        return self._sessions.replace_and_look(session, reader)

    def placing_file(self, placement: Placement, order: OrderId, /) -> PlacingFile:
        return read_placing_file(self._statements, placement, order)

    def trigger(self, subject: Subject, /, *, cause: str, at: datetime | None = None) -> None:
        self._triggers.add(subject, cause, self._clock.now() if at is None else at)

    def forget_triggers(self, subject: Subject, /, *, waiting: bool) -> int:
        return self._triggers.forget(subject, waiting=waiting)


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
        self._statement_by_statement: Final = engine.execution_options(**{READING: True})
        self._clock = clock
        self._observe = observe
        self._patience = patience.total_seconds()
        self._turn = Lock()
        self._thread: int | None = None

    @property
    def engine(self) -> Engine:
        """The database."""
        return self._engine

    @contextmanager
    def transaction(self) -> Generator[SqlTransaction]:
        with self._observed(), self._committed() as tx:
            yield tx

    @contextmanager
    def at_once(self) -> Generator[SqlTransaction]:
        """As the port says; a second statement raises RuntimeError."""
        with self._observed(), self._my_turn():
            with failures():
                connection = self._statement_by_statement.connect()
            statements = Statements(connection, commits=True)
            try:
                yield SqlTransaction(statements, self._clock)
            finally:
                statements.end()
                connection.close()

    @contextmanager
    def _observed(self) -> Generator[None]:
        began, failed = monotonic(), None
        try:
            yield
        except BaseException as error:
            failed = type(error)
            raise
        finally:
            self._observe(_TRANSACTION, failed, monotonic() - began)

    @contextmanager
    def _committed(self) -> Generator[SqlTransaction]:
        with self._my_turn(), self._connection() as connection:
            statements = Statements(connection)
            try:
                yield SqlTransaction(statements, self._clock)
            except BaseException:
                with suppress(SQLAlchemyError):  # what brought us here says more
                    connection.rollback()
                raise
            finally:
                statements.end()
            _commit(connection)

    @contextmanager
    def _my_turn(self) -> Generator[None]:
        if self._thread == get_ident():
            raise RuntimeError("this thread has a transaction open already")
        if not self._turn.acquire(timeout=self._patience):
            raise Unavailable(System.STORE, "other threads keep it busy")
        try:
            self._thread = get_ident()
            yield
        finally:
            self._thread = None
            self._turn.release()

    @contextmanager
    def _connection(self) -> Generator[Connection]:
        with failures():
            connection = _begun(self._engine)
        try:
            yield connection
        finally:
            connection.close()


def _begun(engine: Engine) -> Connection:
    """
    Return a connection with a transaction that has its turn.

    One that was lost while nobody used it is noticed here, when nothing has happened yet: the server was
    started again, say. A new one is tried then, once.
    """
    try:
        return _begin(engine)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        return _begin(engine)


def _begin(engine: Engine) -> Connection:
    connection = engine.connect()
    try:
        connection.begin()
    except BaseException:
        connection.close()
        raise
    return connection


def _commit(connection: Connection) -> None:
    try:
        connection.commit()
    except SQLAlchemyError as error:
        connection.invalidate()
        raise OutcomeUnknown(System.STORE, reason(error)) from None
