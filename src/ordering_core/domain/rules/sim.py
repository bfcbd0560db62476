"""The rules about a SIM: how it reaches the customer, and what its plan carries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import (
    EVERY_GATE,
    SIM,
    Broken,
    Rule,
    Words,
    rule,
    unreadable,
)
from ordering_core.domain.values import Eid
from ordering_core.domain.vocabulary import PlanKind, ProductOption, SimType


_ESIM: Final = SimType.ESIM.value
_PHYSICAL: Final = SimType.PHYSICAL.value
_SIM_TYPES: Final = frozenset(sim_type.value for sim_type in SimType)
_VOICE_OPTIONS: Final = frozenset({ProductOption.VOICE_MAIL, ProductOption.CALL_WAITING})


def a_sim_type_is_chosen(_facts: RuleFacts, draft: SimDraft) -> Sequence[Broken]:
    """Ask for eSIM or Physical SIM."""
    if draft.sim_type in _SIM_TYPES:
        return ()
    return (Broken("sim_type_missing" if draft.sim_type is None else "sim_type_unknown", "/sim_type"),)


def an_esim_has_the_eid_of_its_device(facts: RuleFacts, draft: SimDraft) -> Sequence[Broken] | None:
    """Look whether the EID could be read; name the two digits to swap when exactly one swap repairs it."""
    if draft.sim_type != _ESIM:
        return None
    if draft.eid is None:
        return (Broken("eid_missing", "/eid"),)
    error = facts.misread.get("/eid")
    if error is None:
        return ()
    meant = Eid.adjacent_swap(draft.eid) if error.code == "eid_check_digits" else None
    return (_swapped(draft.eid, meant) if meant else unreadable(error, "/eid"),)


def _swapped(eid: str, meant: str) -> Broken:
    """Name the two neighbouring digits, counted from 1, by which *eid* differs from what was *meant*."""
    first = next(
        place for place, (typed, right) in enumerate(zip(eid, meant, strict=True), 1) if typed != right
    )
    return Broken(
        "eid_check_digits",
        "/eid",
        {"swap_positions": f"{first},{first + 1}"},
        f"Digits {first} and {first + 1} look swapped; compare them with the device's settings.",
    )


def a_physical_sim_has_no_eid(_facts: RuleFacts, draft: SimDraft) -> Sequence[Broken] | None:
    """Refuse an EID that would be ignored."""
    if draft.sim_type != _PHYSICAL:
        return None
    return () if draft.eid is None else (Broken("eid_not_wanted", "/eid"),)


def voice_options_and_porting_need_a_voice_plan(facts: RuleFacts, draft: SimDraft) -> Sequence[Broken] | None:
    """Find what a data plan cannot carry: voice mail, call waiting, a phone number."""
    plan = facts.plan
    if plan is None:
        return None
    if plan.plan_kind is PlanKind.DATA_AND_VOICE:
        return ()
    flags = {
        "/voice_mail": draft.voice_mail,
        "/call_waiting": draft.call_waiting,
        "/porting": draft.porting is not None,
    }
    wanted = [f"/skus/{place}" for place, item in facts.cart.options if item.option in _VOICE_OPTIONS]
    wanted += [pointer for pointer, chosen in flags.items() if chosen]
    return [Broken("voice_plan_needed", pointer, {"plan": plan.name}) for pointer in wanted]


RULES: Final[tuple[Rule[SimDraft], ...]] = (
    rule(
        a_sim_type_is_chosen,
        "A SIM type is chosen.",
        order_types=SIM,
        gates=EVERY_GATE,
        source="seed Order Creation 1, SIM Configuration 2",
        words={
            "sim_type_missing": Words(
                "No SIM type is chosen.", "SIMの種類が選択されていません。", "Choose eSIM or Physical SIM."
            ),
            "sim_type_unknown": Words(
                "The SIM type is none of ours.",
                "SIMの種類が正しくありません。",
                "Choose eSIM or Physical SIM.",
            ),
        },
    ),
    rule(
        an_esim_has_the_eid_of_its_device,
        "An eSIM has the EID of its device: 32 digits, the last two of which check the others.",
        order_types=SIM,
        gates=EVERY_GATE,
        source="seed SIM Configuration 2; DESIGN 4 Rules; reference japan-telecom 1.1",
        words={
            "eid_missing": Words(
                "The EID is missing.",
                "EIDが入力されていません。",
                "Type the 32 digits from the device's settings, or dial *#06# to read them.",
            ),
            "eid_characters": Words(
                "The EID contains characters that are not the digits 0 to 9.",
                "EIDに0〜9以外の文字が含まれています。",
                "Type it with the digits 0 to 9; spaces and hyphens are taken out.",
            ),
            "eid_length": Words(
                "The EID has {length} digits instead of {expected}.",
                "EIDが{length}桁です。{expected}桁で入力してください。",
                "Type every digit, without adding any.",
            ),
            "eid_check_digits": Words(
                "The check digits of the EID do not match: a digit is wrong or two are swapped.",
                "EIDのチェックディジットが一致しません。",
                "Compare it with the device's settings, or dial *#06# to read it again.",
            ),
        },
    ),
    rule(
        a_physical_sim_has_no_eid,
        "A physical SIM has no EID.",
        order_types=SIM,
        gates=EVERY_GATE,
        source="DESIGN 4 Rules",
        words={
            "eid_not_wanted": Words(
                "A physical SIM has no EID.",
                "物理SIMにEIDは不要です。",
                "Leave the EID out, or choose eSIM.",
            )
        },
    ),
    rule(
        voice_options_and_porting_need_a_voice_plan,
        "Voice options and a number that is brought along need a plan with voice.",
        order_types=SIM,
        gates=EVERY_GATE,
        source="DESIGN 4 Rules",
        words={
            "voice_plan_needed": Words(
                "{plan} carries data only.",
                "「{plan}」はデータ専用プランです。",
                "Choose a plan with voice, or leave this out.",
            )
        },
    ),
)
