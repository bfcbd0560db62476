"""
Proof of the mark: an order that bills nothing is added, found by its mark alone, and cancelled (DESIGN 3.21).

What WHMCS does with custom fields and notes of an AddOrder is documented nowhere; only a look can tell.
"""

from __future__ import annotations

import secrets
import string

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.billing import order_parameters
from ordering_adapters.whmcs.looking import Look
from ordering_adapters.whmcs.products import WhmcsProducts
from ordering_adapters.whmcs.remembered import Remembered
from ordering_adapters.whmcs.services import WhmcsServices
from ordering_adapters.whmcs.values import whole
from ordering_core.domain.billing import BilledOrder, BillingLine, NewBillingOrder
from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import BillingOrderId, ClientId, OpportunityId, OrderId, OrderItemId
from ordering_core.domain.vocabulary import BillingCycle
from ordering_core.errors import PortError


_SIGNS: Final = string.ascii_letters + string.digits
_PRICES: Final = {BillingCycle.MONTHLY: Decimal(7), BillingCycle.ONE_TIME: Decimal(11)}
"""Prices of no product, so that an override that is ignored is seen."""


class Proof:
    """One attempt; *problem* is empty when the order was found by its mark, as it was asked for."""

    def __init__(self, *, problem: str, left_over: BillingOrderId | None = None) -> None:
        """Keep what went wrong, and the order that could not be cancelled."""
        self.problem = problem
        self.left_over = left_over


def prove_mark(api: WhmcsApi, products: Sequence[Product], *, client: ClientId, gateway: str) -> Proof:
    """
    Add an order of *products* for *client* without invoice, look for it as a stranger would, and cancel it.

    Nobody is billed, nobody gets mail; the cancelled order stays, and is to be deleted by hand.

    Raises:
        PortError: WHMCS does not answer, or the order was not taken.

    """
    asked = _order(products, client=client, gateway=gateway)
    known = WhmcsProducts(api)
    numbers = known.field_numbers({line.product for line in asked.lines})
    answer = api.write("AddOrder", {**order_parameters(api.settings, asked, numbers), "noinvoice": True})
    added = whole(answer, "orderid")
    if added is None:
        return Proof(problem="AddOrder answers without the id of the order")
    made = BillingOrderId(added)
    try:
        # A look that remembers nothing and believes no note: what remains after a crash.
        look = Look(api, WhmcsProducts(api), Remembered(), mark_proved=True)
        problem = _difference(asked, look.orders(client, asked.reference), made)
    finally:
        left_over = _cancel(api, made)
    return Proof(problem=problem, left_over=left_over)


def _order(products: Sequence[Product], *, client: ClientId, gateway: str) -> NewBillingOrder:
    return NewBillingOrder(
        client=client,
        reference=OrderId(_made_up("801")),
        gateway=gateway,
        lines=tuple(
            BillingLine(
                item=OrderItemId(_made_up("802")),
                product=product.billing_product,
                cycle=product.cycle,
                price=_PRICES[product.cycle],
            )
            for product in products
        ),
        opportunity=OpportunityId(_made_up("006")),
    )


def _made_up(prefix: str) -> str:
    return prefix + "".join(secrets.choice(_SIGNS) for _ in range(12)) + "AAA"


def _difference(asked: NewBillingOrder, found: Sequence[BilledOrder], made: BillingOrderId) -> str:
    if [order.id for order in found] != [made]:
        return "the order is not found by its mark"
    wanted = {(line.item, line.product, line.cycle, line.price) for line in asked.lines}
    services = found[0].services
    got = {(service.item, service.product, service.cycle, service.price) for service in services}
    if {each[0] for each in got} != {each[0] for each in wanted} or len(services) != len(asked.lines):
        return "services do not carry the mark of their line"
    return "" if got == wanted else "product, cycle or price of a service is not what was asked for"


def _cancel(api: WhmcsApi, order: BillingOrderId) -> BillingOrderId | None:
    """Cancel *order*; return it if that did not work."""
    try:
        WhmcsServices(api, WhmcsProducts(api)).cancel_order(order)
    except PortError:
        return order
    return None
