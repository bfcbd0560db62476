"""The items of a draft, sorted out once for all the rules that look at them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from ordering_core.domain.catalogue import Product
from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.vocabulary import ItemClass


Item = tuple[int, Product]
"""A product with its place among the draft's SKUs, counted from 0."""


# Finding a member of an enum by its name takes as long as comparing it; these are asked for at every item.
_SERVICE: Final = ItemClass.SERVICE
_INSTALLATION: Final = ItemClass.INSTALLATION
_ACTIVATION: Final = ItemClass.ACTIVATION


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
        if len(self.services) == 1:
            return first
        return first if all(other.sku == first.sku for _, other in self.services[1:]) else None


def sort_out(draft: Draft, products: Mapping[Sku, Product]) -> Cart:
    """Return the items of *draft*, each looked up in *products*."""
    order_type = draft.order_type
    cart = Cart([], [], [], [], [], [], [], [], [])
    known, beside_the_plan = cart.known, cart.beside_the_plan
    for place, sku in enumerate(draft.skus):
        product = products.get(sku)
        if product is None:
            cart.unknown.append(place)
            continue
        item = (place, product)
        known.append(item)
        if not product.active:
            cart.retired.append(item)
        if product.order_type is not order_type:
            cart.strangers.append(item)
            continue
        item_class = product.item_class
        if item_class is _SERVICE:
            cart.services.append(item)
            continue
        beside_the_plan.append(item)
        if item_class is _INSTALLATION:
            cart.installations.append(item)
        elif item_class is _ACTIVATION:
            cart.activations.append(item)
        if product.option:
            cart.options.append(item)
    return cart
