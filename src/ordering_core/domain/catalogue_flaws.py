"""
What is wrong with a catalogue: products that contradict themselves or each other (DESIGN 4, Catalogue).

Whoever loads products asks before offering them: a plan that could never be ordered is found here, not by
a customer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, assert_never

from ordering_core.domain.catalogue import Product
from ordering_core.domain.vocabulary import BillingCycle, ItemClass, OrderType, ProductOption


class Flaw(NamedTuple):
    """One thing that is wrong: the *field* of a *product*, and what to write instead."""

    product: Product
    field: str
    problem: str


_INSTALMENTS: Final = frozenset({12, 24})

_OPTIONS: Final[Mapping[OrderType, frozenset[ProductOption]]] = MappingProxyType(
    {
        OrderType.INTERNET: frozenset({ProductOption.WEEKEND_INSTALL, ProductOption.HIKARI_DENWA}),
        OrderType.SIM: frozenset({ProductOption.VOICE_MAIL, ProductOption.CALL_WAITING}),
        OrderType.VPN: frozenset(),
    }
)


def flaws(products: Sequence[Product]) -> Iterator[Flaw]:
    """Yield everything that is wrong with *products*, product by product."""
    known = {product.sku: product for product in products}
    skus = Counter(product.sku for product in products)
    ids = Counter(product.billing_product for product in products)
    for product in products:
        if skus[product.sku] > 1:
            yield Flaw(product, "sku", "stands in two places; keep one")
        if product.sku != product.sku.strip() or not product.sku:
            yield Flaw(product, "sku", "is empty or has spaces around it; write it without")
        if ids[product.billing_product] > 1:
            problem = f"{product.billing_product} is used twice; each product has its own in WHMCS"
            yield Flaw(product, "billing_product", problem)
        for sku in sorted(product.bundles):
            if sku not in known or known[sku].order_type is not product.order_type:
                yield Flaw(
                    product,
                    "bundles",
                    f"{sku} is no {product.order_type.value} product; add it or take it out",
                )
        yield from _inside(product)


def _inside(product: Product) -> Iterator[Flaw]:
    """Yield where the fields of one product contradict each other."""
    service = product.order_type.value
    if product.item_class is ItemClass.SERVICE:
        for field, value in _needed(product):
            if not value:
                yield Flaw(product, field, f"missing; every {service} plan needs it")
    if product.instalments is not None and product.instalments not in _INSTALMENTS:
        yield Flaw(
            product, "instalments", f"{product.instalments} is unknown; write 12 or 24, or leave it out"
        )
    if product.instalments is not None and product.cycle is not BillingCycle.MONTHLY:
        yield Flaw(product, "cycle", f"{product.cycle.value} contradicts instalments; write Monthly")
    if product.option and product.option not in _OPTIONS[product.order_type]:
        yield Flaw(product, "option", f"{product.option.value} is no choice of {service}; leave it out")


def _needed(product: Product) -> tuple[tuple[str, object], ...]:
    """Return what a plan of this service cannot be sold without."""
    match product.order_type:
        case OrderType.INTERNET:
            return (("offerings", product.offerings), ("tier", product.tier))
        case OrderType.SIM:
            return (("plan_kind", product.plan_kind), ("network_plan", product.network_plan))
        case OrderType.VPN:
            return (("region", product.region),)
        case _:
            assert_never(product.order_type)
