"""
An adapter that bills with the ledger: the port's words in front, the ledger's behind, the core's errors out.

The marks that find a bill again are the free texts: the bill's for our order, each position's for its item.
"""

from __future__ import annotations

import secrets

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from ledger import Bill, Ledger, LedgerRefusal, Position

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.billing import BilledOrder, BilledService, NewBillingOrder
from ordering_core.domain.identifiers import (
    BillingOrderId,
    BillingProductId,
    ClientId,
    OpportunityId,
    OrderId,
    OrderItemId,
    ServiceId,
)
from ordering_core.domain.invoice import Invoice, InvoiceLine
from ordering_core.domain.money import consumption_tax
from ordering_core.domain.payment import PaymentMethod
from ordering_core.domain.vocabulary import BillingCycle
from ordering_core.errors import OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.billing import BillingSystem


SYSTEM = "ledger"
STATES = {"open": "Pending", "confirmed": "Active"}
CODES = {"no-such-person": "CLIENT_NOT_FOUND"}


class LedgerBilling(BillingSystem):
    """Bills with a ledger; the subclassing lets type checkers and Python miss no method."""

    def __init__(self, ledger: Ledger) -> None:
        """Work with *ledger*."""
        self._ledger = ledger

    def payment_methods(self, client: ClientId, /) -> tuple[PaymentMethod, ...]:
        """Return the cards in the ledger's order."""
        with translated():
            cards = self._ledger.person(client)["cards"]
        return tuple(
            PaymentMethod(
                id=card["number"],
                gateway=card["kind"],
                expires=date.fromisoformat(f"{card['good_until']}-01") if card["good_until"] else None,
            )
            for card in cards
        )

    def card_entry_url(self, client: ClientId, /) -> str:
        """Return the page of the ledger at which this person, and nobody else, adds a card."""
        with translated():
            self._ledger.person(client)
        return f"https://ledger.example/cards/new?ticket={secrets.token_urlsafe(24)}"

    def find(self, client: ClientId, reference: OrderId, /) -> tuple[BilledOrder, ...]:
        """Return the bills that carry the mark, void ones left out."""
        with translated():
            bills = self._ledger.bills(client)
        return tuple(_order(bill) for bill in bills if bill["note"] == reference and bill["state"] in STATES)

    def add(self, order: NewBillingOrder, /) -> BillingOrderId:
        """Write a bill that carries the marks."""
        positions = [
            Position(
                number=0,
                article=line.product,
                every_month=line.cycle is BillingCycle.MONTHLY,
                yen=int(line.price),
                note=line.item,
                deal=order.opportunity or "",
                running=False,
            )
            for line in order.lines
        ]
        with translated():
            return BillingOrderId(self._ledger.write_bill(order.client, order.reference, positions))

    def accept(self, order: BillingOrderId, /) -> None:
        """Confirm the bill; the ledger does not mind confirming twice."""
        with translated():
            self._ledger.confirm(order)

    def activate_service(self, service: ServiceId, /, *, opportunity: OpportunityId | None) -> None:
        """Let the position run for the opportunity."""
        with translated():
            self._ledger.start(service, opportunity or "")

    def update_address(self, client: ClientId, address: PostalAddress, /) -> None:
        """Note the address, one part on each line."""
        with translated():
            self._ledger.move(client, written(address))

    def active_products(self, client: ClientId, /) -> Mapping[ServiceId, BillingProductId]:
        """Return what runs."""
        with translated():
            bills = self._ledger.bills(client)
        return {
            ServiceId(position["number"]): BillingProductId(position["article"])
            for bill in bills
            if bill["state"] in STATES
            for position in bill["positions"]
            if position["running"]
        }

    def invoice(self, order: BillingOrderId, /) -> Invoice | None:
        """Return the bill itself, with tax: in the ledger a bill is its own invoice."""
        with translated():
            bill = self._ledger.bill(order)
        return _invoice(bill) if bill is not None and bill["state"] in STATES else None


@contextmanager
def translated() -> Iterator[None]:
    """Turn the ledger's errors into the core's, without letting what they say through."""
    try:
        yield
    except ConnectionError:
        raise Unavailable(SYSTEM, "not reached") from None
    except TimeoutError:
        raise OutcomeUnknown(SYSTEM, "no reply") from None
    except LedgerRefusal as refusal:
        raise Refused(SYSTEM, CODES.get(refusal.code, refusal.code)) from None


def written(address: PostalAddress) -> list[str]:
    """Return *address* as the ledger keeps it."""
    return [
        address.postal_code.value,
        address.prefecture,
        address.city,
        address.town_and_number,
        address.building,
        address.room,
    ]


def _order(bill: Bill) -> BilledOrder:
    return BilledOrder(
        id=BillingOrderId(bill["number"]),
        status=STATES[bill["state"]],
        services=tuple(_service(position) for position in bill["positions"]),
    )


def _service(position: Position) -> BilledService:
    return BilledService(
        id=ServiceId(position["number"]),
        item=OrderItemId(position["note"]),
        product=BillingProductId(position["article"]),
        cycle=BillingCycle.MONTHLY if position["every_month"] else BillingCycle.ONE_TIME,
        price=Decimal(position["yen"]),
        status="Active" if position["running"] else "Pending",
        opportunity=OpportunityId(position["deal"]) if position["deal"] else None,
    )


def _invoice(bill: Bill) -> Invoice:
    lines = tuple(
        InvoiceLine(service=ServiceId(position["number"]), amount=Decimal(position["yen"]), taxed=True)
        for position in bill["positions"]
    )
    net = sum((line.amount for line in lines), Decimal(0))
    tax = consumption_tax(net)
    return Invoice(
        id=bill["number"],
        status=bill["state"],
        due=None,
        subtotal=net,
        tax=tax,
        total=net + tax,
        lines=lines,
    )
