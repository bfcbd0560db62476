"""
The orders list (seed "Orders List Page").

Read from our copy: what a page costs does not depend on how many orders everybody else has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from ordering_core.application.own_orders import known_at, mapping_of, renew
from ordering_core.application.views import OrderPage, OrderSummary
from ordering_core.application.watch import status_for_customer
from ordering_core.domain.guidance import label
from ordering_core.domain.identifiers import CustomerId, OrderId
from ordering_core.domain.order_status import OrderState
from ordering_core.domain.orders import OrderLine
from ordering_core.domain.policy import Policy
from ordering_core.domain.pricing import amount
from ordering_core.domain.quote import Amount, Quote
from ordering_core.domain.texts import Language
from ordering_core.domain.timeline import BUCKETS, Bucket
from ordering_core.domain.vocabulary import BillingCycle, OrderType
from ordering_core.ports.checkout_records import Placement
from ordering_core.ports.order_records import ProjectedOrder
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.store import Store


def list_orders(
    *,
    customer: CustomerId,
    bucket: Bucket | None,
    order_type: OrderType | None,
    search: str,
    after: OrderId | None,
    limit: int,
    language: Language,
    orders: OrderRepository,
    store: Store,
    policy: Policy,
    at: datetime,
) -> OrderPage:
    """
    Return a page of *customer*'s orders, ours or not.

    Raises:
        Unavailable: They were never read, and cannot be now.

        ValueError: *limit* is not positive.

    """
    if limit < 1:
        raise ValueError("a page has at least one order; give a limit of 1 or more")
    mapping = mapping_of(store, customer)
    if mapping is None:
        return OrderPage(orders=(), counts=dict.fromkeys(Bucket, 0), total=0, next=None, as_of=at)
    renew(mapping.account, orders=orders, store=store, policy=policy, at=at)
    with store.transaction() as tx:
        found = tx.projection.page(
            mapping.account,
            states=_states(bucket),
            order_type=order_type,
            search=search.strip(),
            after=after,
            limit=limit + 1,
        )
        placed = tx.requests.of_orders([order.snapshot.id for order in found[:limit]])
        counts = _by_bucket(tx.projection.counts(mapping.account))
        as_of = known_at(tx, mapping.account) or at
    shown = [
        _summary(order, placed.get(order.snapshot.id), policy=policy, language=language)
        for order in found[:limit]
    ]
    return OrderPage(
        orders=tuple(shown),
        counts=counts,
        total=sum(counts.values()),
        next=shown[-1].id if len(found) > limit else None,
        as_of=as_of,
    )


def totals(
    order: ProjectedOrder, placement: Placement | None, *, policy: Policy
) -> tuple[Amount, Amount, Quote | None]:
    """
    Return the order's monthly and one-time totals, and the quote they come from.

    *placement* is the one that became it, None for an order that was not placed through us: that has no
    quote, and its lines are added up.
    """
    if placement:
        promised = placement.order.quote
        return promised.monthly, promised.one_time, promised
    lines = order.snapshot.lines
    return (
        _sum(lines, BillingCycle.MONTHLY, policy=policy),
        _sum(lines, BillingCycle.ONE_TIME, policy=policy),
        None,
    )


def _summary(
    order: ProjectedOrder, placement: Placement | None, *, policy: Policy, language: Language
) -> OrderSummary:
    """Return one card of the list."""
    snapshot = order.snapshot
    monthly, one_time, _ = totals(order, placement, policy=policy)
    return OrderSummary(
        id=snapshot.id,
        number=snapshot.number,
        order_type=snapshot.order_type,
        status=status_for_customer(order.status),
        label=label(snapshot.order_type, order.status, language=language),
        bucket=BUCKETS[order.status.state],
        items=tuple(line.name for line in snapshot.lines),
        monthly=monthly,
        one_time=one_time,
        placed_at=snapshot.created_at,
        as_of=order.as_of,
    )


def _states(bucket: Bucket | None) -> frozenset[str] | None:
    """Return the states that *bucket* filters for, None for all."""
    if bucket is None:
        return None
    return frozenset(state.value for state in OrderState if BUCKETS[state] is bucket)


def _by_bucket(states: Mapping[str, int]) -> Mapping[Bucket, int]:
    """Add up how many orders are in each bucket, empty ones too."""
    counts = dict.fromkeys(Bucket, 0)
    for state in OrderState:
        counts[BUCKETS[state]] += states.get(state.value, 0)
    return counts


def _sum(lines: tuple[OrderLine, ...], cycle: BillingCycle, *, policy: Policy) -> Amount:
    """Return the sum of the *lines* of one cycle; what Salesforce has in fractions of a yen is rounded."""
    net = sum((line.unit_price * line.quantity for line in lines if line.cycle is cycle), start=Decimal(0))
    return amount(net.to_integral_value(), policy=policy)
