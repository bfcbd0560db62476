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
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

import attrs

from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.customers import Identity
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.identifiers import (
    AccountId,
    ClientId,
    Cursor,
    CustomerId,
    OpportunityId,
    OrderId,
    RequestKey,
    SessionId,
)
from ordering_core.domain.journal import (
    CaseFile,
    Evidence,
    JournalRow,
    Outcome,
    RowId,
    Runner,
    Step,
    Subject,
    SubjectKind,
)
from ordering_core.domain.order_status import OrderStatus
from ordering_core.domain.orders import NewOrder, OrderSnapshot
from ordering_core.domain.representation import shown
from ordering_core.domain.violations import Verdict
from ordering_core.domain.vocabulary import OrderType


class Sessions(Protocol):
    """Checkout sessions."""

    @abstractmethod
    def add(self, session: CheckoutSession, /) -> None:
        """Keep a new session. Raises Conflict when its id is taken."""
        ...

    @abstractmethod
    def get(self, session: SessionId, /) -> CheckoutSession | None:
        """Return the session, expired or not, or None."""
        ...

    @abstractmethod
    def replace(self, session: CheckoutSession, /, *, replacing: SessionId | None = None) -> CheckoutSession:
        """
        Keep *session* in place of the stored one with the same version, and return it with its next version.

        *replacing* names the stored session when its id rotates: afterwards the old id is gone.

        Raises:
            Conflict: The stored session has another version, or is gone.

        """
        ...

    @abstractmethod
    def expired(self, at: datetime, /) -> tuple[SessionId, ...]:
        """Return the sessions whose time was over at *at* and that were never submitted, oldest first."""
        ...

    @abstractmethod
    def remove(self, session: SessionId, /) -> None:
        """Forget the session; forgetting an unknown one changes nothing."""
        ...


class PlacementState(StrEnum):
    """Where the placing of a submitted session stands (DESIGN 6, Submit)."""

    PLACING = "placing"
    PLACED = "placed"
    REFUSED = "refused"


@attrs.frozen(kw_only=True)
class Placement:
    """
    One submit: what it asked Salesforce to place, and what became of it.

    While placing or placed with a live order, *opportunity* belongs to it alone (DESIGN 3.11); None when a
    new one is opened. *runner* and *settles_at* say who may act on it until when.
    """

    key: RequestKey
    session: SessionId
    customer: CustomerId
    order: NewOrder
    state: PlacementState
    runner: Runner
    since: datetime
    settles_at: datetime
    verdict: Verdict | None = None
    opportunity: OpportunityId | None = None
    placed: OrderId | None = None
    refusal: str = ""

    __repr__ = shown


class Placements(Protocol):
    """Submits by their request key, as `tx.requests`."""

    @abstractmethod
    def add(self, placement: Placement, /) -> None:
        """
        Keep a new placing.

        Raises:
            Conflict: Its key is taken, or its opportunity belongs to another live placement.

        """
        ...

    @abstractmethod
    def get(self, key: RequestKey, /) -> Placement | None:
        """Return the placement, or None."""
        ...

    @abstractmethod
    def of_order(self, order: OrderId, /) -> Placement | None:
        """Return the placement that became *order*, or None."""
        ...

    def of_orders(self, orders: Collection[OrderId], /) -> Mapping[OrderId, Placement]:
        """Return the placement that became each of *orders*, if any; a database is asked once for all."""
        known = ((order, self.of_order(order)) for order in orders)
        return {order: placement for order, placement in known if placement is not None}

    @abstractmethod
    def replace(self, placement: Placement, /, *, runner: Runner) -> None:
        """
        Keep *placement* in place of the stored one, which must still be of *runner*.

        Naming another runner in it takes the placing over. A refused placement lets its opportunity go.

        Raises:
            Conflict: Another runner took it over, it is gone, or its opportunity (or its order) belongs to
            another placement.

        """
        ...

    @abstractmethod
    def release_opportunity(self, order: OrderId, /) -> None:
        """Let the opportunity of a stopped order be linked again: its placement then names none."""
        ...

    @abstractmethod
    def unresolved(self, at: datetime, /) -> tuple[Placement, ...]:
        """Return the placements still placing whose *settles_at* is at or before *at*, oldest first."""
        ...

    @abstractmethod
    def forget_refused(self, at: datetime, /, *, limit: int) -> int:
        """Forget at most *limit* refused placements that had settled at *at*, and return how many."""
        ...


