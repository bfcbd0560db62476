"""
What people tell us to do with a placed order: that the SIM has arrived, to try again, to take it over.

Each is a decision that is kept, with who took it and why, and a run in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from ordering_core.application.record import order_subject
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.events import EventKind, OrderEvent, Source
from ordering_core.domain.identifiers import CustomerId, OrderId, SimCardId
from ordering_core.domain.journal import CaseFile, Held
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.vocabulary import SimType
from ordering_core.errors import IllegalTransition, NotFound, NothingToRetry
from ordering_core.ports.order_records import Decision, DecisionKind, ProjectedOrder
from ordering_core.ports.store import Store


UNDER_WAY = frozenset({OrderState.APPROVED, OrderState.SCHEDULED, OrderState.ACTIVATING, OrderState.ON_HOLD})
"""The states of an approved order whose line is still to be opened."""


def card_awaited(snapshot: OrderSnapshot) -> SimCardId | None:
    """Return the order's card if a number moves to it once the customer holds it, else None (DESIGN 3.5)."""
    draft = snapshot.draft
    moves = isinstance(draft, SimDraft) and draft.sim_type == SimType.PHYSICAL and draft.porting is not None
    return snapshot.sim.id if moves and snapshot.sim else None


def sim_arrived(own: ProjectedOrder, *, customer: CustomerId, store: Store, at: datetime) -> None:
    """
    Take the customer's word that the card is there; saying it twice is the same as once.

    The word is about the card that is the order's now, and not about one that replaces it later.

    Raises:
        IllegalTransition: There is no card on its way that a number waits for.

    """
    snapshot = own.snapshot
    card = card_awaited(snapshot)
    if card is None:
        raise IllegalTransition("not waiting for a SIM card to move a number to", "delivered")
    subject = order_subject(snapshot.id)
    with store.transaction() as tx:
        known = tx.journal.case_file(subject) or CaseFile(subject=subject)
        if known.delivered == card:
            return
        if own.status.state not in UNDER_WAY:
            raise IllegalTransition(own.status.state.value, "delivered")
        kept = tx.journal.keep(attrs.evolve(known, delivered=card))
        tx.decisions.record(Decision(order=snapshot.id, kind=DecisionKind.DELIVERED, at=at, by=customer))
        tx.events.append(_word(snapshot, own.status, by=customer, at=at))
        tx.trigger(subject, cause=f"delivered:{snapshot.id}:{kept.version}")


def retry(order: OrderId, *, by: str, reason: str, store: Store, at: datetime) -> None:
    """
    Ask for a held order again on a person's word (DESIGN 3.19 d).

    Raises:
        NotFound: We know of no such order.

        NothingToRetry: No hold is open on it.

        ValueError: *reason* is empty.

    """
    _require_reason(reason)
    subject = order_subject(order)
    with store.transaction() as tx:
        known = tx.journal.case_file(subject)
        if known is None:
            raise NotFound("order")
        copy = tx.projection.get(order)
        shown_as_held = copy is not None and copy.status.state is OrderState.ON_HOLD
        if not (shown_as_held or isinstance(known.rest, Held)):
            raise NothingToRetry
        kept = tx.journal.keep(attrs.evolve(known, retry_requested=True))
        tx.decisions.record(Decision(order=order, kind=DecisionKind.RETRIED, at=at, by=by, reason=reason))
        tx.trigger(subject, cause=f"retry:{order}:{kept.version}")


def adopt(order: OrderId, *, by: str, reason: str, store: Store, at: datetime) -> None:
    """
    Take over an order that others began or that was there before us (DESIGN 3.18); twice is the same as once.

    Raises:
        NotFound: We know of no such order.

        ValueError: *reason* is empty.

    """
    _require_reason(reason)
    subject = order_subject(order)
    with store.transaction() as tx:
        known = tx.journal.case_file(subject)
        if known is None:
            raise NotFound("order")
        if known.adopted:
            return
        tx.journal.keep(attrs.evolve(known, adopted=True))
        tx.decisions.record(Decision(order=order, kind=DecisionKind.ADOPTED, at=at, by=by, reason=reason))
        tx.trigger(subject, cause=f"adopted:{order}")


def _require_reason(reason: str) -> None:
    """Refuse a decision that nobody could understand later."""
    if not reason.strip():
        raise ValueError("a decision needs a reason; say what was found or put right")


def _word(snapshot: OrderSnapshot, status: OrderStatus, *, by: CustomerId, at: datetime) -> OrderEvent:
    """Return the news that the customer has the card."""
    return OrderEvent(
        order=snapshot.id,
        account=snapshot.account,
        kind=EventKind.PROGRESS,
        at=at,
        source=Source.CUSTOMER,
        status=status,
        before=status,
        by=by,
        detail="delivered",
    )
