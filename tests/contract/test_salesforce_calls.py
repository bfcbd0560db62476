"""What placing, listing and provisioning cost, counted by the org."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pytest

from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.salesforce import SalesforceOrders
from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import AccountId, BillingOrderId, RequestKey, ServiceId
from ordering_core.domain.orders import OrderWrite, PlacedOrder
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.ports.orders import OrderRepository
from ordering_core.testing.contracts.order_base import ACTIVATING, NOON, OrderContract
from tests.contract.salesforce_org import SandboxOrg
from tests.contract.stand_in import Row


SIMS: Final = SMALL_CATALOGUE.of_type(OrderType.SIM)
FEW: Final = 100
MANY: Final = 50_000
ORDERS: Final = 3_000
OF_MINE: Final = 150


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

    def test_a_submit_costs_the_same_with_100_products_and_with_50_000(self) -> None:
        spent = []
        for number in (FEW, MANY):
            self.stock(SMALL_CATALOGUE.products.values())
            more = number - len(SMALL_CATALOGUE.products)
            self.process.admin("POST", "products", {"like": SIMS[0].sku, "count": more})
            assert self.process.query("SELECT COUNT(Id) n FROM Product2")[0]["n"] == number
            orders = SalesforceOrders(self.connected(), self.attributes)
            self.process.admin("DELETE", "calls")
            self.submit(orders, "key-1")
            spent.append(self.traffic())
        few, many = spent
        assert len(few) == 2
        assert many == few

    def test_a_page_of_orders_takes_one_call_beside_many_others(self, orders: OrderRepository) -> None:
        mine, other = self.new_account(), self.new_account()
        rows = [self.order_row(mine if place < OF_MINE else other, place) for place in range(ORDERS)]
        self.process.admin("POST", "records", rows)
        self.counted()
        assert len(orders.of_account(mine)) == OF_MINE
        assert self.counted() == 1

    @pytest.mark.parametrize("apart", [timedelta(minutes=-10), timedelta(0), timedelta(days=1)])
    def test_how_far_our_clock_is_ahead_is_told_by_every_answer(self, apart: timedelta) -> None:
        org = self.connected()
        assert org.clock_ahead is None
        theirs = org.clock.now() - apart
        self.process.admin("PUT", "clock", {"at": theirs.isoformat(), "stopped": False})
        org.rows("SELECT Id FROM Order LIMIT 1")
        assert org.clock_ahead is not None
        # Dates count seconds, and a busy machine takes some between the two looks.
        assert apart - timedelta(seconds=1) < org.clock_ahead < apart + timedelta(minutes=5)

    def order_row(self, account: AccountId, place: int) -> Row:
        return {
            "attributes": {"type": "Order"},
            "AccountId": account,
            "Pricebook2Id": self.price_book,
            "OrderNumber": f"{place:08d}",
            "Type": "SIM",
            "Status": "Draft",
            "EffectiveDate": "2026-06-03",
        }

    def traffic(self) -> list[tuple[object, object]]:
        return [(call["bytes_in"], call["bytes_out"]) for call in self.process.data_calls()]

    def test_an_order_after_a_restart_asks_once_for_what_it_forgot(self, orders: OrderRepository) -> None:
        self.placed(orders)
        assert self.counted() == 2
