"""The rules about the place where the service goes: a complete address, and a building that can be served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ordering_core.domain.checkout import Requirement
from ordering_core.domain.drafts import Draft, InternetDraft
from ordering_core.domain.eligibility import EligibilityState
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import (
    EVERY_TYPE,
    FROM_SUBMIT,
    INTERNET,
    Broken,
    Rule,
    Words,
    named,
    rule,
)
from ordering_core.domain.vocabulary import Offering


_NAMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"building": ("the building", "建物名"), "room": ("the room", "部屋番号")}
)
"""What people call each field, in English and Japanese."""


def the_address_is_complete(facts: RuleFacts, draft: Draft) -> Sequence[Broken]:
    """Ask for an address, and for building and room where an Internet line goes to an apartment."""
    if facts.address is None:
        return (Broken("address_missing", "/address"),)
    offerings = _sold_for(facts) if isinstance(draft, InternetDraft) else ()
    apartment = any(offering.is_apartment for offering in offerings)
    return [
        Broken("address_incomplete", f"/address/{field}", named(field, _NAMES))
        for field in facts.address.missing_fields(apartment=apartment)
    ]


def _sold_for(facts: RuleFacts) -> frozenset[Offering]:
    """Return what the building has if that is known, else what the plan is for."""
    if facts.eligibility.offering:
        return frozenset({facts.eligibility.offering})
    return facts.plan.offerings if facts.plan else frozenset()


def the_building_can_be_served(facts: RuleFacts, _draft: InternetDraft) -> Sequence[Broken] | None:
    """Ask for a positive eligibility result, unless the checkout already lists that as outstanding."""
    if Requirement.ELIGIBILITY in facts.outstanding:
        return None
    if facts.eligibility.state is EligibilityState.ELIGIBLE:
        return ()
    return (Broken(f"eligibility_{facts.eligibility.state.value}", "/eligibility"),)


def the_plan_is_for_what_the_building_has(facts: RuleFacts, _draft: InternetDraft) -> Sequence[Broken] | None:
    """Compare the offerings of the plan and its items with the eligibility result."""
    offering = facts.eligibility.offering
    if offering is None or facts.plan is None:
        return None
    return [
        Broken(
            "offering_differs",
            f"/skus/{place}",
            {"sku": item.sku, "name": item.name, "eligible": offering.value},
        )
        for place, item in facts.cart.known
        if item.offerings and offering not in item.offerings
    ]


_OTHER_ADDRESS: Final = "Check the address; another address can be checked anew."

RULES: Final[tuple[Rule[Draft], ...]] = (
    rule(
        the_address_is_complete,
        "The address is complete; that of an apartment names building and room.",
        order_types=EVERY_TYPE,
        gates=FROM_SUBMIT,
        source="seed Checkout Requirements 1; DESIGN 4 Rules; reference japan-telecom 7, 8",
        words={
            "address_missing": Words(
                "There is no address.", "住所が登録されていません。", "Give the address of the service."
            ),
            "address_incomplete": Words(
                "For an apartment, {name} is missing in the address.",
                "集合住宅の場合は建物名と部屋番号が必要です（{name_ja}）。",
                "Add building and room to the address.",
            ),
        },
    ),
)

INTERNET_RULES: Final[tuple[Rule[InternetDraft], ...]] = (
    rule(
        the_building_can_be_served,
        "The building can be served.",
        order_types=INTERNET,
        gates=FROM_SUBMIT,
        source="seed Checkout 4, Internet Eligibility Process; DESIGN 3.14, 3.23",
        words={
            "eligibility_not_requested": Words(
                "Nobody has checked yet whether the address can be served.",
                "提供エリアの確認がまだ依頼されていません。",
                "Request an eligibility check for the address.",
            ),
            "eligibility_pending": Words(
                "The check whether the address can be served is not finished.",
                "提供エリアを確認中です。",
                "Wait for the result of the eligibility check.",
            ),
            "eligibility_ineligible": Words(
                "The address cannot be served.", "ご住所は提供エリア外です。", _OTHER_ADDRESS
            ),
        },
    ),
    rule(
        the_plan_is_for_what_the_building_has,
        "The plan is for what the building has.",
        order_types=INTERNET,
        gates=FROM_SUBMIT,
        source="seed Order Review Checklist 2; DESIGN 4 Rules",
        words={
            "offering_differs": Words(
                "The building has {eligible}; {name} is for something else.",
                "建物でご利用いただけるのは {eligible} です。「{name}」は対象外です。",
                "Choose a plan and items for {eligible}.",
            )
        },
    ),
)
