"""The rules that tie a flag of the configuration to the item that stands for it (DESIGN 4, Catalogue)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ordering_core.domain.drafts import InternetDraft, SimDraft
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import EVERY_GATE, INTERNET, SIM, Broken, Rule, Words, rule
from ordering_core.domain.vocabulary import ProductOption


def weekend_installation_is_chosen_and_ordered(facts: RuleFacts, draft: InternetDraft) -> Sequence[Broken]:
    """Tie the flag ``weekend_install`` to its item."""
    return _tied(facts, ProductOption.WEEKEND_INSTALL, chosen=draft.weekend_install)


def hikari_denwa_is_chosen_and_ordered(facts: RuleFacts, draft: InternetDraft) -> Sequence[Broken]:
    """Tie the flag ``hikari_denwa`` to its item."""
    return _tied(facts, ProductOption.HIKARI_DENWA, chosen=draft.hikari_denwa)


def voice_mail_is_chosen_and_ordered(facts: RuleFacts, draft: SimDraft) -> Sequence[Broken]:
    """Tie the flag ``voice_mail`` to its item."""
    return _tied(facts, ProductOption.VOICE_MAIL, chosen=draft.voice_mail)


def call_waiting_is_chosen_and_ordered(facts: RuleFacts, draft: SimDraft) -> Sequence[Broken]:
    """Tie the flag ``call_waiting`` to its item."""
    return _tied(facts, ProductOption.CALL_WAITING, chosen=draft.call_waiting)


def _tied(facts: RuleFacts, option: ProductOption, *, chosen: bool) -> Sequence[Broken]:
    """Find a chosen option without its one item, and items of an option that was not chosen."""
    places = [place for place, item in facts.cart.options if item.option is option]
    if len(places) == (1 if chosen else 0):
        return ()
    if not places:
        return (Broken(f"{option.value}_item_missing", f"/{option.value}"),)
    if not chosen:
        return (Broken(f"{option.value}_not_chosen", f"/{option.value}", {"item": places[0] + 1}),)
    return [
        Broken(f"{option.value}_item_twice", f"/skus/{place}", {"found": len(places)}) for place in places[1:]
    ]


_NAMES: Final[Mapping[ProductOption, tuple[str, str]]] = MappingProxyType(
    {
        ProductOption.WEEKEND_INSTALL: ("Weekend installation", "土日工事"),
        ProductOption.HIKARI_DENWA: ("Hikari Denwa", "ひかり電話"),
        ProductOption.VOICE_MAIL: ("Voice mail", "留守番電話"),
        ProductOption.CALL_WAITING: ("Call waiting", "割込通話"),
    }
)


def _words(option: ProductOption) -> Mapping[str, Words]:
    """Return the words for the three ways in which a flag and its items can differ."""
    en, ja = _NAMES[option]
    return {
        f"{option.value}_item_missing": Words(
            f"{en} is chosen, but its item is not on the order.",
            f"{ja}が選択されていますが、その商品がありません。",
            f"Add the item for {option.value}, or leave the option out.",
        ),
        f"{option.value}_item_twice": Words(
            f"{en} has {{found}} items on the order.",
            f"{ja}の商品が{{found}}つあります。",
            "Keep one of them.",
        ),
        f"{option.value}_not_chosen": Words(
            f"Item {{item}} stands for {option.value}, which is not chosen.",
            f"{{item}}番目の商品は{ja}ですが、オプションが選択されていません。",
            f"Set {option.value} to true, or leave the item out.",
        ),
    }


_SOURCE: Final = "DESIGN 4 Catalogue; seed Order Fields"

INTERNET_RULES: Final[tuple[Rule[InternetDraft], ...]] = (
    rule(
        weekend_installation_is_chosen_and_ordered,
        "Weekend installation is chosen exactly when its item is ordered.",
        order_types=INTERNET,
        gates=EVERY_GATE,
        source=_SOURCE,
        words=_words(ProductOption.WEEKEND_INSTALL),
    ),
    rule(
        hikari_denwa_is_chosen_and_ordered,
        "Hikari Denwa is chosen exactly when its item is ordered.",
        order_types=INTERNET,
        gates=EVERY_GATE,
        source=_SOURCE,
        words=_words(ProductOption.HIKARI_DENWA),
    ),
)

SIM_RULES: Final[tuple[Rule[SimDraft], ...]] = (
    rule(
        voice_mail_is_chosen_and_ordered,
        "Voice mail is chosen exactly when its item is ordered.",
        order_types=SIM,
        gates=EVERY_GATE,
        source=_SOURCE,
        words=_words(ProductOption.VOICE_MAIL),
    ),
    rule(
        call_waiting_is_chosen_and_ordered,
        "Call waiting is chosen exactly when its item is ordered.",
        order_types=SIM,
        gates=EVERY_GATE,
        source=_SOURCE,
        words=_words(ProductOption.CALL_WAITING),
    ),
)
