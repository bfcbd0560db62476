"""
The sandbox's WHMCS as its staff and its customers use it, over the public API.

Nothing here is the adapter's: what the demo shows of WHMCS is what another client finds there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import count
from typing import Final, TypeVar

import attrs

from cattrs import Converter

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.identifiers import ClientId, OrderId
from ordering_entrypoints.demo_client import Refusal
from ordering_entrypoints.demo_stand_in import SharedClock, StandIn
from ordering_entrypoints.sandboxes import Ready


CARD: Final = "4242424242424242"
"""The number that every gateway takes for a test."""

_T = TypeVar("_T")

_READER: Final = Converter()


@attrs.frozen(kw_only=True)
class _Answer:
    result: str
    message: str = ""


@attrs.frozen(kw_only=True)
class _Made:
    clientid: int


@attrs.frozen(kw_only=True)
class Item:
    """A line of an order; *relid* is its service."""

    relid: int
    status: str


@attrs.frozen(kw_only=True)
class _Items:
    lineitem: list[Item]


@attrs.frozen(kw_only=True)
class Bill:
    """An order there: its id, what it is for, its status and its lines."""

    id: int
    notes: str
    status: str
    lineitems: _Items

    @property
    def items(self) -> list[Item]:
        """Its lines."""
        return self.lineitems.lineitem


@attrs.frozen(kw_only=True)
class _BillList:
    order: list[Bill]


@attrs.frozen(kw_only=True)
class _Bills:
    orders: _BillList


@attrs.frozen(kw_only=True)
class _Method:
    id: int


@attrs.frozen(kw_only=True)
class _Methods:
    paymethods: list[_Method]


class DemoWhmcs(StandIn):
    """
    The installation that *ready* tells of; as a context it is closed on leaving.

    Its clock goes with *clock*. Every method raises Refusal, with its own words, when it refuses, and
    Unusable when it is gone.
    """

    def __init__(self, ready: Ready, clock: SharedClock) -> None:
        super().__init__("WHMCS", ready, clock)
        self._login = {"identifier": ready["identifier"], "secret": ready["secret"], "responsetype": "json"}
        self._numbers = count(1)

    def new_client(self, address: PostalAddress, /) -> ClientId:
        """Make a client who lives at *address*."""
        number = next(self._numbers)
        made = self._ask(
            "AddClient",
            {
                "firstname": "Demo",
                "lastname": f"Customer {number}",
                "email": f"customer{number}@example.com",
                "address1": address.town_and_number,
                "address2": f"{address.building} {address.room}".strip(),
                "city": address.city,
                "state": address.prefecture,
                "postcode": str(address.postal_code),
                "country": "JP",
                "phonenumber": f"0901234{number:04d}",
                "password2": f"demo-password-{number}",
                "noemail": "1",
            },
            _Made,
        )
        return ClientId(made.clientid)

    def give_payment_method(self, client: ClientId, /, *, gateway: str, expires: date) -> None:
        """Store a card, as its owner does on the page of WHMCS."""
        card = {"card_number": CARD, "card_expiry": f"{expires:%m%y}"}
        kind = {"type": "RemoteCreditCard", "gateway_module_name": gateway}
        self._ask("AddPayMethod", {"clientid": str(client), **kind, **card}, _Answer)

    def remove_payment_methods(self, client: ClientId, /) -> None:
        """Remove all of the client's payment methods."""
        for method in self._ask("GetPayMethods", {"clientid": str(client)}, _Methods).paymethods:
            which = {"clientid": str(client), "paymethodid": str(method.id)}
            self._ask("DeletePayMethod", which, _Answer)

    def bills_of(self, order: OrderId) -> list[Bill]:
        """Return every order there that names *order*, however it came about."""
        found = self._ask("GetOrders", {"limitnum": "100"}, _Bills).orders.order
        return sorted((bill for bill in found if order in bill.notes), key=lambda bill: bill.id)

    def _ask(self, action: str, parameters: Mapping[str, str], wanted: type[_T]) -> _T:
        """Do *action*, and read what is *wanted* of the answer."""
        form = {**self._login, "action": action, **parameters}
        answer: object = self._reached(lambda: self._api.post("/includes/api.php", data=form)).json()
        outcome = _READER.structure(answer, _Answer)
        if outcome.result != "success":
            raise Refusal(f"WHMCS: {action}: {outcome.message}")
        return _READER.structure(answer, wanted)
