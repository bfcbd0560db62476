"""The cards of an org over its REST API keep the contract; giving one takes a look and a write."""

from collections.abc import Sequence
from itertools import count

import attrs
import pytest

from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.salesforce import Field, Names, SalesforceOrders, SalesforceSimInventory
from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import OrderId, SimCardId
from ordering_core.domain.vocabulary import OrderType
from ordering_core.errors import Refused
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.sim_inventory import IN_STOCK, SimInventory
from ordering_core.testing.contracts.sim_inventory import NO_CARD, SimInventoryContract
from tests.contract.salesforce_org import SandboxOrg


class TestSalesforceSimInventory(SandboxOrg, SimInventoryContract):
    @pytest.fixture
    def orders(self) -> SalesforceOrders:
        self.numbers = count(1)
        return SalesforceOrders(self.connected(), self.attributes)

    @pytest.fixture
    def inventory(self, orders: SalesforceOrders) -> SalesforceSimInventory:
        return SalesforceSimInventory(self.org)

    def products(self, order_type: OrderType) -> Sequence[Product]:
        return SMALL_CATALOGUE.of_type(order_type)

    def new_card(self, status: str = IN_STOCK) -> SimCardId:
        number = next(self.numbers)
        self.process.admin("PUT", "fields", {"SIM_Inventory__c.Status__c": {"restricted": False}})
        return SimCardId(
            self.process.write(
                "SIM_Inventory__c",
                {
                    "Name": f"SIM-{number}",
                    "ICCID__c": f"898130000000000000{number}",
                    "Product_Number__c": f"PN-{number}",
                    "Phone_Number__c": f"0801234567{number}",
                    "Status__c": status,
                },
            )
        )

    def test_giving_a_card_takes_two_calls_and_giving_it_again_one(
        self, orders: OrderRepository, inventory: SimInventory
    ) -> None:
        order, card = self.order_for_card(orders), self.new_card()
        for calls in (2, 1):
            self.process.admin("DELETE", "calls")
            inventory.assign(card, order)
            assert len(self.process.data_calls()) == calls

    def test_an_order_whose_card_stays_behind_is_taken_back_too(
        self, orders: OrderRepository, inventory: SimInventory
    ) -> None:
        order, card = self.order_for_card(orders), self.new_card()
        self.process.fault(kind="error", target="SIM_Inventory__c", failure="VALIDATION_RULE", skip=1)
        with pytest.raises(Refused):
            inventory.assign(card, order)
        assert self.sim_of(orders, order) is None
        assert self.card_in_org(card).order is None

    def test_an_org_without_cards_says_so(self, orders: OrderRepository) -> None:
        lacking = attrs.evolve(self.settings(), names=Names(fields={Field.ASSIGNED_CARD: ""}))
        inventory = SalesforceSimInventory(self.connected(lacking))
        for call in (inventory.in_stock, lambda: inventory.assign(NO_CARD, OrderId(self.nobody))):
            with pytest.raises(Refused) as caught:
                call()
            assert caught.value.code == "FIELD_MISSING"
