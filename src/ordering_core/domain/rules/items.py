"""The items of a draft, sorted out once for all the rules that look at them."""

from __future__ import annotations

from collections.abc import Mapping
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
    *installations*, *activations* and *options*.
    """

    known: list[Item]
    unknown: list[int]
    retired: list[Item]
    strangers: list[Item]
    services: list[Item]
    beside_the_plan: list[Item]
    installations: list[Item]
    activations: list[Item]
    options: list[Item]

    @property
    def plan(self) -> Product | None:
        """The main service, if there is one product that can be it; the same one twice is still that one."""
        if not self.services:
            return None
        first = self.services[0][1]
        return first if all(other.sku == first.sku for _, other in self.services[1:]) else None


def sort_out(draft: Draft, products: Mapping[Sku, Product]) -> Cart:
    """Return the items of *draft*, each looked up in *products*."""
    order_type = draft.order_type
    cart = Cart([], [], [], [], [], [], [], [], [])
    for place, sku in enumerate(draft.skus):
        product = products.get(sku)
        if product is None:
            cart.unknown.append(place)
            continue
        item = (place, product)
        cart.known.append(item)
        if not product.active:
            cart.retired.append(item)
        if product.order_type is not order_type:
            cart.strangers.append(item)
        elif product.item_class is ItemClass.SERVICE:
            cart.services.append(item)
        else:
            cart.beside_the_plan.append(item)
            if product.item_class is ItemClass.INSTALLATION:
                cart.installations.append(item)
            elif product.item_class is ItemClass.ACTIVATION:
                cart.activations.append(item)
            if product.option:
                cart.options.append(item)
    return cart
