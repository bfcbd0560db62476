"""
The look: which orders of a client carry our mark (DESIGN 3.18, 3.21).

One call reads all services with their marks. The orders are asked for only when one of them may be ours and
is not known: its reference stands in its notes, and services do not say whether their order was accepted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import attrs

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.errors import Code
from ordering_adapters.whmcs.marks import Marks, marks_of, names_its_fields
from ordering_adapters.whmcs.products import NO_FIELDS, WhmcsProducts
from ordering_adapters.whmcs.remembered import KnownOrder, Remembered
from ordering_adapters.whmcs.values import Row, amount, is_once, rows, text, title, whole
from ordering_core.domain.billing import BilledOrder, BilledService
from ordering_core.domain.identifiers import (
    BillingOrderId,
    BillingProductId,
    ClientId,
    OrderId,
    ServiceId,
)
from ordering_core.domain.vocabulary import BillingCycle
from ordering_core.errors import Refused


ACTIVE: Final = "Active"
PENDING: Final = "Pending"
GONE: Final = frozenset({"Cancelled", "Fraud"})
"""Statuses of an order that bills nothing, and of the services it took with it."""

_UNREADABLE: Final = Decimal(-1)
"""A price that was never quoted, so that what cannot be read is not taken for what was ordered."""


@attrs.frozen(kw_only=True)
class FoundService:
    """A service of a client as it was read, and the order it belongs to."""

    order: BillingOrderId | None
    marks: Marks
    service: BilledService


class Look:
    """Looks for orders in one installation; *mark_proved* says that no order of ours is without its mark."""

    def __init__(
        self, api: WhmcsApi, products: WhmcsProducts, remembered: Remembered, *, mark_proved: bool
    ) -> None:
        """Nothing is read yet."""
        self._api = api
        self._products = products
        self._remembered = remembered
        self._mark_proved = mark_proved

    def services(self, client: ClientId) -> tuple[FoundService, ...]:
        """
        Return every service of *client*; none for a client that is not there.

        Raises:
            Unavailable: They cannot be read now.

            Refused: WHMCS says no.

        """
        try:
            found = self._api.pages(
                "GetClientsProducts", {"clientid": client}, container="products", item="product"
            )
        except Refused as refused:
            if refused.code == Code.CLIENT_NOT_FOUND:
                return ()
            raise
        # The filter is WHMCS's; a service of somebody else would be linked to this customer's order.
        mine = [row for row in found if whole(row, "clientid") in {client, None}]
        return self._read(mine)

    def everybodys(self) -> Mapping[ClientId, tuple[BilledService, ...]] | None:
        """
        Return the services of every client that has any, None when one of them does not say whose it is.

        Raises:
            Unavailable: They cannot be read now.

            Refused: WHMCS says no.

        """
        found = self._api.pages("GetClientsProducts", {}, container="products", item="product")
        of_each: defaultdict[ClientId, list[Row]] = defaultdict(list)
        for row in found:
            client = whole(row, "clientid")
            if client is None:
                return None
            of_each[ClientId(client)].append(row)
        return {
            client: tuple(known.service for known in self._read(theirs)) for client, theirs in of_each.items()
        }

    def service(self, service: ServiceId) -> FoundService | None:
        """
        Return one service, None when it is not there.

        Raises:
            Unavailable: It cannot be read now.

            Refused: WHMCS says no.

        """
        answer = self._api.read("GetClientsProducts", {"serviceid": service})
        found = self._read(rows(answer, "products", "product"))
        return next((known for known in found if known.service.id == service), None)

    def orders(self, client: ClientId, reference: OrderId) -> tuple[BilledOrder, ...]:
        """
        Return the uncancelled orders of *client* that carry the mark of *reference*, oldest first.

        Raises:
            Unavailable: They cannot be read now.

            Refused: WHMCS says no.

        """
        by_order: defaultdict[BillingOrderId, list[FoundService]] = defaultdict(list)
        for found in self.services(client):
            if found.order is not None:
                by_order[found.order].append(found)
        living = {order: of for order, of in by_order.items() if not _all_gone(of)}
        if any(self._has_to_be_asked(order, of, reference) for order, of in living.items()):
            self._ask_orders(client)
        return tuple(
            BilledOrder(id=order, status=status, services=tuple(found.service for found in of))
            for order, of in sorted(living.items())
            if self._is_ours(order, of, reference) and (status := self._status(order)) not in GONE
        )

    def order_row(self, order: BillingOrderId) -> Row | None:
        """
        Return the row of *order*, None when it is not there; what it says is remembered.

        Raises:
            Unavailable: It cannot be read now.

            Refused: WHMCS says no.

        """
        answer = self._api.read("GetOrders", {"id": order})
        found = [row for row in rows(answer, "orders", "order") if whole(row, "id") == order]
        self._remember(found)
        return found[0] if found else None

    def services_of(self, order: Row) -> tuple[BilledService, ...]:
        """
        Return the services of an order, given as `order_row` returned it.

        Raises:
            Unavailable: They cannot be read now.

            Refused: WHMCS says no.

        """
        client = whole(order, "userid")
        found = self.services(ClientId(client)) if client is not None else ()
        return tuple(known.service for known in found if known.order == whole(order, "id"))

    def _has_to_be_asked(self, order: BillingOrderId, of: list[FoundService], reference: OrderId) -> bool:
        """Whether only the order itself can say if it is ours, or what its status is."""
        known = self._remembered.order(order)
        said = _reference(of) or (known.reference if known else None)
        if said is None and known is None:
            return not self._mark_proved or any(found.marks.item for found in of)
        return said == reference and (known is None or not known.is_fresh(self._api.clock.now()))

    def _ask_orders(self, client: ClientId) -> None:
        self._remember(self._api.pages("GetOrders", {"userid": client}, container="orders", item="order"))

    def _remember(self, found: list[Row]) -> None:
        at = self._api.clock.now()
        for row in found:
            order = whole(row, "id")
            if order is not None:
                # Staff may write below our reference, not above it.
                first = text(row, "notes").partition("\n")[0].strip()
                known = KnownOrder(reference=OrderId(first) or None, status=title(row, "status"), at=at)
                self._remembered.keep_order(BillingOrderId(order), known)

    def _is_ours(self, order: BillingOrderId, of: list[FoundService], reference: OrderId) -> bool:
        """Whether *order* carries the mark of *reference*; the mark of a service counts before a note."""
        known = self._remembered.order(order)
        return (_reference(of) or (known.reference if known else None)) == reference

    def _status(self, order: BillingOrderId) -> str:
        known = self._remembered.order(order)
        return known.status if known else ""

    def _read(self, found: list[Row]) -> tuple[FoundService, ...]:
        nameless = {
            BillingProductId(product)
            for row in found
            if not names_its_fields(row) and (product := whole(row, "pid")) is not None
        }
        numbers = self._products.field_numbers(nameless)
        made: list[FoundService] = []
        for row in found:
            product = BillingProductId(whole(row, "pid") or 0)
            service = whole(row, "id")
            if service is None:
                continue
            self._remembered.keep_product(ServiceId(service), product)
            marks = marks_of(self._api.settings, row, numbers.get(product, NO_FIELDS))
            made.append(_found(row, ServiceId(service), product, marks))
        return tuple(made)


def _found(row: Row, service: ServiceId, product: BillingProductId, marks: Marks) -> FoundService:
    once = is_once(row)
    order = whole(row, "orderid")
    price = amount(row, "firstpaymentamount" if once else "recurringamount")
    return FoundService(
        order=BillingOrderId(order) if order is not None else None,
        marks=marks,
        service=BilledService(
            id=service,
            # Billed by the year it is not the line that was ordered, whatever its price.
            item=None if once is None else marks.item,
            product=product,
            cycle=BillingCycle.ONE_TIME if once else BillingCycle.MONTHLY,
            price=_UNREADABLE if price is None else price,
            status=title(row, "status"),
            opportunity=marks.opportunity,
        ),
    )


def _reference(of: list[FoundService]) -> OrderId | None:
    return next((found.marks.reference for found in of if found.marks.reference), None)


def _all_gone(of: list[FoundService]) -> bool:
    return all(found.service.status in GONE for found in of)
