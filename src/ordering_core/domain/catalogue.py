"""
What can be ordered: products, and the catalogue that holds them (DESIGN 4; seed "Product Configuration").

Prices are net yen. An instalment product is a Monthly item whose price is one payment (DESIGN 3.12).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs

from ordering_core.domain.identifiers import BillingProductId, Sku
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import (
    BillingCycle,
    InternetTier,
    ItemClass,
    Offering,
    OrderType,
    PlanKind,
    ProductOption,
    VpnRegion,
)


@attrs.frozen(kw_only=True)
class Product:
    """
    One thing that can stand on an order line.

    *price* is net yen, of one payment. *instalments* is 12 or 24 for a fee paid in as many monthly payments,
    else None. *offerings* lists the Internet offerings a product may be sold with (empty: any). *bundles*
    lists the SKUs that come with a plan and have to be on the order beside it. *data_gb* is a SIM plan's
    monthly volume.
    """

    sku: Sku
    name: str
    order_type: OrderType
    item_class: ItemClass
    cycle: BillingCycle
    price: Decimal
    billing_product: BillingProductId
    active: bool = True
    offerings: frozenset[Offering] = frozenset()
    tier: InternetTier | None = None
    region: VpnRegion | None = None
    plan_kind: PlanKind | None = None
    data_gb: int | None = None
    network_plan: str | None = None
    instalments: int | None = None
    option: ProductOption | None = None
    bundles: frozenset[Sku] = frozenset()

    __repr__ = shown


@attrs.frozen(kw_only=True)
class Catalogue:
    """All products for sale at one moment; *version* changes whenever anything in it does."""

    version: str
    products: Mapping[Sku, Product]

    __repr__ = shown

    def of_type(self, order_type: OrderType) -> tuple[Product, ...]:
        """Return the active products of *order_type*, by SKU."""
        return tuple(
            product
            for _, product in sorted(self.products.items())
            if product.order_type is order_type and product.active
        )

    def preselect(self, plan: Sku) -> frozenset[Sku]:
        """Return the SKUs that come with *plan*; nothing is ever added to an order silently (DESIGN 4)."""
        product = self.products.get(plan)
        return product.bundles if product else frozenset()
