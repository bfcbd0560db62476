"""The rules about an Internet service: how it connects, how it is installed, what the tier asks for."""

from __future__ import annotations

import re

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ordering_core.domain.catalogue import Product
from ordering_core.domain.drafts import InternetDraft
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import (
    CONFIGURE_AND_SUBMIT,
    EVERY_GATE,
    INTERNET,
    Broken,
    Rule,
    Words,
    rule,
)
from ordering_core.domain.violations import Gate, Severity
from ordering_core.domain.vocabulary import (
    AccessMode,
    BillingCycle,
    InstallmentPlan,
    InternetTier,
)


LONGEST_NOTES: Final = 32_000
"""What fits into the Description of an order in Salesforce, in its characters (UTF-16)."""

# No XML and no Salesforce field can hold these; line ends and tabs it can.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_ACCESS_MODES: Final = frozenset(mode.value for mode in AccessMode)

_INSTALMENTS: Final[Mapping[str, int | None]] = MappingProxyType(
    {
        InstallmentPlan.SINGLE.value: None,
        InstallmentPlan.TWELVE_MONTHS.value: 12,
        InstallmentPlan.TWENTY_FOUR_MONTHS.value: 24,
    }
)


def an_access_mode_is_chosen(_facts: RuleFacts, draft: InternetDraft) -> Sequence[Broken]:
    """Ask for one of the three access modes."""
    if draft.access_mode in _ACCESS_MODES:
        return ()
    code = "access_mode_missing" if draft.access_mode is None else "access_mode_unknown"
    return (Broken(code, "/access_mode"),)


def a_way_to_pay_the_installation_is_chosen(_facts: RuleFacts, draft: InternetDraft) -> Sequence[Broken]:
    """Ask for one of the three instalment plans."""
    if draft.installation in _INSTALMENTS:
        return ()
    code = "installation_missing" if draft.installation is None else "installation_unknown"
    return (Broken(code, "/installation"),)


def there_is_exactly_one_installation(facts: RuleFacts, _draft: InternetDraft) -> Sequence[Broken]:
    """Count the installation fees; weekend work comes on top of one."""
    items = _installations(facts)
    if not items:
        return (Broken("installation_item_missing", "/skus"),)
    return [
        Broken("installation_item_twice", f"/skus/{place}", {"found": len(items)}) for place, _ in items[1:]
    ]


def the_installation_is_paid_as_chosen(facts: RuleFacts, draft: InternetDraft) -> Sequence[Broken] | None:
    """Compare each installation fee with the instalment plan."""
    chosen = draft.installation
    if chosen is None or chosen not in _INSTALMENTS:
        return None
    instalments = _INSTALMENTS[chosen]
    paid = (instalments, BillingCycle.MONTHLY if instalments else BillingCycle.ONE_TIME)
    return [
        Broken(
            "installation_item_differs",
            f"/skus/{place}",
            {"sku": item.sku, "name": item.name, "chosen": chosen},
        )
        for place, item in _installations(facts)
        if (item.instalments, item.cycle) != paid
    ]


def _installations(facts: RuleFacts) -> list[tuple[int, Product]]:
    """Return the fees for standard installation, without options that are also of that class."""
    return [(place, item) for place, item in facts.cart.installations if item.option is None]


def the_platinum_router_notice_is_acknowledged(
    facts: RuleFacts, draft: InternetDraft
) -> Sequence[Broken] | None:
    """Ask for the acknowledgement; Salesforce does not keep it, so it is asked before submit only."""
    if facts.plan is None or facts.plan.tier is not InternetTier.PLATINUM:
        return None
    if draft.router_notice_acknowledged:
        return ()
    return (Broken("router_notice_not_acknowledged", "/router_notice_acknowledged"),)


def hikari_denwa_brings_a_home_gateway(_facts: RuleFacts, draft: InternetDraft) -> Sequence[Broken] | None:
    """Point out that the telephone needs NTT's home gateway, whatever router was meant to be used."""
    if not draft.hikari_denwa:
        return None
    if draft.access_mode == AccessMode.IPOE_HGW:
        return ()
    return (Broken("hikari_denwa_brings_gateway", "/hikari_denwa"),)


def notes_for_the_team_can_be_kept(_facts: RuleFacts, draft: InternetDraft) -> Sequence[Broken] | None:
    """Look whether Salesforce can hold the notes; after submit they are the agents' to write."""
    if not draft.notes:
        return None
    if _CONTROL.search(draft.notes):
        return (Broken("notes_characters", "/notes"),)
    length = len(draft.notes) + sum(character > "\uffff" for character in draft.notes)
    if length > LONGEST_NOTES:
        return (Broken("notes_length", "/notes", {"length": length, "longest": LONGEST_NOTES}),)
    return ()


