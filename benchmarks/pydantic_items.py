"""The rules about the items of an order, written for pydantic: each rule a validator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from pydantic import BaseModel, PrivateAttr, field_validator, model_validator

from benchmarks.pydantic_text import STRICT, Info
from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.vocabulary import ItemClass, OrderType


class ItemsModel(BaseModel):
    """What any order of a SIM has: its items; the order of the validators is that of the rule book."""

    model_config = STRICT

    type: str
    skus: tuple[str, ...] = ()

    _lines: tuple[Product | None, ...] = PrivateAttr(default=())
    _plan: Product | None = PrivateAttr(default=None)

    @field_validator("skus")
    @classmethod
    def skus_have_no_spaces_around_them(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Strip them."""
        return tuple([sku.strip() for sku in value])

    @model_validator(mode="after")
    def look_up_the_items(self, info: Info) -> Self:
        """Find the product of each SKU, and the plan among them."""
        self._lines = tuple([info.context.products.get(Sku(sku)) for sku in self.skus])
        plans = {
            line.sku: line
            for line in self._lines
            if line and line.item_class is ItemClass.SERVICE and line.order_type is OrderType.SIM
        }
        self._plan = next(iter(plans.values())) if len(plans) == 1 else None
        return self

    @model_validator(mode="after")
    def items_are_in_the_catalogue(self, info: Info) -> Self:
        """Find unknown SKUs."""
        for place, line in enumerate(self._lines):
            if line is None:
                info.context.add("sku_unknown", f"/skus/{place}", {"item": place + 1})
        return self

    @model_validator(mode="after")
    def items_are_for_sale(self, info: Info) -> Self:
        """Find retired products."""
        for place, line in enumerate(self._lines):
            if line and not line.active:
                facts = {"sku": line.sku, "name": line.name}
                info.context.add("sku_inactive", f"/skus/{place}", facts)
        return self

    @model_validator(mode="after")
    def items_belong_to_a_sim(self, info: Info) -> Self:
        """Find products of another order type."""
        for place, line in enumerate(self._lines):
            if line and line.order_type is not OrderType.SIM:
                facts = {"sku": line.sku, "type": line.order_type.value, "wanted": OrderType.SIM.value}
                info.context.add("sku_of_another_type", f"/skus/{place}", facts)
        return self

    @model_validator(mode="after")
    def prices_are_those_that_were_shown(self, info: Info) -> Self:
        """Find products that cost another amount than was shown."""
        shown = info.context.prices
        for place, line in enumerate(self._lines):
            if line and line.sku in shown and shown[line.sku] != line.price:
                facts = {"sku": line.sku, "shown": str(shown[line.sku]), "now": str(line.price)}
                info.context.add("price_changed", f"/skus/{place}", facts)
        return self

    @model_validator(mode="after")
    def nothing_is_there_twice(self, info: Info) -> Self:
        """Find repeated SKUs."""
        first: dict[str, int] = {}
        for place, sku in enumerate(self.skus):
            if first.setdefault(sku, place) != place:
                facts = {"item": place + 1, "first": first[sku] + 1}
                info.context.add("sku_twice", f"/skus/{place}", facts)
        return self

    @model_validator(mode="after")
    def there_is_one_plan(self, info: Info) -> Self:
        """Count the plans."""
        places = self.places(
            lambda line: line.item_class is ItemClass.SERVICE and line.order_type is OrderType.SIM
        )
        if not places:
            info.context.add("main_service_missing", "/skus", {"type": OrderType.SIM.value})
        for place in places[1:]:
            info.context.add("main_service_twice", f"/skus/{place}", {"found": len(places)})
        return self

    @model_validator(mode="after")
    def bundles_are_complete(self, info: Info) -> Self:
        """Look for what comes with the plan."""
        if self._plan:
            for sku in sorted(self._plan.bundles.difference(map(Sku, self.skus))):
                product = info.context.products.get(sku)
                facts = {"sku": sku, "name": product.name if product else sku}
                info.context.add("bundle_missing", "/skus", facts)
        return self

    @model_validator(mode="after")
    def items_fit_the_plan(self, info: Info) -> Self:
        """Find items made for another kind of plan."""
        if self._plan is None:
            return self
        for place, line in enumerate(self._lines):
            if line is None or line.item_class is ItemClass.SERVICE:
                continue
            facts = {"sku": line.sku, "name": line.name, "plan": self._plan.name}
            if line.offerings and self._plan.offerings and line.offerings.isdisjoint(self._plan.offerings):
                info.context.add("item_of_another_offering", f"/skus/{place}", facts)
            if line.tier and line.tier is not self._plan.tier:
                info.context.add("item_of_another_tier", f"/skus/{place}", facts)
            if line.region and line.region is not self._plan.region:
                info.context.add("item_of_another_region", f"/skus/{place}", facts)
            if line.plan_kind and line.plan_kind is not self._plan.plan_kind:
                info.context.add("item_of_another_plan_kind", f"/skus/{place}", facts)
        return self

    @property
    def plan(self) -> Product | None:
        """The one plan among the items, if there is just one."""
        return self._plan

    def places(self, wanted: Callable[[Product], bool]) -> list[int]:
        """Return the places of the items that are *wanted*."""
        return [place for place, line in enumerate(self._lines) if line and wanted(line)]
