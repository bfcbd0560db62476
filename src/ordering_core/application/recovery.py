"""
What keeps everything moving though events are lost and processes die (DESIGN 6).

Runs do what was triggered, the sweep triggers what was forgotten, the poll reads what nobody told us about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from ordering_core.application.own_orders import RECONCILED, reconciled_at
from ordering_core.application.pausing import Pause, in_force, is_resumed
from ordering_core.application.placing import Placing
from ordering_core.application.provision import NotAnOrder
from ordering_core.domain.identifiers import OrderId, RequestKey
from ordering_core.domain.journal import (
    CaseFile,
    Done,
    Held,
    RetryAt,
    Subject,
    SubjectKind,
    WaitFor,
    WaitUntil,
)
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.policy import Policy
from ordering_core.domain.runbooks import RUNBOOKS
from ordering_core.errors import Conflict, NotFound, Refused
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.store import Store, Transaction


OVERLAP: Final = timedelta(minutes=5)
"""
How far the poll reaches back before where it had come: clocks differ, commits are late (DESIGN 5, Events).
"""

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Before every order: from where the first poll of all reads."""


SWEPT_AT_ONCE: Final = 500
"""How many case files the sweep looks at in one transaction, which others wait for."""


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


def sweep(*, store: Store, policy: Policy, at: datetime) -> int:
    """
    Trigger everything that is neither finished nor rightly resting, and return how much that was.

    Sweeping every few seconds triggers nothing more than once a minute. Orders are looked at in pages, each
    in a transaction of its own; those that wait for a date or for somebody's move are passed over. Checkouts
    that expired long ago are forgotten: for a while their owner reads why they are gone.
    """
    with store.transaction() as tx:
        paused = in_force(tx, policy)
        placing = tx.requests.unresolved(at)
        minute = f"{at:%Y-%m-%dT%H:%M}"
        _trigger(tx, {Subject(SubjectKind.ORDER, placement.key): minute for placement in placing})
        for session in tx.sessions.expired(at - policy.keep_checkouts):
            tx.sessions.remove(session)
        page = tx.journal.awake(at, limit=SWEPT_AT_ONCE)
    swept = len(placing)
    while page:
        due = _due(page, paused, policy=policy, at=at)
        swept += len(due)
        is_last = len(page) < SWEPT_AT_ONCE
        if is_last and not due:
            break
        with store.transaction() as tx:
            _trigger(tx, due)
            page = () if is_last else tx.journal.awake(at, after=page[-1].subject, limit=SWEPT_AT_ONCE)
    return swept


def _due(
    page: Iterable[CaseFile], paused: AbstractSet[Pause], *, policy: Policy, at: datetime
) -> Mapping[Subject, str]:
    """Return who of *page* is to run, and for which window of time; once within each."""
    due: dict[Subject, str] = {}
    for kept in page:
        if is_overdue(kept, at=at) or is_resumed(kept.rest, paused):
            due[kept.subject] = f"{at:%Y-%m-%dT%H:%M}"
        elif turn := forgotten_turns(kept, at=at, policy=policy):
            due[kept.subject] = f"turn-{turn}"
    return due


def _trigger(tx: Transaction, due: Mapping[Subject, str]) -> None:
    for subject, window in due.items():
        tx.trigger(subject, cause=f"sweep:{subject.kind}:{subject.key}:{window}")


def is_overdue(kept: CaseFile, *, at: datetime) -> bool:
    """Whether somebody should have run the subject of *kept* by now."""
    match kept.rest:
        case None:
            return True
        case Done():
            return False
        case RetryAt(at=due) | WaitUntil(at=due):
            return due <= at
        case WaitFor(at=due):
            return due is not None and due <= at
        case Held() as held:
            return kept.retry_requested or not held.reported
        case _:
            assert_never(kept.rest)


def forgotten_turns(kept: CaseFile, *, at: datetime, policy: Policy) -> int:
    """
    Return how often a hold that clears by itself could have asked for its fact in vain, 0 for any other rest.

    It asks on its own, or is told; this catches the word that was lost, at half the pace.
    """
    held = kept.rest
    if not isinstance(held, Held) or not RUNBOOKS[held.code].clears_itself:
        return 0
    return (at - held.since) // (2 * policy.holds_ask_again)
