"""
Following orders: a customer their own, a host all of them (DESIGN 6, Live updates).

What a customer reads of the log is what happened, not who of the team did it and why, nor holds that are
others' to end (DESIGN 3.6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from ordering_core.domain.events import OrderEvent, Source
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.ports.live_updates import LiveUpdates, Subscription
from ordering_core.ports.store import Store


FROM_THE_START: Final = Cursor(0)
"""Before the first event."""

WHOLE_HISTORY: Final = 10_000
"""More events than any order has."""


def status_for_customer(status: OrderStatus) -> OrderStatus:
    """Return *status* without the code of a hold that is not the customer's to end."""
    if status.state is not OrderState.ON_HOLD or status.for_customer:
        return status
    return attrs.evolve(status, hold=None)


def event_for_customer(event: OrderEvent) -> OrderEvent:
    """Return *event* without what is for staff."""
    hidden = event.status.hold is not None and not event.status.for_customer
    return attrs.evolve(
        event,
        status=status_for_customer(event.status),
        before=status_for_customer(event.before) if event.before else None,
        by=event.by if event.source is Source.CUSTOMER else "",
        why=event.why if event.source is Source.CUSTOMER else "",
        detail="" if hidden else event.detail,
    )


def watch(order: OrderId, *, store: Store, after: Cursor) -> tuple[OrderEvent, ...]:
    """Return what happened to *order* after *after*, oldest first, as its customer may read it."""
    with store.transaction() as tx:
        events = tx.events.after(after, order=order, limit=WHOLE_HISTORY)
    return tuple(event_for_customer(event) for event in events)


def subscribe(
    order: OrderId, notify: Callable[[OrderEvent], None], *, live_updates: LiveUpdates
) -> Subscription:
    """Call *notify* with everything that happens to *order* from now on, as its customer may read it."""
    return live_updates.subscribe(order, lambda event: notify(event_for_customer(event)))


def changes(*, store: Store, after: Cursor, limit: int) -> tuple[OrderEvent, ...]:
    """
    Return at most *limit* events of all orders after *after*, oldest first, as they were recorded.

    Raises:
        ValueError: *limit* is not positive.

    """
    if limit < 1:
        raise ValueError("a page has at least one event; give a limit of 1 or more")
    with store.transaction() as tx:
        return tx.events.after(after, limit=limit)
