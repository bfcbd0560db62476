"""The price book of an org over its REST API keeps the contract."""

from collections.abc import Collection

import attrs
import pytest

from ordering_adapters.salesforce import SalesforceCatalogue
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.identifiers import Sku
from ordering_core.testing.contracts.catalogue import PLAN, VOICE_MAIL, ProductCatalogueContract
from tests.contract.salesforce_org import SandboxPort


class TestSalesforceCatalogue(SandboxPort, ProductCatalogueContract):
    catalogue_shown = Catalogue(version="0", products={})

    @pytest.fixture
    def catalogue(self) -> SalesforceCatalogue:
        return SalesforceCatalogue(self.connected(), self.attributes)

    def publish(self, products: Collection[Product]) -> None:
        self.stock(products)
        self.known.price_book = Catalogue(version="1", products={each.sku: each for each in products})

    def test_what_only_one_side_knows_is_not_for_sale(self, catalogue: SalesforceCatalogue) -> None:
        self.publish([PLAN, VOICE_MAIL])
        self.known.price_book = Catalogue(version="1", products={PLAN.sku: PLAN})
        catalogue.refresh()
        assert list(catalogue.all().products) == [PLAN.sku]
        self.publish([VOICE_MAIL])
        self.known.price_book = Catalogue(version="1", products={PLAN.sku: PLAN})
        catalogue.refresh()
        assert dict(catalogue.products([PLAN.sku, VOICE_MAIL.sku])) == {}

    def test_a_price_list_of_many_pages_is_read_to_its_end(self, catalogue: SalesforceCatalogue) -> None:
        many = [attrs.evolve(PLAN, sku=Sku(f"SIM-{place:04d}")) for place in range(450)]
        self.publish(many)
        self.process.admin("PUT", "switches", {"largest_batch": 200})
        self.process.admin("DELETE", "calls")
        catalogue.refresh()
        assert len(catalogue.all().products) == len(many)
        assert len(self.process.data_calls()) == 3
