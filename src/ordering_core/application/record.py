"""
Writing down what an order has become: its events, its findings and our copy for reading, in one transaction.

Everything that reads an order ends here, so that the event log and the copy never tell two stories. Whatever
was read is recorded: what nobody expected too (DESIGN 4, Machine).
"""

from __future__ import annotations

from datetime import datetime

from ordering_core.domain.events import EventKind, OrderEvent, Source
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.history import Observation, status_facts
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.journal import CaseFile, Subject, SubjectKind
from ordering_core.domain.machine import observed, to_event
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.status import status
from ordering_core.domain.timeline import BUCKETS, Bucket
from ordering_core.ports.order_records import Decision, Finding, ProjectedOrder
from ordering_core.ports.store import Transaction


def keep(tx: Transaction, case_file: CaseFile, *, before: CaseFile) -> CaseFile:
    """
    Keep *case_file* if it says anything new beside *before*, which was loaded or is new.

    Raises:
        Conflict: Another was kept since *before* was loaded.

    """
    # What is new is guarded by its version when it is kept; what is not has to be looked at for that.
    stored = tx.journal.case_file(case_file.subject) if case_file == before else before
    return case_file if case_file == stored else tx.journal.keep(case_file)


def keep_reading(
    tx: Transaction,
    seen: Observation,
    snapshot: OrderSnapshot,
    *,
    before: CaseFile,
    decision: Decision | None,
    at: datetime,
) -> CaseFile:
    """
    Keep what reading *snapshot* at *at* means, with all that follows from it, and return the case file kept.

    *before* is the case file from before the reading; *decision* is the approval that this reading is the
    first to show, None for any other.

    Raises:
        Conflict: Another run kept something meanwhile; read again.

    """
    kept = keep(tx, seen.case_file, before=before)
    record(tx, snapshot, kept, at=at, source=Source.OBSERVED)
    if decision:
        tx.decisions.record(decision)
    if seen.implied_now:
        tx.findings.open(Finding(code=FindingCode.APPROVAL_IMPLIED, subject=snapshot.id, since=at))
    return kept


def order_subject(order: OrderId) -> Subject:
    """Return the subject whose runs provision *order*."""
    return Subject(SubjectKind.ORDER, order)


def record(
    tx: Transaction,
    snapshot: OrderSnapshot,
    case_file: CaseFile,
    *,
    at: datetime,
    source: Source,
    by: str = "",
    why: str = "",
) -> OrderStatus:
    """
    Append what changed since the order's last event, renew our copy, and return the present status.

    *case_file* is the one kept in the same transaction; *at* is when *snapshot* was read. A stopped order
    lets its Opportunity go. Recording the same again changes nothing.
    """
    before = tx.projection.get(snapshot.id)
    last = tx.events.last(snapshot.id)
    return record_after(tx, snapshot, case_file, before, last, at=at, source=source, by=by, why=why)


def record_after(
    tx: Transaction,
    snapshot: OrderSnapshot,
    case_file: CaseFile,
    before: ProjectedOrder | None,
    last: OrderEvent | None,
    *,
    at: datetime,
    source: Source,
    by: str = "",
    why: str = "",
) -> OrderStatus:
    """As `record`, for who has read our copy *before* and the *last* event in the same transaction."""
    now = status(status_facts(snapshot, case_file))
    for change in observed(last.status if last else None, now, at=at, source=source, by=by, why=why):
        tx.events.append(to_event(change, order=snapshot.id, account=snapshot.account))
    if before and _date_moved(before.snapshot, snapshot):
        tx.events.append(_date_event(snapshot, now, at=at, source=source, by=by))
    _note_unknown(tx, snapshot.id, now, last, at=at)
    if BUCKETS[now.state] is Bucket.CANCELLED:
        tx.requests.release_opportunity(snapshot.id)
    tx.projection.put(ProjectedOrder(snapshot=snapshot, status=now, as_of=at))
    return now


def _date_moved(before: OrderSnapshot, after: OrderSnapshot) -> bool:
    """Whether somebody gave the order a date, or another one."""
    return after.activation.scheduled_at not in {None, before.activation.scheduled_at}


def _date_event(
    snapshot: OrderSnapshot, now: OrderStatus, *, at: datetime, source: Source, by: str
) -> OrderEvent:
    """Return the news that the order has a new date."""
    scheduled_at = snapshot.activation.scheduled_at
    return OrderEvent(
        order=snapshot.id,
        account=snapshot.account,
        kind=EventKind.DATE_CHANGED,
        at=at,
        source=source,
        status=now,
        before=now,
        by=by,
        detail=scheduled_at.isoformat() if scheduled_at else "",
    )


def _note_unknown(
    tx: Transaction, order: OrderId, now: OrderStatus, last: OrderEvent | None, *, at: datetime
) -> None:
    """Keep the finding open as long as Salesforce says something that we do not know (DESIGN 3.17)."""
    if now.state is OrderState.UNKNOWN:
        tx.findings.open(Finding(code=FindingCode.UNKNOWN_STATUS, subject=order, since=at))
    elif last and last.status.state is OrderState.UNKNOWN:
        tx.findings.close(FindingCode.UNKNOWN_STATUS, order)
