"""The items of a draft, sorted out once for all the rules that look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ordering_core.domain.catalogue import Product
from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.vocabulary import ItemClass


Item = tuple[int, Product]
"""A product with its place among the draft's SKUs, counted from 0."""


class Cart(NamedTuple):
    """
    What a draft's SKUs stand for.

    *known* and *unknown* are all of them, *retired* those no longer for sale, *strangers* those of another
    order type. Of this order's type are *services* and *beside_the_plan* (all the others), among these
    *installations*, *activations* and *options*. *plan* is the main service, if there is one product that can
    be it.
    """

    known: Sequence[Item]
    unknown: Sequence[int]
    retired: Sequence[Item]
    strangers: Sequence[Item]
    services: Sequence[Item]
    beside_the_plan: Sequence[Item]
    installations: Sequence[Item]
    activations: Sequence[Item]
    options: Sequence[Item]
    plan: Product | None


def sort_out(draft: Draft, products: Mapping[Sku, Product]) -> Cart:
    """Return the items of *draft*, each looked up in *products*."""
    order_type = draft.order_type
    known: list[Item] = []
    unknown: list[int] = []
    strangers: list[Item] = []
    services: list[Item] = []
    beside: list[Item] = []
    for place, sku in enumerate(draft.skus):
        product = products.get(sku)
        if product is None:
            unknown.append(place)
            continue
        item = (place, product)
        known.append(item)
        if product.order_type is not order_type:
            strangers.append(item)
        elif product.item_class is ItemClass.SERVICE:
            services.append(item)
        else:
            beside.append(item)
    return Cart(
        known=known,
        unknown=unknown,
        retired=[item for item in known if not item[1].active],
        strangers=strangers,
        services=services,
        beside_the_plan=beside,
        installations=[item for item in beside if item[1].item_class is ItemClass.INSTALLATION],
        activations=[item for item in beside if item[1].item_class is ItemClass.ACTIVATION],
        options=[item for item in beside if item[1].option],
        plan=services[0][1] if len({plan.sku for _, plan in services}) == 1 else None,
    )
