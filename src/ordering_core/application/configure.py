"""
Looking at a configuration before anything is ordered: does it hold, and what does it cost.

Seed "Configuring a Service".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from ordering_core.application.views import DraftCheck
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.drafts import Draft
from ordering_core.domain.fingerprint import fingerprint
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.normalise import normalise
from ordering_core.domain.policy import Policy
from ordering_core.domain.pricing import price as price_of
from ordering_core.domain.quote import Quote
from ordering_core.domain.rules import RuleFacts, verdict
from ordering_core.domain.violations import Gate, OrderRejected
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.catalogue import ProductCatalogue


def products_for_sale(order_type: OrderType | None, *, catalogue: ProductCatalogue) -> Catalogue:
    """Return the catalogue, or the part of it that is for sale as *order_type*."""
    everything = catalogue.all()
    if order_type is None:
        return everything
    return Catalogue(
        version=everything.version,
        products={product.sku: product for product in everything.of_type(order_type)},
    )


def check(draft: Draft, *, catalogue: ProductCatalogue, policy: Policy, at: datetime) -> DraftCheck:
    """Return *draft* normalised, what the configure gate says of it, and its price if it has one."""
    normal = normalise(draft)
    products = catalogue.products(frozenset(normal.skus))
    facts = RuleFacts(draft=normal, products=products, gate=Gate.CONFIGURE, at=at, policy=policy)
    return DraftCheck(
        draft=normal, verdict=verdict(facts), quote=quote(normal, products, policy=policy, at=at)
    )


def accept(draft: Draft, *, catalogue: ProductCatalogue, policy: Policy, at: datetime) -> tuple[Draft, Quote]:
    """
    Return *draft* with its texts normalised, and its price.

    Raises:
        OrderRejected: With every rule of the configure gate that it violates.

    """
    checked = check(draft, catalogue=catalogue, policy=policy, at=at)
    if checked.quote is None or not checked.verdict.passed:
        raise OrderRejected(checked.verdict.errors)
    return checked.draft, checked.quote


def quote(draft: Draft, products: Mapping[Sku, Product], *, policy: Policy, at: datetime) -> Quote | None:
    """Return what *draft* costs, None when it holds nothing or something that has no price."""
    lines = [products[sku] for sku in draft.skus if sku in products]
    if not lines or len(lines) < len(draft.skus):
        return None
    return price_of(lines, policy=policy, at=at, catalogue_version=_version(lines))


def _version(lines: Iterable[Product]) -> str:
    """
    Return what changes whenever one of *lines* does, the same for equal products.

    Not the version of the whole catalogue: pricing a cart costs the same however many products there are.
    """
    return fingerprint(
        fact
        for line in sorted(lines, key=lambda line: line.sku)
        for fact in (
            line.sku,
            line.name,
            line.price,
            line.cycle,
            line.item_class,
            line.billing_product,
            line.active,
        )
    )[:16]
