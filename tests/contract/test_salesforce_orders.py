"""Orders of an org over its REST API keep the contract."""

from collections.abc import Sequence

import pytest

from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.salesforce import SalesforceOrders
from ordering_core.domain.catalogue import Product
from ordering_core.domain.vocabulary import OrderType
from ordering_core.testing.contracts.orders import OrderRepositoryContract
from tests.contract.salesforce_org import SandboxOrg


class TestSalesforceOrders(SandboxOrg, OrderRepositoryContract):
    @pytest.fixture
    def orders(self) -> SalesforceOrders:
        return SalesforceOrders(self.connected(), self.attributes)

    def orders_by(self, page: int) -> SalesforceOrders:
        return SalesforceOrders(self.connected(), self.attributes, page=page)

    def products(self, order_type: OrderType) -> Sequence[Product]:
        return SMALL_CATALOGUE.of_type(order_type)