RULES: Final[tuple[Rule[InternetDraft], ...]] = (
    rule(
        an_access_mode_is_chosen,
        "An access mode is chosen.",
        order_types=INTERNET,
        gates=EVERY_GATE,
        source="seed Internet Configuration 2; DESIGN 4 Configurations",
        words={
            "access_mode_missing": Words(
                "No access mode is chosen.",
                "接続方式が選択されていません。",
                "Choose IPoE-BYOR, IPoE-HGW or PPPoE.",
            ),
            "access_mode_unknown": Words(
                "The access mode is none of ours.",
                "接続方式が正しくありません。",
                "Choose IPoE-BYOR, IPoE-HGW or PPPoE.",
            ),
        },
    ),
    rule(
        a_way_to_pay_the_installation_is_chosen,
        "A way to pay the installation is chosen.",
        order_types=INTERNET,
        gates=EVERY_GATE,
        source="seed Internet Configuration 3; DESIGN 4 Configurations",
        words={
            "installation_missing": Words(
                "No installation option is chosen.",
                "工事費のお支払い方法が選択されていません。",
                "Choose Single, 12-Month or 24-Month.",
            ),
            "installation_unknown": Words(
                "The installation option is none of ours.",
                "工事費のお支払い方法が正しくありません。",
                "Choose Single, 12-Month or 24-Month.",
            ),
        },
    ),
    rule(
        there_is_exactly_one_installation,
        "There is exactly one installation.",
        order_types=INTERNET,
        gates=EVERY_GATE,
        source="DESIGN 4 Rules",
        words={
            "installation_item_missing": Words(
                "The order has no installation.",
                "工事費の商品がありません。",
                "Add the installation item of the chosen option.",
            ),
            "installation_item_twice": Words(
                "The order has {found} installations.",
                "工事費の商品が{found}つあります。",
                "Keep the one of the chosen option.",
            ),
        },
    ),
    rule(
        the_installation_is_paid_as_chosen,
        "The installation is paid as chosen: once, or in 12 or 24 monthly payments.",
        order_types=INTERNET,
        gates=EVERY_GATE,
        source="seed Internet Configuration 3; DESIGN 3.12",
        words={
            "installation_item_differs": Words(
                "{name} is not the installation that is paid {chosen}.",
                "「{name}」は選択されたお支払い方法（{chosen}）と異なります。",
                "Choose the installation item that is paid {chosen}, or the option of the item.",
            )
        },
    ),
    rule(
        the_platinum_router_notice_is_acknowledged,
        "The notice about routers for the Platinum tier is acknowledged.",
        order_types=INTERNET,
        gates=CONFIGURE_AND_SUBMIT,
        source="seed Internet Configuration 2; DESIGN 4 Configurations",
        words={
            "router_notice_not_acknowledged": Words(
                "The notice about router requirements is not acknowledged.",
                "ルーターの条件に関する確認が済んでいません。",
                "Read the notice and acknowledge it.",
            )
        },
    ),
    rule(
        hikari_denwa_brings_a_home_gateway,
        "Hikari Denwa brings a home gateway.",
        order_types=INTERNET,
        gates={Gate.CONFIGURE: Severity.WARNING, Gate.SUBMIT: Severity.WARNING},
        source="DESIGN 4 Configurations; reference japan-telecom 7",
        words={
            "hikari_denwa_brings_gateway": Words(
                "Hikari Denwa works through a home gateway, which will be installed with it.",
                "ひかり電話にはホームゲートウェイが必要なため、あわせて設置します。",
                "Nothing has to be done; choose IPoE-HGW to use the gateway as the router.",
            )
        },
    ),
    rule(
        notes_for_the_team_can_be_kept,
        "Notes for the team can be kept.",
        order_types=INTERNET,
        gates=CONFIGURE_AND_SUBMIT,
        source="DESIGN 4 Configurations; Salesforce, Order.Description",
        words={
            "notes_characters": Words(
                "The notes contain characters that cannot be seen.",
                "備考に目に見えない文字が含まれています。",
                "Type them by hand instead of pasting them.",
            ),
            "notes_length": Words(
                "The notes have {length} characters; {longest} fit.",
                "備考が{length}文字です。{longest}文字以内で入力してください。",
                "Shorten them to what our team has to know.",
            ),
        },
    ),
)
