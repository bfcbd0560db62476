"""The rules about the plan: exactly one, with everything that comes with it and nothing made for another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ordering_core.domain.catalogue import Product
from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import EVERY_GATE, EVERY_TYPE, Broken, Rule, Words, rule


def there_is_exactly_one_main_service(facts: RuleFacts, draft: Draft) -> Sequence[Broken]:
    """Count the products of class Service and this order type."""
    services = facts.cart.services
    if not services:
        return (Broken("main_service_missing", "/skus", {"type": draft.order_type.value}),)
    return [
        Broken("main_service_twice", f"/skus/{place}", {"found": len(services)}) for place, _ in services[1:]
    ]


def every_bundled_item_is_there(facts: RuleFacts, draft: Draft) -> Sequence[Broken] | None:
    """Look for what comes with the plan; nothing is added silently (DESIGN 4, Catalogue)."""
    plan = facts.plan
    if plan is None:
        return None
    if plan.bundles.issubset(draft.skus):
        return ()
    return [
        Broken("bundle_missing", "/skus", {"sku": sku, "name": _name(facts, sku)})
        for sku in sorted(plan.bundles.difference(draft.skus))
    ]


def _name(facts: RuleFacts, sku: Sku) -> str:
    """Return what *sku* is called, if it is known."""
    product = facts.products.get(sku)
    return product.name if product else sku


def every_item_fits_the_plan(facts: RuleFacts, _draft: Draft) -> Sequence[Broken] | None:
    """Compare each item's offerings, tier, region and kind with those of the plan."""
    plan = facts.plan
    if plan is None:
        return None
    broken: list[Broken] = []
    for place, item in facts.cart.beside_the_plan:
        if item.offerings and plan.offerings and item.offerings.isdisjoint(plan.offerings):
            broken.append(_misfit("item_of_another_offering", place, item, plan))
        if item.tier and item.tier is not plan.tier:
            broken.append(_misfit("item_of_another_tier", place, item, plan))
        if item.region and item.region is not plan.region:
            broken.append(_misfit("item_of_another_region", place, item, plan))
        if item.plan_kind and item.plan_kind is not plan.plan_kind:
            broken.append(_misfit("item_of_another_plan_kind", place, item, plan))
    return broken


def _misfit(code: str, place: int, item: Product, plan: Product) -> Broken:
    """Name both."""
    return Broken(code, f"/skus/{place}", {"sku": item.sku, "name": item.name, "plan": plan.name})


_ANOTHER_PLAN: Final = "Leave the item out, or choose a plan that it is made for."

RULES: Final[tuple[Rule[Draft], ...]] = (
    rule(
        there_is_exactly_one_main_service,
        "There is exactly one main service.",
        order_types=EVERY_TYPE,
        gates=EVERY_GATE,
        source="seed Order Creation 1; DESIGN 4 Rules",
        words={
            "main_service_missing": Words(
                "The order has no {type} plan.", "{type}のプランが選ばれていません。", "Choose one plan."
            ),
            "main_service_twice": Words(
                "The order has {found} plans.",
                "プランが{found}つ選ばれています。",
                "Keep one plan; order another service separately.",
            ),
        },
    ),
    rule(
        every_bundled_item_is_there,
        "Everything that comes with the plan is on the order.",
        order_types=EVERY_TYPE,
        gates=EVERY_GATE,
        source="seed Internet Configuration 4; DESIGN 4 Catalogue",
        words={
            "bundle_missing": Words(
                "{name} comes with the plan and is missing.",
                "プランに含まれる「{name}」がありません。",
                "Add {sku}.",
            )
        },
    ),
    rule(
        every_item_fits_the_plan,
        "Every item fits the plan.",
        order_types=EVERY_TYPE,
        gates=EVERY_GATE,
        source="DESIGN 4 Rules (items complete); reference japan-telecom 7",
        words={
            "item_of_another_offering": Words(
                "{name} cannot be had with the building type of {plan}.",
                "「{name}」は「{plan}」の建物タイプではご利用いただけません。",
                _ANOTHER_PLAN,
            ),
            "item_of_another_tier": Words(
                "{name} is for another tier than {plan}.",
                "「{name}」は「{plan}」とは別のグレード向けです。",
                _ANOTHER_PLAN,
            ),
            "item_of_another_region": Words(
                "{name} is for another region than {plan}.",
                "「{name}」は「{plan}」とは別の地域向けです。",
                _ANOTHER_PLAN,
            ),
            "item_of_another_plan_kind": Words(
                "{name} is for another kind of plan than {plan}.",
                "「{name}」は「{plan}」とは別の種類のプラン向けです。",
                _ANOTHER_PLAN,
            ),
        },
    ),
)
