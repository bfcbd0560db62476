"""What a transaction offers: a part for each kind of record, all on one connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ordering_adapters.storage.checkout import read_placing_file, read_visit
from ordering_adapters.storage.events import SqlEvents
from ordering_adapters.storage.journal import SqlJournal
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
from ordering_adapters.storage.statements import Statements
from ordering_adapters.storage.triggers import SqlTriggers
from ordering_adapters.storage.uploads import SqlUploads
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.identifiers import CustomerId, OrderId, SessionId
from ordering_core.domain.journal import Subject
from ordering_core.ports.checkout_records import Placement
from ordering_core.ports.clock import Clock
from ordering_core.ports.store import Cause, PlacingFile, Transaction, Visit


class SqlTransaction(Transaction):
    """The parts of a `SqlStore`; they answer only inside their transaction, and only in its thread."""

    def __init__(self, statements: Statements, clock: Clock) -> None:
        self._clock = clock
        self._statements = statements

    @property
    def sessions(self) -> SqlSessions:
        return SqlSessions(self._statements)

    @property
    def requests(self) -> SqlPlacements:
        return SqlPlacements(self._statements)

    @property
    def journal(self) -> SqlJournal:
        return SqlJournal(self._statements)

    @property
    def projection(self) -> SqlProjection:
        return SqlProjection(self._statements)

    @property
    def events(self) -> SqlEvents:
        return SqlEvents(self._statements)

    @property
    def decisions(self) -> SqlDecisions:
        return SqlDecisions(self._statements)

    @property
    def findings(self) -> SqlFindings:
        return SqlFindings(self._statements)

    @property
    def identities(self) -> SqlIdentities:
        return SqlIdentities(self._statements)

    @property
    def checkpoints(self) -> SqlCheckpoints:
        return SqlCheckpoints(self._statements)

    @property
    def answers(self) -> SqlAnswers:
        return SqlAnswers(self._statements)

    @property
    def uploads(self) -> SqlUploads:
        return SqlUploads(self._statements)

    @property
    def statements(self) -> Statements:
        """The connection, for tables that are no part of the store."""
        return self._statements

    @property
    def triggers(self) -> SqlTriggers:
        """What is to run, for the work queue."""
        return SqlTriggers(self._statements)

    def visit(self, session: SessionId, customer: CustomerId | None, /) -> Visit:
        return read_visit(self._statements, session, customer)

    def replace_session(self, session: CheckoutSession, reader: str, /) -> tuple[CheckoutSession, str | None]:
        return self.sessions.replace_and_look(session, reader)

    def placing_file(self, placement: Placement, order: OrderId, /) -> PlacingFile:
        return read_placing_file(self._statements, placement, order)

    def trigger(self, subject: Subject, /, *, cause: str, at: datetime | None = None) -> None:
        self.triggers.add(subject, cause, self._clock.now() if at is None else at)

    def trigger_instead(self, needless: Cause, subject: Subject, /, *, cause: str) -> None:
        self.triggers.add_instead(needless, subject, cause, self._clock.now())

    def due_since(self, at: datetime, /) -> Mapping[Subject, datetime]:
        return self.triggers.due_since(at)

    def forget_triggers(self, subject: Subject, /, *, waiting: bool) -> int:
        return self.triggers.forget(subject, waiting=waiting)
