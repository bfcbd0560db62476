"""
Forgetting what was kept for long enough: a batch at a time, and nothing that an open order needs.

How long is the policy's to say (``keep_*``); docs/operate.md has the whole table. An order is open until it
rests for good and no finding about it is open. What proves that it was done once (its journal, without
personal data), the price that was promised and our decisions stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never

import attrs

from ordering_core.domain.address import PostalAddress, PostalCode
from ordering_core.domain.drafts import Draft, InternetDraft, SimDraft, VpnDraft
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.domain.policy import Policy
from ordering_core.ports.checkout_records import Placement
from ordering_core.ports.store import Store, Transaction


KEEP_ANSWERS: Final = timedelta(hours=24)
"""How long an idempotency key belongs to its request (DESIGN 7)."""

BATCH: Final = 50
"""Finished orders that are looked at in one transaction: others wait for it."""

PLACE: Final = "retention"
"""The checkpoint that says how far the present round has come: when it began, and the last order's key."""

_FORGOTTEN: Final = "削除済み"


def forget(*, store: Store, policy: Policy, at: datetime) -> int:
    """
    Forget a batch of what is older than *policy* keeps it, and return how much that was.

    Finished orders are looked at in rounds, one batch each time. What fell due at this instant is forgotten.
    """
    with store.transaction() as tx:
        forgotten = tx.uploads.forget_before(at - policy.keep_uploads)
        forgotten += tx.answers.forget_before(at - KEEP_ANSWERS)
        forgotten += tx.requests.forget_refused(at - policy.keep_order_details, limit=BATCH)
        return forgotten + _next_orders(tx, policy, at)


def round_began(tx: Transaction) -> datetime | None:
    """Return when the present round through the finished orders began, None before the first."""
    began, _, _ = (tx.checkpoints.get(PLACE) or "").partition(" ")
    return datetime.fromisoformat(began) if began else None


def _next_orders(tx: Transaction, policy: Policy, at: datetime) -> int:
    """Look at the next finished orders, and begin again after the last."""
    began, _, after = (tx.checkpoints.get(PLACE) or at.isoformat()).partition(" ")
    finished = tx.journal.finished(SubjectKind.ORDER, after=after, limit=BATCH)
    open_findings = {finding.subject for finding in tx.findings.all_open()}
    forgotten = sum(
        _forget_order(tx, OrderId(subject.key), policy, at)
        for subject in finished
        if subject.key not in open_findings
    )
    over = len(finished) < BATCH
    tx.checkpoints.set(PLACE, at.isoformat() if over else f"{began} {finished[-1].key}")
    return forgotten


def _forget_order(tx: Transaction, order: OrderId, policy: Policy, at: datetime) -> int:
    """Forget what is old enough of the finished *order*; it is as old as the last that happened to it."""
    last = tx.events.last(order)
    if last is None:
        return 0
    forgotten = tx.events.forget(order) if last.at <= at - policy.keep_events else 0
    if last.at <= at - policy.keep_order_details:
        forgotten += _forget_details(tx, order)
    return forgotten


def _forget_details(tx: Transaction, order: OrderId) -> int:
    """Forget what the customer typed for *order*, and what has triggered it."""
    forgotten = sum(tx.forget_triggers(Subject(kind, order), waiting=False) for kind in SubjectKind)
    placement = tx.requests.of_order(order)
    if placement is None or (bare := _without_details(placement)) == placement:
        return forgotten
    tx.requests.replace(bare, runner=placement.runner)
    tx.sessions.remove(placement.session)
    placing = Subject(SubjectKind.ORDER, placement.key)
    return forgotten + 1 + tx.forget_triggers(placing, waiting=False)


def _without_details(placement: Placement) -> Placement:
    """Return *placement* without what names its customer; what was promised stays."""
    nowhere = PostalAddress(
        postal_code=PostalCode("0000000"),
        prefecture=placement.order.address.prefecture,
        city=_FORGOTTEN,
        town_and_number=_FORGOTTEN,
    )
    order = attrs.evolve(placement.order, draft=_bare(placement.order.draft), address=nowhere)
    return attrs.evolve(placement, order=order, verdict=None)


def _bare(draft: Draft) -> Draft:
    """Return *draft* with nothing but what was chosen."""
    match draft:
        case InternetDraft():
            return attrs.evolve(draft, notes="")
        case SimDraft():
            return attrs.evolve(draft, eid=None, porting=None)
        case VpnDraft():
            return draft
        case _:
            assert_never(draft)
