"""What placing, listing and provisioning cost, counted by the org."""

from collections.abc import Sequence
from typing import Final

import attrs
import pytest

from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.salesforce import SalesforceOrders
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.identifiers import BillingOrderId, RequestKey, ServiceId, Sku
from ordering_core.domain.orders import OrderWrite, PlacedOrder
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.ports.orders import OrderRepository
from ordering_core.testing.contracts.order_base import ACTIVATING, NOON, OrderContract
from tests.contract.salesforce_org import SandboxOrg


SIMS: Final = SMALL_CATALOGUE.of_type(OrderType.SIM)
OTHERS: Final = 2_000


class TestCalls(SandboxOrg, OrderContract):
    @pytest.fixture
    def orders(self) -> OrderRepository:
        return SalesforceOrders(self.connected(), self.attributes)

    def products(self, order_type: OrderType) -> Sequence[Product]:
        return SIMS

    def submit(self, orders: OrderRepository, key: str) -> PlacedOrder:
        account = self.new_account()
        facts = orders.placing_facts(
            account,
            order_type=OrderType.SIM,
            skus=[product.sku for product in SIMS],
            key=RequestKey(key),
        )
        assert facts is not None
        return orders.place(self.new_order(account, key=key))

    def counted(self) -> int:
        calls = len(self.process.data_calls())
        self.process.admin("DELETE", "calls")
        return calls

    def test_placing_an_order_takes_two_calls(self, orders: OrderRepository) -> None:
        self.submit(orders, "key-1")
        assert self.counted() == 2

    def test_reading_and_writing_take_a_call_each(self, orders: OrderRepository) -> None:
        placed = self.submit(orders, "key-1").snapshot
        self.counted()
        assert orders.provisioning_facts(placed.id) is not None
        assert self.counted() == 1
        assert orders.of_account(placed.account) != ()
        assert self.counted() == 1
        orders.write(
            OrderWrite(
                order=placed.id,
                activation=ACTIVATING,
                last_attempt_at=NOON,
                billing_order=BillingOrderId(501),
                services={line.id: ServiceId(9000 + place) for place, line in enumerate(placed.lines)},
                stage=Stage.ACTIVE,
                opportunity_service=ServiceId(9001),
                if_version=placed.version,
            )
        )
        assert self.counted() == 1

    def test_a_submit_costs_the_same_however_many_products_there_are(self, orders: OrderRepository) -> None:
        self.submit(orders, "key-1")
        few = self.traffic()
        many = [attrs.evolve(SIMS[0], sku=Sku(f"OTHER-{place:05d}")) for place in range(OTHERS)]
        shown = {product.sku: product for product in (*SMALL_CATALOGUE.products.values(), *many)}
        self.stock(shown.values())
        self.known.price_book = Catalogue(version="2", products=shown)
        orders = SalesforceOrders(self.connected(), self.attributes)
        self.process.admin("DELETE", "calls")
        self.submit(orders, "key-1")
        assert self.traffic() == few

    def traffic(self) -> list[tuple[object, object]]:
        return [(call["bytes_in"], call["bytes_out"]) for call in self.process.data_calls()]

    def test_an_order_after_a_restart_asks_once_for_what_it_forgot(self, orders: OrderRepository) -> None:
        self.placed(orders)
        assert self.counted() == 2
