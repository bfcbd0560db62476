"""The price book of an org in memory keeps the contract."""

from collections.abc import Collection
from itertools import count

import pytest

from ordering_adapters.memory.catalogue import MemoryCatalogue
from ordering_adapters.memory.hints import MemoryHints
from ordering_adapters.memory.salesforce import MemorySalesforce
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.testing.contracts.catalogue import ProductCatalogueContract
from tests.contract.memory_org import MemoryFaultSwitches


class TestMemoryCatalogue(MemoryFaultSwitches, ProductCatalogueContract):
    port = "catalogue"

    @pytest.fixture
    def catalogue(self) -> MemoryCatalogue:
        self.versions = count(1)
        nothing = Catalogue(version="0", products={})
        self.org = MemorySalesforce(self.clock, nothing, MemoryHints())
        return MemoryCatalogue(self.org, self.faults)

    def publish(self, products: Collection[Product]) -> None:
        self.org.price_book = Catalogue(
            version=str(next(self.versions)), products={product.sku: product for product in products}
        )
