"""
What we store ourselves, behind one transaction (DESIGN 2, 6).

``with store.transaction() as tx`` offers the parts below; it commits on leaving and rolls back on an
exception. It contains no call to an outside system. Every part is a protocol of its own with a contract suite
of its own.

Parts read what their own transaction has written. They are used inside it only, by the thread that opened
it, and a thread has one open at a time. A part that raised Conflict leaves the transaction unusable: the
error has to leave it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeAlias

from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import (
    AccountId,
    ClientId,
    CustomerId,
    OrderId,
    SessionId,
)
from ordering_core.domain.journal import (
    CaseFile,
    JournalRow,
    Subject,
    SubjectKind,
)
from ordering_core.ports.checkout_records import Answers, Placement, Placements, Sessions, Uploads
from ordering_core.ports.order_records import Decisions, Events, Findings, Journal, ProjectedOrder, Projection


class Identities(Protocol):
    """The map portal user - Account - WHMCS client."""

    @abstractmethod
    def put(self, identity: Identity, /) -> None:
        """
        Keep the mapping; keeping it twice is the same as once.

        Raises:
            Conflict: The customer, account or client is mapped differently already.

        """
        ...

    @abstractmethod
    def of_customer(self, customer: CustomerId, /) -> Identity | None:
        """Return the portal user's mapping, or None."""
        ...

    @abstractmethod
    def of_account(self, account: AccountId, /) -> Identity | None:
        """Return the Account's mapping, or None."""
        ...

    @abstractmethod
    def of_client(self, client: ClientId, /) -> Identity | None:
        """Return the WHMCS client's mapping, or None."""
        ...


class Checkpoints(Protocol):
    """How far named readers have come."""

    @abstractmethod
    def get(self, name: str, /) -> str | None:
        """Return the reader's place, or None before the first."""
        ...

    @abstractmethod
    def set(self, name: str, place: str, /) -> None:
        """Remember the reader's place."""
        ...

    @abstractmethod
    def replace(self, name: str, place: str, /, *, before: str | None) -> None:
        """
        Remember the reader's place if the one remembered is *before*, None for none.

        Raises:
            Conflict: Another one is; of two that replace the same place one is told so.

        """
        ...


Visit: TypeAlias = tuple[CheckoutSession | None, Identity | None, tuple[JournalRow, ...]]
"""A session, its customer's mapping, and what was done for their Account's eligibility requests."""


Cause: TypeAlias = tuple[Subject, str]
"""Who was triggered, and the cause of it."""


PlacingFile: TypeAlias = tuple[Placement | None, CaseFile | None, ProjectedOrder | None]
"""A submit, and what is kept of the order that it became."""


class Transaction(Protocol):
    """The parts of the store, and the triggers, inside one transaction."""

    @property
    @abstractmethod
    def sessions(self) -> Sessions:
        """Checkout sessions."""
        ...

    @property
    @abstractmethod
    def requests(self) -> Placements:
        """Submits by request key."""
        ...

    @property
    @abstractmethod
    def journal(self) -> Journal:
        """Outside effects and case files."""
        ...

    @property
    @abstractmethod
    def projection(self) -> Projection:
        """Our copy of the orders."""
        ...

    @property
    @abstractmethod
    def events(self) -> Events:
        """The event log."""
        ...

    @property
    @abstractmethod
    def decisions(self) -> Decisions:
        """Decisions."""
        ...

    @property
    @abstractmethod
    def findings(self) -> Findings:
        """Findings."""
        ...

    @property
    @abstractmethod
    def identities(self) -> Identities:
        """Identity map."""
        ...

    @property
    @abstractmethod
    def checkpoints(self) -> Checkpoints:
        """Readers' places."""
        ...

    @property
    @abstractmethod
    def answers(self) -> Answers:
        """Idempotency keys."""
        ...

    @property
    @abstractmethod
    def uploads(self) -> Uploads:
        """Images in transit."""
        ...

    def visit(self, session: SessionId, customer: CustomerId | None, /) -> Visit:
        """
        Return what our parts know of *customer*'s visit to the checkout in *session*.

        A database is asked once for all of it.
        """
        mapping = self.identities.of_customer(customer) if customer else None
        asked = Subject(SubjectKind.ELIGIBILITY, mapping.account) if mapping else None
        return self.sessions.get(session), mapping, self.journal.rows(asked) if asked else ()

    def replace_session(self, session: CheckoutSession, reader: str, /) -> tuple[CheckoutSession, str | None]:
        """
        Keep *session* as `Sessions.replace` does, and return it as kept, with the place of *reader*.

        A database is asked once for both. Raises Conflict as `Sessions.replace`.
        """
        return self.sessions.replace(session), self.checkpoints.get(reader)

    def placing_file(self, placement: Placement, order: OrderId, /) -> PlacingFile:
        """
        Return *placement* as it is stored, with what our parts know of *order*.

        A database is asked once for all of it.
        """
        return (
            self.requests.get(placement.key),
            self.journal.case_file(Subject(SubjectKind.ORDER, order)),
            self.projection.get(order),
        )

    @abstractmethod
    def trigger(self, subject: Subject, /, *, cause: str, at: datetime | None = None) -> None:
        """
        Have *subject* run, at *at* or now: durable with this transaction, once per *cause* (DESIGN 6).

        *cause* names an event id, a journal version or a due time, never only the subject. A cause that has
        triggered the subject before changes nothing, whether that is still waiting or has run. One cause may
        trigger several subjects.
        """
        ...

    def trigger_instead(self, needless: Cause, subject: Subject, /, *, cause: str) -> None:
        """
        Have *subject* run now, as `trigger` does; nobody needs what waits for *needless* any more.

        A store forgets it where that costs nothing, and never while it may be running already.
        """
        _ = needless
        self.trigger(subject, cause=cause)

    @abstractmethod
    def due_since(self, at: datetime, /) -> Mapping[Subject, datetime]:
        """
        Return who has a trigger that was due at *at* and is not served, and since when the first one is.

        It may be waiting for its turn, be running, or be held by a process that hangs or died.
        """
        ...

    @abstractmethod
    def forget_triggers(self, subject: Subject, /, *, waiting: bool) -> int:
        """
        Forget what has triggered *subject* and ran, and with *waiting* what still waits too; say how much.

        A cause that is forgotten may trigger the subject again.
        """
        ...


class Store(Protocol):
    """Where everything of ours is kept."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """
        Open a transaction; it commits on leaving, rolls back on an exception.

        Raises:
            Unavailable: The store cannot be reached; nothing was kept.

            Conflict: Another transaction won; nothing was kept, begin again.

            OutcomeUnknown: The reply to the commit was lost; read before writing again.

        """
        ...

    def at_once(self) -> AbstractContextManager[Transaction]:
        """
        Open a transaction for one question, or for one change, with which it commits.

        A second of either may raise RuntimeError; for the rest it is as `transaction`. A database needs no
        BEGIN and no COMMIT around it.
        """
        return self.transaction()
