"""Orders of an org in memory keep the contract."""

from collections.abc import Sequence

import pytest

from ordering_adapters.memory.orders import MemoryOrders
from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_core.domain.catalogue import Product
from ordering_core.domain.vocabulary import OrderType
from ordering_core.testing.contracts.orders import OrderRepositoryContract
from tests.contract.memory_org import MemoryOrg


class TestMemoryOrders(MemoryOrg, OrderRepositoryContract):
    port = "orders"

    @pytest.fixture
    def orders(self) -> MemoryOrders:
        return MemoryOrders(self.org, self.faults)

    def orders_by(self, page: int) -> MemoryOrders:
        return MemoryOrders(self.org, self.faults, page=page)

    def products(self, order_type: OrderType) -> Sequence[Product]:
        return SMALL_CATALOGUE.of_type(order_type)
