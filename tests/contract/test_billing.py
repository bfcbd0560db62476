"""WHMCS in memory keeps the contract."""

from datetime import date

import pytest

from ordering_adapters.memory.billing import MemoryBilling
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.identifiers import BillingOrderId, ClientId
from ordering_core.testing.contracts.billing import BillingSystemContract
from ordering_core.testing.contracts.billing_orders import ORDER, OTHER_ORDER
from tests.contract.memory_org import MemoryFaultSwitches


class TestMemoryBilling(MemoryFaultSwitches, BillingSystemContract):
    port = "billing"

    @pytest.fixture
    def billing(self) -> MemoryBilling:
        self.whmcs = MemoryBilling(self.faults)
        return self.whmcs

    def new_client(self) -> ClientId:
        return self.whmcs.new_client()

    def store_payment_method(self, client: ClientId, *, gateway: str, expires: date | None) -> None:
        self.whmcs.give_payment_method(client, gateway=gateway, expires=expires)

    def address_of(self, client: ClientId) -> PostalAddress | None:
        return self.whmcs.client(client).address

    def orders_of(self, client: ClientId) -> tuple[BillingOrderId, ...]:
        billed = (self.whmcs.orders_of(reference, client=client) for reference in (ORDER, OTHER_ORDER))
        return tuple(order.id for orders in billed for order in orders)

    def cancel(self, order: BillingOrderId) -> None:
        self.whmcs.cancel_order(order)
