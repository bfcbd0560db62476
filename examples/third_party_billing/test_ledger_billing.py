"""
The ledger keeps the contract of a billing system.

The fixture gives the adapter over an empty ledger, the hooks reach into the ledger itself, and a line that
can be cut or slowed stands for the network between.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import pytest

from ledger import Book, Ledger
from ledger_billing import LedgerBilling, written

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.identifiers import BillingOrderId, ClientId
from ordering_core.testing.contracts.billing import BillingSystemContract
from ordering_core.testing.faults import Fault


T = TypeVar("T")

REQUESTS = {
    "payment_methods": "person",
    "card_entry_url": "person",
    "find": "bills",
    "add": "write_bill",
    "accept": "confirm",
    "activate_service": "start",
    "update_address": "move",
    "active_products": "bills",
    "invoice": "bill",
}
"""The ledger's request behind each method of the port."""


class Line(Ledger):
    """A ledger at the end of a line that goes wrong when told to."""

    def __init__(self, path: Path) -> None:
        """Begin with a line that works."""
        super().__init__(path)
        self.broken: dict[str, Fault] = {}
        self.late: list[Callable[[], object]] = []

    def request(self, name: str, work: Callable[[Book], T]) -> T:
        """Make one request over the line."""
        fault = self.broken.pop(name, None)
        if fault is Fault.DOWN:
            raise ConnectionError
        if fault is Fault.SLOW:
            self.late.append(lambda: super(Line, self).request(name, work))
            raise TimeoutError
        result = super().request(name, work)
        if fault is Fault.LOSE_REPLY:
            raise TimeoutError
        return result


class TestLedgerBilling(BillingSystemContract):
    """Every test of the shipped contract, over the ledger."""

    @pytest.fixture
    def billing(self, tmp_path: Path) -> LedgerBilling:
        """Return the adapter over an empty ledger."""
        self.line = Line(tmp_path / "book.json")
        return LedgerBilling(self.line)

    def break_next(self, method: str, fault: Fault) -> None:
        """Break the line for the request behind *method*."""
        self.line.broken[REQUESTS[method]] = fault

    def let_late_work_arrive(self) -> None:
        """Let slow requests through."""
        for work in self.line.late:
            work()

    def new_client(self) -> ClientId:
        """Register a person."""
        return ClientId(self.line.register())

    def store_payment_method(self, client: ClientId, *, gateway: str, expires: date | None) -> None:
        """Keep a card."""
        self.line.add_card(client, gateway, f"{expires:%Y-%m}" if expires else "")

    def address_of(self, client: ClientId) -> PostalAddress | None:
        """Read the lines of the address back."""
        lines = self.line.person(client)["address"]
        fields = ("postal_code", "prefecture", "city", "town_and_number", "building", "room")
        return PostalAddress.parse(dict(zip(fields, lines, strict=True))) if lines else None

    def orders_of(self, client: ClientId) -> tuple[BillingOrderId, ...]:
        """Count the bills."""
        return tuple(BillingOrderId(bill["number"]) for bill in self.line.bills(client))

    def cancel(self, order: BillingOrderId) -> None:
        """Take the bill back."""
        self.line.void(order)


def test_an_address_is_kept_line_by_line(tmp_path: Path) -> None:
    """Besides the contract, what only this adapter promises."""
    ledger = Ledger(tmp_path / "book.json")
    person = ledger.register()
    address = PostalAddress.parse(
        {"postal_code": "150-0001", "prefecture": "Tokyo", "city": "Shibuya-ku", "town_and_number": "1-2-3"}
    )
    LedgerBilling(ledger).update_address(ClientId(person), address)
    assert ledger.person(person)["address"] == written(address)
