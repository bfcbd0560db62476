"""The cards of an org in memory keep the contract."""

from collections.abc import Sequence

import attrs
import pytest

from ordering_adapters.memory.orders import MemoryOrders
from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.memory.sim_inventory import MemorySimInventory
from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import SimCardId
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.sim_inventory import IN_STOCK
from ordering_core.testing.contracts.sim_inventory import SimInventoryContract
from tests.contract.memory_org import MemoryOrg


class TestMemorySimInventory(MemoryOrg, SimInventoryContract):
    port = "inventory"

    @pytest.fixture
    def orders(self) -> MemoryOrders:
        return MemoryOrders(self.org, self.faults)

    @pytest.fixture
    def inventory(self) -> MemorySimInventory:
        return MemorySimInventory(self.org, self.faults)

    def products(self, order_type: OrderType) -> Sequence[Product]:
        return SMALL_CATALOGUE.of_type(order_type)

    def new_card(self, status: str = IN_STOCK) -> SimCardId:
        card = self.agent.add_card()
        self.org.cards[card] = attrs.evolve(self.org.cards[card], stock_status=status)
        return card
