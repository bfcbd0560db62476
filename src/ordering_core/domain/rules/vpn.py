"""The rules about a VPN router: its region, and at most one activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ordering_core.domain.drafts import VpnDraft
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import EVERY_GATE, VPN, Broken, Rule, Words, rule
from ordering_core.domain.vocabulary import VpnRegion


_REGIONS: Final = frozenset(region.value for region in VpnRegion)


def a_region_is_chosen(_facts: RuleFacts, draft: VpnDraft) -> Sequence[Broken]:
    """Ask for US or UK."""
    if draft.region in _REGIONS:
        return ()
    return (Broken("region_missing" if draft.region is None else "region_unknown", "/region"),)


def the_region_is_that_of_the_plan(facts: RuleFacts, draft: VpnDraft) -> Sequence[Broken] | None:
    """Compare the region with the plan's."""
    if draft.region not in _REGIONS or facts.plan is None or facts.plan.region is None:
        return None
    if draft.region == facts.plan.region:
        return ()
    return (
        Broken("region_not_of_plan", "/region", {"chosen": draft.region, "plan": facts.plan.region.value}),
    )


def there_is_at_most_one_activation(facts: RuleFacts, _draft: VpnDraft) -> Sequence[Broken]:
    """Count the activation fees, which a VPN router may do without."""
    items = facts.cart.activations
    return [Broken("vpn_activation_twice", f"/skus/{place}", {"found": len(items)}) for place, _ in items[1:]]


RULES: Final[tuple[Rule[VpnDraft], ...]] = (
    rule(
        a_region_is_chosen,
        "A region is chosen.",
        order_types=VPN,
        gates=EVERY_GATE,
        source="seed VPN Router Configuration; DESIGN 4 Configurations",
        words={
            "region_missing": Words("No region is chosen.", "地域が選択されていません。", "Choose US or UK."),
            "region_unknown": Words(
                "The region is none of ours.", "地域が正しくありません。", "Choose US or UK."
            ),
        },
    ),
    rule(
        the_region_is_that_of_the_plan,
        "The region is that of the plan.",
        order_types=VPN,
        gates=EVERY_GATE,
        source="DESIGN 4 Rules",
        words={
            "region_not_of_plan": Words(
                "The region is {chosen}, the plan is for {plan}.",
                "地域は{chosen}ですが、プランは{plan}向けです。",
                "Choose the region {plan}, or a plan for {chosen}.",
            )
        },
    ),
    rule(
        there_is_at_most_one_activation,
        "There is at most one activation.",
        order_types=VPN,
        gates=EVERY_GATE,
        source="seed VPN Router Configuration; DESIGN 4 Configurations",
        words={
            "vpn_activation_twice": Words(
                "The order has {found} activations.",
                "開通手数料の商品が{found}つあります。",
                "Keep one of them, or none.",
            )
        },
    ),
)
