"""The contract of a product catalogue."""

from __future__ import annotations

import abc

from collections.abc import Collection
from decimal import Decimal
from typing import Final

import attrs
import pytest

from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import BillingProductId, Sku
from ordering_core.domain.vocabulary import BillingCycle, ItemClass, OrderType, PlanKind, ProductOption
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.testing.contracts.outside import OutsideContract, both


PLAN: Final = Product(
    sku=Sku("SIM-VOICE-20GB"),
    name="データ+音声 20GB",
    order_type=OrderType.SIM,
    item_class=ItemClass.SERVICE,
    cycle=BillingCycle.MONTHLY,
    price=Decimal(2980),
    billing_product=BillingProductId(71),
    plan_kind=PlanKind.DATA_AND_VOICE,
    data_gb=20,
    network_plan="PASI_20G",
)
VOICE_MAIL: Final = Product(
    sku=Sku("SIM-VOICE-MAIL"),
    name="Voice mail",
    order_type=OrderType.SIM,
    item_class=ItemClass.ADD_ON,
    cycle=BillingCycle.MONTHLY,
    price=Decimal(300),
    billing_product=BillingProductId(72),
    option=ProductOption.VOICE_MAIL,
)
BUNDLING: Final = attrs.evolve(
    PLAN,
    sku=Sku("SIM-VOICE-50GB"),
    data_gb=50,
    billing_product=BillingProductId(73),
    bundles=frozenset({VOICE_MAIL.sku}),
)
RETIRED: Final = attrs.evolve(
    PLAN, sku=Sku("SIM-VOICE-3GB"), data_gb=3, billing_product=BillingProductId(74), active=False
)
UNKNOWN: Final = Sku("NO-SUCH-PRODUCT")


class ProductCatalogueContract(OutsideContract):
    """What a `ProductCatalogue` keeps to."""

    @pytest.fixture
    @abc.abstractmethod
    def catalogue(self) -> ProductCatalogue:
        """Return the catalogue under test; nothing is for sale yet."""

    @abc.abstractmethod
    def publish(self, products: Collection[Product]) -> None:
        """Make *products* all there is, without telling the catalogue."""

    def test_an_empty_price_list_has_no_products(self, catalogue: ProductCatalogue) -> None:
        assert dict(catalogue.all().products) == {}
        assert dict(catalogue.products([PLAN.sku])) == {}

    def test_every_attribute_of_a_product_is_read(self, catalogue: ProductCatalogue) -> None:
        self.publish([BUNDLING, VOICE_MAIL])
        catalogue.refresh()
        assert dict(catalogue.all().products) == {BUNDLING.sku: BUNDLING, VOICE_MAIL.sku: VOICE_MAIL}

    def test_all_products_are_read_retired_ones_too(self, catalogue: ProductCatalogue) -> None:
        self.publish([PLAN, VOICE_MAIL, RETIRED])
        catalogue.refresh()
        assert dict(catalogue.all().products) == {
            product.sku: product for product in (PLAN, VOICE_MAIL, RETIRED)
        }

    def test_chosen_products_are_read_without_the_unknown_ones(self, catalogue: ProductCatalogue) -> None:
        self.publish([PLAN, VOICE_MAIL, RETIRED])
        catalogue.refresh()
        chosen = catalogue.products([RETIRED.sku, UNKNOWN, PLAN.sku, PLAN.sku])
        assert dict(chosen) == {PLAN.sku: PLAN, RETIRED.sku: RETIRED}

    def test_choosing_nothing_gives_nothing(self, catalogue: ProductCatalogue) -> None:
        self.publish([PLAN])
        catalogue.refresh()
        assert dict(catalogue.products([])) == {}

    def test_a_refresh_shows_what_changed(self, catalogue: ProductCatalogue) -> None:
        self.publish([PLAN])
        catalogue.refresh()
        before = catalogue.all()
        dearer = attrs.evolve(PLAN, price=Decimal(3100))
        self.publish([dearer])
        catalogue.refresh()
        assert dict(catalogue.products([PLAN.sku])) == {PLAN.sku: dearer}
        assert catalogue.all().version != before.version

    def test_the_version_stays_while_nothing_changes(self, catalogue: ProductCatalogue) -> None:
        self.publish([PLAN])
        catalogue.refresh()
        before = catalogue.all()
        catalogue.refresh()
        assert catalogue.all() == before

    def test_a_source_that_is_down_is_asked_again(self, catalogue: ProductCatalogue) -> None:
        self.publish([PLAN])
        catalogue.refresh()
        self.down("all", catalogue.all)
        assert list(catalogue.all().products) == [PLAN.sku]
        catalogue.refresh()
        self.down("products", lambda: catalogue.products([PLAN.sku]))
        assert list(catalogue.products([PLAN.sku])) == [PLAN.sku]

    def test_two_threads_read_the_same(self, catalogue: ProductCatalogue) -> None:
        self.publish([PLAN, VOICE_MAIL])
        catalogue.refresh()
        first, second = both(catalogue.all, catalogue.all)
        assert first == second
