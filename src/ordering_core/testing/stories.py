"""What a customer can read of one order, and how all of it has to agree."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import attrs

from ordering_core.application.views import OrderDetail, OrderSummary
from ordering_core.domain.events import EventKind, OrderEvent
from ordering_core.domain.identifiers import Cursor, CustomerId, OrderId
from ordering_core.domain.order_status import OrderState
from ordering_core.domain.timeline import BUCKETS, STEPS, Bucket
from ordering_core.testing.world import World


FROM_THE_START: Final = Cursor(0)
MOST_LISTED: Final = 100


@attrs.frozen(kw_only=True)
class Story:
    """One order's page, its card in the list, and its events."""

    page: OrderDetail
    card: OrderSummary
    events: tuple[OrderEvent, ...]


def tell(world: World, customer: CustomerId, order: OrderId) -> Story:
    """
    Return everything that *customer* can read of *order*, after seeing that it agrees.

    Raises:
        Unavailable: The orders were never read, and cannot be now.

    """
    ordering = world.ordering
    page = ordering.order(order, customer=customer)
    listed = ordering.list_orders(customer=customer, limit=MOST_LISTED)
    (card,) = [shown for shown in listed.orders if shown.id == order]
    events = ordering.watch(order, customer=customer)
    assert listed.total == len(listed.orders) == sum(listed.counts.values())
    _the_page_agrees_with_itself(page)
    _the_card_agrees_with_the_page(card, page)
    _the_events_follow_each_other(events)
    assert page.cursor == events[-1].cursor
    middle = events[len(events) // 2].cursor
    later = ordering.watch(order, customer=customer, after=middle)
    assert later == events[len(events) // 2 + 1 :]
    return Story(page=page, card=card, events=events)


def _the_page_agrees_with_itself(page: OrderDetail) -> None:
    """Compare status, bucket and timeline; there is always a label and something to come."""
    stopped = page.status.state in {OrderState.REJECTED, OrderState.CANCELLED}
    assert page.bucket is BUCKETS[page.status.state]
    assert page.timeline.steps == STEPS[page.order_type]
    assert 0 <= page.timeline.current < len(page.timeline.steps)
    assert page.timeline.complete is (page.status.state is OrderState.ACTIVATED)
    assert page.timeline.stopped is stopped
    assert (page.bucket is Bucket.CANCELLED) is stopped
    assert bool(page.reason) is stopped
    assert (page.hold is not None) is page.status.for_customer
    assert page.label
    assert page.next_steps


def _the_card_agrees_with_the_page(card: OrderSummary, page: OrderDetail) -> None:
    """Compare what both show."""
    assert (card.number, card.status, card.label, card.bucket) == (
        page.number,
        page.status,
        page.label,
        page.bucket,
    )
    assert (card.monthly, card.one_time) == (page.monthly, page.one_time)


def _the_events_follow_each_other(events: Sequence[OrderEvent]) -> None:
    """Each event begins where the one before ended; the first is the submit."""
    assert events[0].kind is EventKind.SUBMITTED
    assert [event.kind for event in events].count(EventKind.SUBMITTED) == 1
    for earlier, later in pairwise(events):
        assert earlier.cursor < later.cursor
        assert earlier.at <= later.at
        assert later.before == earlier.status
