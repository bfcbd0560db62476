"""
What keeps everything moving though events are lost and processes die (DESIGN 6).

Runs do what was triggered, the poll reads what nobody told us about; the sweep is in `sweeping`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from ordering_core.application.own_orders import RECONCILED, reconciled_at
from ordering_core.application.placing import Placing
from ordering_core.application.provision import NotAnOrder
from ordering_core.domain.identifiers import OrderId, RequestKey
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.policy import Policy
from ordering_core.errors import Conflict, NotFound, Refused
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.store import Store, Transaction


OVERLAP: Final = timedelta(minutes=5)
"""
How far the poll reaches back before where it had come: clocks differ, commits are late (DESIGN 5, Events).
"""

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
                placing.resolve(RequestKey(subject.key))
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

    What is seen again because of the overlap costs nothing. The poll has come as far as *at* only when all is
    observed; one that fails begins where it began. One told to begin *since* later leaves it there, because
    what lies between was not read. An order that cannot be observed does not keep the others from it.

    Raises:
        Unavailable: Salesforce cannot be read now.

        Refused: Salesforce does not let us read one of them; the others were observed.

        Conflict: One of them kept changing; the others were observed.

    """
    with store.transaction() as tx:
        reached = reconciled_at(tx)
    begins = reached or policy.provisioning_not_before or BEGINNING
    if since is None:
        since = begins - OVERLAP if reached else begins
    changed = orders.changed_since(since)
    with store.transaction() as tx:
        news = [snapshot for snapshot in changed if not _is_observed(tx, snapshot)]
    failures: list[Refused | Conflict] = []
    for snapshot in news:
        try:
            observe(snapshot.id, f"poll:{snapshot.id}:{snapshot.version}")
        except NotFound:
            continue  # deleted meanwhile
        except (Refused, Conflict) as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    if since <= begins:
        with store.transaction() as tx:
            tx.checkpoints.set(RECONCILED, at.isoformat())
    return len(news)


def _is_observed(tx: Transaction, snapshot: OrderSnapshot) -> bool:
    """Whether the order was observed as it is now; a copy alone, made for a page, is no observation."""
    copy, subject = tx.projection.get(snapshot.id), Subject(SubjectKind.ORDER, snapshot.id)
    is_current = copy is not None and copy.snapshot.version == snapshot.version
    return is_current and tx.journal.case_file(subject) is not None