class Journal(Protocol):
    """Outside effects and case files."""

    @abstractmethod
    def rows(self, subject: Subject, /) -> tuple[JournalRow, ...]:
        """Return the subject's rows, oldest first."""
        ...

    def recall(self, subject: Subject, /) -> tuple[CaseFile | None, tuple[JournalRow, ...]]:
        """Return what `case_file` and `rows` do; a database is asked once for both."""
        return self.case_file(subject), self.rows(subject)

    @abstractmethod
    def intend(
        self,
        subject: Subject,
        step: Step,
        /,
        *,
        mark: str,
        runner: Runner,
        at: datetime,
        settles_at: datetime,
    ) -> JournalRow:
        """
        Write the intent of one attempt and return its row; attempts of a step count from 1.

        Raises:
            Conflict: The subject's step has a row without an outcome.

        """
        ...

    @abstractmethod
    def settle(self, row: RowId, /, *, outcome: Outcome, at: datetime, evidence: Evidence) -> JournalRow:
        """
        Write how an attempt ended; the first outcome other than UNKNOWN stays for ever.

        Raises:
            Conflict: The row has an outcome other than UNKNOWN already, or there is no such row.

        """
        ...

    @abstractmethod
    def case_file(self, subject: Subject, /) -> CaseFile | None:
        """Return what the subject's runs remember, or None before the first."""
        ...

    @abstractmethod
    def keep(self, case_file: CaseFile, /) -> CaseFile:
        """
        Keep *case_file* in place of the stored one with the same version and return it with the next version.

        A subject's first has version 0.

        Raises:
            Conflict: The stored one has another version.

        """
        ...

    @abstractmethod
    def unfinished(self) -> tuple[CaseFile, ...]:
        """Return every case file whose rest is not Done, in no order to rely on."""
        ...

    @abstractmethod
    def count_unfinished(self) -> int:
        """Return how many case files `unfinished` would return, without reading them."""
        ...

    @abstractmethod
    def awake(self, at: datetime, /, *, after: Subject | None = None, limit: int) -> tuple[CaseFile, ...]:
        """
        Return the unfinished case files but those that only wait, at *at*, for a later instant or for a fact.

        The first *limit* come, or those *after* that of the page before; one that is kept meanwhile may be
        passed over. What an earlier version of the store has kept may come though it waits.
        """
        ...

    @abstractmethod
    def finished(self, kind: SubjectKind, /, *, after: str = "", limit: int) -> tuple[Subject, ...]:
        """Return subjects of *kind* whose case file rests for good, by key, the first *limit* *after* one."""
        ...


@attrs.frozen(kw_only=True)
class ProjectedOrder:
    """Our copy of an order for reading; *as_of* is when Salesforce said so."""

    snapshot: OrderSnapshot
    status: OrderStatus
    as_of: datetime

    __repr__ = shown


class Projection(Protocol):
    """Our copy of Salesforce orders, for reading."""

    @abstractmethod
    def put(self, order: ProjectedOrder, /) -> None:
        """Keep the copy unless the stored one is newer by *as_of*; of two as new the later kept stays."""
        ...

    @abstractmethod
    def get(self, order: OrderId, /) -> ProjectedOrder | None:
        """Return the copy, or None."""
        ...

    @abstractmethod
    def page(
        self,
        account: AccountId,
        /,
        *,
        states: Collection[str] | None = None,
        order_type: OrderType | None = None,
        search: str = "",
        after: OrderId | None = None,
        limit: int = 20,
    ) -> tuple[ProjectedOrder, ...]:
        """
        Return a page of the account's orders, newest first, *after* the given one.

        Newest is by creation, then by id. *states* are values of `OrderState`, None all of them; *search* is
        part of an order number, in either case. After an order that is not the account's comes nothing.
        """
        ...

    @abstractmethod
    def counts(self, account: AccountId, /) -> Mapping[str, int]:
        """Return how many of the account's orders are in each `OrderState`, by its value, without zeros."""
        ...

    @abstractmethod
    def refreshed_at(self, account: AccountId, /) -> datetime | None:
        """Return when all of the account's orders were last read, or None."""
        ...

    @abstractmethod
    def mark_refreshed(self, account: AccountId, at: datetime, /) -> None:
        """Remember that all of the account's orders were read at *at*."""
        ...


class Events(Protocol):
    """The append-only event log."""

    @abstractmethod
    def append(self, event: OrderEvent, /) -> OrderEvent:
        """Append and return the event with its cursor, larger than every cursor committed before."""
        ...

    @abstractmethod
    def after(
        self, cursor: Cursor, /, *, order: OrderId | None = None, limit: int = 100
    ) -> tuple[OrderEvent, ...]:
        """
        Return the events after *cursor*, of one order or of all, oldest first.

        Raises:
            CursorTooOld: Some of them were forgotten. From 0, before the first of all, there is what is left.

        """
        ...

    @abstractmethod
    def last(self, order: OrderId, /) -> OrderEvent | None:
        """Return the order's latest event, or None."""
        ...

    @abstractmethod
    def forget(self, order: OrderId, /) -> int:
        """Forget the order's events but the latest, which says where it stands; return how many they were."""
        ...


