"""
The order detail page: progress, prices, what happens next, and what its customer has to do.

Seed "Order Detail Page".
"""

from __future__ import annotations

from datetime import date, datetime

from ordering_core.application.order_commands import card_awaited
from ordering_core.application.orders import totals
from ordering_core.application.own_orders import known_at
from ordering_core.application.record import order_subject
from ordering_core.application.views import ActionNeeded, OrderDetail
from ordering_core.application.watch import FROM_THE_START, WHOLE_HISTORY, status_for_customer
from ordering_core.domain import guidance
from ordering_core.domain.calendar import business_date
from ordering_core.domain.journal import CaseFile
from ordering_core.domain.machine import fold
from ordering_core.domain.order_status import OrderStatus
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.policy import Policy
from ordering_core.domain.runbooks import RUNBOOKS
from ordering_core.domain.texts import Language
from ordering_core.domain.timeline import BUCKETS, timeline
from ordering_core.ports.order_records import Decision, ProjectedOrder
from ordering_core.ports.store import Store


def order_detail(own: ProjectedOrder, *, language: Language, store: Store, policy: Policy) -> OrderDetail:
    """Return the page of the customer's order *own*."""
    snapshot, status = own.snapshot, own.status
    with store.transaction() as tx:
        history = tx.events.after(FROM_THE_START, order=snapshot.id, limit=WHOLE_HISTORY)
        decisions = tx.decisions.of(snapshot.id)
        case_file = tx.journal.case_file(order_subject(snapshot.id))
        placement = tx.requests.of_order(snapshot.id)
        as_of = max(own.as_of, known_at(tx, snapshot.account) or own.as_of)
    monthly, one_time, quote = totals(own, placement, policy=policy)
    standing = fold([*(event.status for event in history), status])
    return OrderDetail(
        id=snapshot.id,
        number=snapshot.number,
        order_type=snapshot.order_type,
        status=status_for_customer(status),
        label=guidance.label(snapshot.order_type, status, language=language),
        bucket=BUCKETS[status.state],
        timeline=timeline(snapshot.order_type, status, last_known=standing.last_known if standing else None),
        lines=snapshot.lines,
        monthly=monthly,
        one_time=one_time,
        quote=quote,
        placed_at=snapshot.created_at,
        next_steps=guidance.next_steps(
            snapshot.order_type,
            status,
            scheduled_on=_scheduled_on(snapshot, case_file),
            sim_on_its_way=_on_its_way(snapshot, case_file),
            language=language,
        ),
        notices=guidance.notices(
            snapshot.order_type, (line.item_class for line in snapshot.lines), language=language
        ),
        reason=guidance.stop_reason(
            status, decided=_decided(decisions), reason_code=snapshot.rejection_reason, language=language
        ),
        hold=_action_needed(status),
        cursor=history[-1].cursor if history else FROM_THE_START,
        as_of=as_of,
    )


def _scheduled_on(snapshot: OrderSnapshot, case_file: CaseFile | None) -> date | None:
    """Return the JST date that was agreed, if there is one."""
    word = case_file.go_ahead if case_file else None
    at: datetime | None = word.at if word else snapshot.activation.scheduled_at
    return business_date(at) if at else None


def _on_its_way(snapshot: OrderSnapshot, case_file: CaseFile | None) -> bool:
    """Whether the customer is asked to say that the card has arrived."""
    card = card_awaited(snapshot)
    return card is not None and not (case_file and case_file.delivered == card)


def _decided(decisions: tuple[Decision, ...]) -> str:
    """Return the sentence that was written for the customer with our latest decision, "" without one."""
    sentences = [decision.customer_sentence for decision in decisions if decision.customer_sentence]
    return sentences[-1] if sentences else ""


def _action_needed(status: OrderStatus) -> ActionNeeded | None:
    """Return what the customer has to do for an order on hold, None when it is not the customer's turn."""
    if status.hold is None or not status.for_customer:
        return None
    return ActionNeeded(code=status.hold, sentence=RUNBOOKS[status.hold].for_customer)
