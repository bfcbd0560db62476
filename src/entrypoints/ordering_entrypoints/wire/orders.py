"""Orders as their customer reads them: a card in the list, a page of cards, the whole of one order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self

import attrs

from ordering_core.application.views import ActionNeeded, OrderDetail, OrderPage, OrderSummary
from ordering_core.domain.orders import OrderLine
from ordering_core.domain.timeline import Bucket
from ordering_entrypoints.wire.offers import AmountView, QuoteView
from ordering_entrypoints.wire.progress import TimelineView, shown_state


@attrs.frozen(kw_only=True)
class OrderSummaryView:
    """One card of the orders list; *items* are the names of its lines, amounts are estimates."""

    id: str
    number: str
    type: str
    state: str
    label: str
    bucket: str
    items: tuple[str, ...]
    monthly: AmountView
    one_time: AmountView
    placed_at: datetime

    @classmethod
    def of(cls, order: OrderSummary) -> Self:
        """Show *order*."""
        return cls(
            id=order.id,
            number=order.number,
            type=order.order_type,
            state=shown_state(order.status),
            label=order.label,
            bucket=order.bucket,
            items=order.items,
            monthly=AmountView.of(order.monthly),
            one_time=AmountView.of(order.one_time),
            placed_at=order.placed_at,
        )


@attrs.frozen(kw_only=True)
class OrderPageView:
    """
    A page of the orders list, newest first.

    *counts* (by bucket) and *total* are of all orders, whatever the filter. *as_of* is how fresh it is.
    """

    orders: tuple[OrderSummaryView, ...]
    counts: Mapping[str, int]
    total: int
    next: str | None
    as_of: datetime

    @classmethod
    def of(cls, page: OrderPage) -> Self:
        """Show *page*; every bucket has a count."""
        return cls(
            orders=tuple(OrderSummaryView.of(order) for order in page.orders),
            counts={bucket.value: page.counts.get(bucket, 0) for bucket in Bucket},
            total=page.total,
            next=page.next,
            as_of=page.as_of,
        )


@attrs.frozen(kw_only=True)
class OrderLineView:
    """One line of an order; *price* is net yen, of one payment. *service* is set once it is provisioned."""

    sku: str
    name: str
    item_class: str
    cycle: str
    price: int
    quantity: int
    service: int | None

    @classmethod
    def of(cls, line: OrderLine) -> Self:
        """Show *line*."""
        return cls(
            sku=line.sku,
            name=line.name,
            item_class=line.item_class,
            cycle=line.cycle,
            price=int(line.unit_price),
            quantity=line.quantity,
            service=line.service,
        )


@attrs.frozen(kw_only=True)
class ActionView:
    """Something that the customer has to do before the order goes on."""

    code: str
    sentence: str

    @classmethod
    def of(cls, action: ActionNeeded) -> Self:
        """Show *action*."""
        return cls(code=action.code, sentence=action.sentence)


@attrs.frozen(kw_only=True)
class OrderDetailView:
    """
    One order as its customer sees it.

    *quote* is the promise frozen at submit, null for an order placed elsewhere. *reason* tells why an order
    was stopped. *action* is null unless the customer has to act. *cursor* is the order's latest event:
    following its events goes on from there.
    """

    id: str
    number: str
    type: str
    state: str
    label: str
    bucket: str
    timeline: TimelineView
    lines: tuple[OrderLineView, ...]
    monthly: AmountView
    one_time: AmountView
    quote: QuoteView | None
    placed_at: datetime
    next_steps: tuple[str, ...]
    notices: tuple[str, ...]
    reason: str | None
    action: ActionView | None
    cursor: int
    as_of: datetime

    @classmethod
    def of(cls, order: OrderDetail) -> Self:
        """Show *order*."""
        return cls(
            id=order.id,
            number=order.number,
            type=order.order_type,
            state=shown_state(order.status),
            label=order.label,
            bucket=order.bucket,
            timeline=TimelineView.of(order.timeline),
            lines=tuple(OrderLineView.of(line) for line in order.lines),
            monthly=AmountView.of(order.monthly),
            one_time=AmountView.of(order.one_time),
            quote=QuoteView.of(order.quote) if order.quote else None,
            placed_at=order.placed_at,
            next_steps=order.next_steps,
            notices=order.notices,
            reason=order.reason,
            action=ActionView.of(order.hold) if order.hold else None,
            cursor=order.cursor,
            as_of=order.as_of,
        )
