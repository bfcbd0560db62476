"""
Whether an order that was left alone may be taken over, and what counts as promised then (DESIGN 3.18).

Its items in Salesforce are the promise: their products as the catalogue has them, at the items' own prices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.billing import BilledService
from ordering_core.domain.catalogue import Product
from ordering_core.domain.go_live import ENDED_SERVICE, Conflict, Flaw, Standing, named_services, standing
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.orders import OrderSnapshot


def take_over_conflicts(
    order: OrderSnapshot,
    *,
    address: PostalAddress | None,
    taken_over: bool,
    mapped: bool,
    products: Mapping[Sku, Product],
    unclaimed: Iterable[BilledService],
) -> Iterator[Conflict]:
    """
    Yield what keeps *order* from being provisioned by us.

    *products* are those of its items that the catalogue knows; *unclaimed* are the services of its client
    that no order of the Account names.
    """
    if taken_over:
        yield _at(order, Flaw.TAKEN_OVER_ALREADY, "ordering provisions it already")
    if standing(order, placed_here=False) is not Standing.LEFT_ALONE:
        yield _at(order, Flaw.NOT_IN_FLIGHT, "it is active or cancelled")
    if order.billing_order is not None or named_services(order):
        yield _at(order, Flaw.BILLED_ALREADY, "Salesforce names what WHMCS bills for it")
    if not mapped:
        yield Conflict(flaw=Flaw.ACCOUNT_WITHOUT_CLIENT, record=order.account, about=f"order {order.id}")
    if address is None:
        yield _at(order, Flaw.ADDRESS_MISSING, "neither the order nor its Account has a whole address")
    yield from _item_conflicts(order, products)
    wanted = {product.billing_product for product in products.values()}
    for service in unclaimed:
        if service.product in wanted and service.status not in ENDED_SERVICE:
            about = f"{service.status}, of a product that order {order.id} asks for, and no order names it"
            yield Conflict(flaw=Flaw.LIKE_SERVICE, record=str(service.id), about=about)


def promised(order: OrderSnapshot, products: Mapping[Sku, Product]) -> tuple[Product, ...]:
    """Return the products of *order*, all of which are among *products*, as its items price them."""
    return tuple(
        attrs.evolve(products[line.sku], name=line.name, cycle=line.cycle, price=line.unit_price)
        for line in order.lines
    )


def _item_conflicts(order: OrderSnapshot, products: Mapping[Sku, Product]) -> Iterator[Conflict]:
    if not order.lines:
        yield _at(order, Flaw.ITEM_UNKNOWN, "it has no items")
    for sku, times in Counter(line.sku for line in order.lines).items():
        if sku not in products:
            yield _at(order, Flaw.ITEM_UNKNOWN, f"the catalogue has no product {sku}")
        if times > 1:
            yield _at(order, Flaw.ITEM_NOT_BILLABLE, f"{sku} is in {times} items")
    for line in order.lines:
        whole = line.unit_price == line.unit_price.to_integral_value()
        if line.quantity != 1 or not whole or line.unit_price < 0:
            yield _at(order, Flaw.ITEM_NOT_BILLABLE, f"{line.sku}: {line.quantity} at {line.unit_price} yen")


def _at(order: OrderSnapshot, flaw: Flaw, about: str) -> Conflict:
    return Conflict(flaw=flaw, record=order.id, about=about)
