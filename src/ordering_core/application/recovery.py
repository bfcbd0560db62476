"""
What keeps everything moving though events are lost and processes die (DESIGN 6).

Runs do what was triggered, the poll reads what nobody told us about; the sweep is in `sweeping`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, assert_never

from ordering_core.application.own_orders import POLLING_SINCE, RECONCILED, instant_of, polling_since
from ordering_core.application.placing import Placing
from ordering_core.application.provision import NotAnOrder
from ordering_core.application.record import order_subject
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.identifiers import OrderId, RequestKey
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.policy import Policy
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, NotFound, PortError
from ordering_core.ports.order_records import Finding
from ordering_core.ports.orders import LATE_BY, OrderRepository
from ordering_core.ports.store import Store


WATERMARK: Final = "orders.watermark"
"""The checkpoint that keeps how far the poll has come, an instant of Salesforce's own clock."""

_NOBODY: Final = RequestKey("nobody's")
"""A key under which nothing is placed: asking for it only tells whether Salesforce answers."""

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Before every order: from where the first poll of all reads."""


def run(
    subject: Subject,
    *,
    placing: Placing,
    provision: Callable[[OrderId], object],
    reconcile_order: Callable[[OrderId], object],
    resume_upload: Callable[[RequestKey], object],
) -> None:
    """
    Do what *subject* was triggered for: resolve a placing, provision or compare an order, send a card.

    What else is journaled is asked for again by whoever wanted it.
    """
    match subject.kind:
        case SubjectKind.ORDER:
            try:
                provision(OrderId(subject.key))
            except NotAnOrder:
                placing.resolve(RequestKey(subject.key), looks_early=True)
        case SubjectKind.RECONCILIATION:
            reconcile_order(OrderId(subject.key))
        case SubjectKind.IDENTITY:
            resume_upload(RequestKey(subject.key))
        case SubjectKind.ONBOARDING | SubjectKind.ELIGIBILITY | SubjectKind.CANCELLATION:
            return
        case _:
            assert_never(subject.kind)


def reconcile(
    since: datetime | None,
    *,
    orders: OrderRepository,
    store: Store,
    observe: Callable[[OrderId, str], None],
    policy: Policy,
    at: datetime,
) -> int:
    """
    Observe every order that changed since the last poll, whatever its status, and return how many did.

    How far it has come is told by Salesforce's own clock (`WATERMARK`): ours, which may differ, only says
    when. What is seen again because of the overlap costs nothing. One that fails goes on behind the last page
    that was observed. One told to begin *since* later leaves the place where it is, because what lies between
    was not read. An order that cannot be observed is left to a run of its own, and the others go on.

    Raises:
        Unavailable: Salesforce or the store cannot be asked now.

    """
    with store.transaction() as tx:
        reached = instant_of(tx, WATERMARK)
        if polling_since(tx) is None:
            tx.checkpoints.set(POLLING_SINCE, at.isoformat())
    begins = reached or policy.provisioning_not_before or BEGINNING
    if since is None:
        since = begins - LATE_BY if reached else begins
    observed = 0
    for upto, page in orders.changed_since(since):
        news = [snapshot for snapshot in page if not _is_observed(store, snapshot)]
        for snapshot in news:
            cause = f"poll:{snapshot.id}:{snapshot.version}"
            try:
                observe(snapshot.id, cause)
            except NotFound:
                continue  # deleted meanwhile
            except Exception as failure:  # noqa: BLE001 - whatever is wrong with one order, the others go on
                _require_salesforce(failure, orders=orders)
                _leave_to_its_run(store, snapshot.id, cause, failure, at=at)
        observed += len(news)
        if since <= begins:
            with store.transaction() as tx:
                tx.checkpoints.set(WATERMARK, upto.isoformat())
    if since <= begins:
        with store.transaction() as tx:
            tx.checkpoints.set(RECONCILED, at.isoformat())
    return observed


def _is_observed(store: Store, snapshot: OrderSnapshot) -> bool:
    """Whether the order was observed as it is now; a copy alone, made for a page, is no observation."""
    with store.at_once() as tx:
        copy = tx.projection.get(snapshot.id)
    if copy is None or copy.snapshot.version != snapshot.version:
        return False
    with store.at_once() as tx:
        return tx.journal.case_file(order_subject(snapshot.id)) is not None


def _require_salesforce(failure: Exception, *, orders: OrderRepository) -> None:
    """
    Return if *failure* can be one order's alone.

    Raises:
        Unavailable: Salesforce does not answer at all, or our store failed.

    """
    if not isinstance(failure, PortError):
        return
    if failure.system != System.STORE:
        orders.find(_NOBODY)
    elif not isinstance(failure, Conflict):
        raise failure


def _leave_to_its_run(store: Store, order: OrderId, cause: str, failure: Exception, *, at: datetime) -> None:
    """Have *order* run, again and again until it can be read; that it cannot is a finding till then."""
    code, facts = FindingCode.ORDER_NOT_READ, {"error": type(failure).__name__}
    with store.transaction() as tx:
        if not isinstance(failure, Conflict):
            tx.findings.open(Finding(code=code, subject=order, since=at, facts=facts))
        tx.trigger(order_subject(order), cause=cause)
