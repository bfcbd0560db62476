"""
What the store keeps of orders: journal, our copy for reading, events, decisions, findings.

DESIGN 2, 6. Parts of the one store port; `ordering_core.ports.store` says how they are used.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import attrs

from ordering_core.domain.events import OrderEvent
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.identifiers import (
    AccountId,
    Cursor,
    OrderId,
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
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.representation import shown
from ordering_core.domain.violations import Verdict
from ordering_core.domain.vocabulary import OrderType


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
        passed over. What an earlier version of the store has kept may come though it waits. One that cannot
        be read comes as one that never rested: its run says what is wrong, and keeps nobody else waiting.
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
    def of(self, code: FindingCode, subject: str | None = None, /) -> tuple[Finding, ...]:
        """Return the open findings of *code*, oldest first: that of *subject*, or without one all."""
        ...

    @abstractmethod
    def all_open(self) -> tuple[Finding, ...]:
        """Return every open finding, urgent ones first, then oldest first."""
        ...