class DecisionKind(StrEnum):
    """What was decided."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETRIED = "retried"
    DELIVERED = "delivered"
    ADOPTED = "adopted"
    REJECTED = "rejected"


@attrs.frozen(kw_only=True)
class Decision:
    """One decision about an order: who, when, why, and the rule book's verdict at that moment."""

    order: OrderId
    kind: DecisionKind
    at: datetime
    by: str
    reason: str = ""
    customer_sentence: str = ""
    verdict: Verdict | None = None

    __repr__ = shown


class Decisions(Protocol):
    """Decisions about orders, kept for ever."""

    @abstractmethod
    def record(self, decision: Decision, /) -> None:
        """Append the decision."""
        ...

    @abstractmethod
    def of(self, order: OrderId, /) -> tuple[Decision, ...]:
        """Return the order's decisions, oldest first."""
        ...


@attrs.frozen(kw_only=True)
class Finding:
    """Two systems disagree; *facts* says about what, free of personal data."""

    code: FindingCode
    subject: str
    since: datetime
    urgent: bool = False
    facts: Evidence = attrs.field(factory=dict[str, str])

    __repr__ = shown


class Findings(Protocol):
    """Open findings, one per code and subject."""

    @abstractmethod
    def open(self, finding: Finding, /) -> bool:
        """Record the finding unless it is open already; return whether it was new."""
        ...

    @abstractmethod
    def close(self, code: FindingCode, subject: str, /) -> None:
        """Close the finding; closing what is not open changes nothing."""
        ...

    def close_all(self, codes: Collection[FindingCode], subject: str, /) -> None:
        """Close those of the subject's findings that are of *codes*."""
        for code in codes:
            self.close(code, subject)

    @abstractmethod
    def all_open(self) -> tuple[Finding, ...]:
        """Return every open finding, urgent ones first, then oldest first."""
        ...


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


class AnswerState(StrEnum):
    """Where an idempotent request stands."""

    RUNNING = "running"
    ANSWERED = "answered"


@attrs.frozen(kw_only=True)
class Answer:
    """
    One idempotent HTTP request: *scope* is principal and route, *fingerprint* a digest of the payload.

    *reference* is what the answer is rendered from again (an id), never the rendered answer.
    """

    scope: str
    key: str
    fingerprint: str
    state: AnswerState
    since: datetime
    status: int = 0
    reference: str = ""

    __repr__ = shown


class Answers(Protocol):
    """Idempotency keys of the HTTP API (DESIGN 7)."""

    @abstractmethod
    def begin(self, answer: Answer, /) -> Answer | None:
        """Keep *answer* as running and return None, or return the one already under its scope and key."""
        ...

    @abstractmethod
    def finish(self, answer: Answer, /) -> None:
        """Keep *answer* as answered, in place of the running one."""
        ...

    @abstractmethod
    def abandon(self, scope: str, key: str, /) -> None:
        """Forget a running request that failed, so that it may be tried again; an answered one stays."""
        ...

    @abstractmethod
    def forget_before(self, at: datetime, /) -> int:
        """Forget everything begun before *at* and return how much that was."""
        ...


@attrs.frozen(kw_only=True)
class Upload:
    """An image of a customer's card on its way to their Account, kept since *since*."""

    key: RequestKey
    account: AccountId
    media_type: str
    content: bytes = attrs.field(repr=False)
    since: datetime

    __repr__ = shown


class Uploads(Protocol):
    """Images in transit: kept until Salesforce has them, and never where others could read them."""

    @abstractmethod
    def keep(self, upload: Upload, /) -> bool:
        """
        Keep *upload*, unless one is kept under its key, and tell whether one is.

        False: nothing can be kept here that nobody else can read; nothing was kept.
        """
        ...

    @abstractmethod
    def get(self, key: RequestKey, /) -> Upload | None:
        """Return the upload, or None."""
        ...

    @abstractmethod
    def remove(self, key: RequestKey, /) -> None:
        """Forget the upload; forgetting an unknown one changes nothing."""
        ...

    @abstractmethod
    def forget_before(self, at: datetime, /) -> int:
        """Forget every upload kept since before *at* or since then, and return how many that was."""
        ...

    @abstractmethod
    def oldest(self) -> datetime | None:
        """Return since when the oldest upload is kept, or None."""
        ...


Visit: TypeAlias = tuple[CheckoutSession | None, Identity | None, tuple[JournalRow, ...]]
"""A session, its customer's mapping, and what was done for their Account's eligibility requests."""

PlacingFile: TypeAlias = tuple[
    Placement | None, CheckoutSession | None, CaseFile | None, ProjectedOrder | None
]
"""A submit, its session, and what is kept of the order that it became."""


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

    def placing_file(self, placement: Placement, order: OrderId, /) -> PlacingFile:
        """
        Return *placement* as it is stored, with what our parts know of its session and of *order*.

        A database is asked once for all of it.
        """
        return (
            self.requests.get(placement.key),
            self.sessions.get(placement.session),
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
