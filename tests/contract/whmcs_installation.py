"""The hands of the billing contract over WHMCS, in an installation of the sandbox, over TLS."""

import time

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import ClassVar, Final

import httpx
import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.whmcs import FieldName, Mark, WhmcsApi, WhmcsBilling, WhmcsProducts, WhmcsSettings
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.identifiers import BillingOrderId, BillingProductId, ClientId
from ordering_core.testing.contracts.billing import BillingSystemContract
from ordering_core.testing.faults import Fault
from tests.contract.whmcs_process import WhmcsProcess, seed


PATIENCE: Final = 0.4
LATE: Final = 1.0
MARGIN: Final = 0.3
ALL_FIELDS: Final = tuple(field.value for field in FieldName)
ACTIONS: Final = {
    "payment_methods": "GetPayMethods",
    "card_entry_url": "CreateSsoToken",
    "find": "GetClientsProducts",
    "active_products": "GetClientsProducts",
    "invoice": "GetOrders",
    "add": "AddOrder",
    "accept": "AcceptOrder",
    "activate_service": "UpdateClientProduct",
    "update_address": "UpdateClient",
}
FAULTS: Final[dict[Fault, dict[str, object]]] = {
    Fault.DOWN: {"kind": "answer", "failure": "TOO_MANY_REQUESTS"},
    Fault.LOSE_REPLY: {"kind": "lost_after_commit"},
    Fault.SLOW: {"kind": "slow_then_committed", "seconds": LATE},
}


class Installation:
    """One installation with a plan (202) and a fee (203), without clients."""

    fields: ClassVar[tuple[str, ...]] = ALL_FIELDS
    switches: ClassVar[dict[str, object]] = {}
    mark: ClassVar[Mark] = Mark.CUSTOM_FIELD
    mark_proved: ClassVar[bool] = True
    field_numbers: ClassVar[dict[BillingProductId, dict[str, int]]] = {}

    @pytest.fixture(autouse=True)
    def installation(self, whmcs_process: WhmcsProcess) -> Iterator[None]:
        self.process = whmcs_process
        self.late = 0.0
        self.made: list[WhmcsApi] = []
        planted = seed(self.fields, monthly={202: 980}, once={203: 3000}, switches=self.switches)
        self.process.admin("POST", "reset", planted)
        yield
        for api in self.made:
            api.close()

    def settings(self) -> WhmcsSettings:
        """Return the way to the installation."""
        return WhmcsSettings(
            url=self.process.ready["https"],
            ca_file=Path(self.process.ready["ca_file"]),
            identifier=self.process.ready["identifier"],
            secret=self.process.ready["secret"],
            mark=self.mark,
            field_numbers=self.field_numbers,
        )

    def connected(self, settings: WhmcsSettings | None = None) -> WhmcsApi:
        """Go that way, as another process would."""
        self.api = WhmcsApi(settings or self.settings(), SystemClock())
        self.made.append(self.api)
        return self.api

    def new_billing(self) -> WhmcsBilling:
        """Return an adapter that remembers nothing."""
        api = self.connected()
        return WhmcsBilling(api, WhmcsProducts(api), mark_proved=self.mark_proved)

    def new_client(self) -> ClientId:
        number = len(self.process.rows("clients")) + 1
        return ClientId(
            self.process.plant(
                "clients",
                {"firstname": "さくら", "lastname": "髙橋", "email": f"client{number}@customer.example"},
            )
        )

    def store_payment_method(self, client: ClientId, *, gateway: str, expires: date | None) -> None:
        self.process.plant(
            "paymethods",
            {
                "clientid": client,
                "type": "RemoteCreditCard" if expires else "RemoteBankAccount",
                "gateway_name": gateway,
                "card_type": "Visa" if expires else "",
                "card_last_four": "4242" if expires else "",
                "expiry_date": f"{expires:%m/%y}" if expires else "",
            },
        )

    def address_of(self, client: ClientId) -> PostalAddress | None:
        (row,) = self.process.rows("clients", id=client)
        building, _, room = str(row["address2"]).rpartition(" ")
        return (
            PostalAddress.parse(
                {
                    "postal_code": str(row["postcode"]),
                    "prefecture": str(row["state"]),
                    "city": str(row["city"]),
                    "town_and_number": str(row["address1"]),
                    "building": building,
                    "room": room,
                }
            )
            if row["address1"]
            else None
        )

    def orders_of(self, client: ClientId) -> tuple[BillingOrderId, ...]:
        rows = self.process.rows("orders", userid=client)
        return tuple(BillingOrderId(int(str(row["id"]))) for row in rows)

    def cancel(self, order: BillingOrderId) -> None:
        self.process.change("orders", order, status="Cancelled")
        for service in self.process.rows("services", orderid=order):
            self.process.change("services", service["id"], status="Cancelled")

    def break_next(self, method: str, fault: Fault) -> None:
        self.process.fault(body=f"action={ACTIONS[method]}&", **FAULTS[fault])


class BillingOnSandbox(Installation, BillingSystemContract):
    """The whole contract on one installation."""

    @pytest.fixture
    def billing(self) -> WhmcsBilling:
        return self.new_billing()

    def slow(self, method: str, call: Callable[[], object]) -> None:
        action = f"action={ACTIONS[method]}&".encode()

        def hurry(request: httpx.Request) -> None:
            # Only the answer to this one is not waited for: what is asked before it takes its time.
            if action in request.content:
                request.extensions["timeout"]["read"] = PATIENCE

        self.api._client.event_hooks = {"request": [hurry]}
        try:
            super().slow(method, call)
        finally:
            self.api._client.event_hooks = {}
        self.late = time.monotonic() + LATE - PATIENCE + MARGIN

    def let_late_work_arrive(self) -> None:
        time.sleep(max(0.0, self.late - time.monotonic()))
