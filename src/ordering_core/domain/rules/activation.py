"""The rules about when a SIM is activated: one fee, at once or on a day that can be kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import CONFIGURE_AND_SUBMIT, EVERY_GATE, SIM, Broken, Rule, Words, rule
from ordering_core.domain.vocabulary import ActivationType


_IMMEDIATE: Final = ActivationType.IMMEDIATE.value
_SCHEDULED: Final = ActivationType.SCHEDULED.value
_ACTIVATION_TYPES: Final = frozenset(activation.value for activation in ActivationType)


def there_is_exactly_one_activation(facts: RuleFacts, _draft: SimDraft) -> Sequence[Broken]:
    """Count the activation fees."""
    items = facts.cart.activations
    if not items:
        return (Broken("activation_item_missing", "/skus"),)
    return [
        Broken("activation_item_twice", f"/skus/{place}", {"found": len(items)}) for place, _ in items[1:]
    ]


def an_activation_type_is_chosen(_facts: RuleFacts, draft: SimDraft) -> Sequence[Broken]:
    """Ask for Immediate or Scheduled."""
    if draft.activation_type in _ACTIVATION_TYPES:
        return ()
    code = "activation_type_missing" if draft.activation_type is None else "activation_type_unknown"
    return (Broken(code, "/activation_type"),)


def a_scheduled_activation_has_a_date_and_no_other(
    _facts: RuleFacts, draft: SimDraft
) -> Sequence[Broken] | None:
    """
    Ask for the date exactly when the activation is scheduled.

    Not after submit: agents move dates, and a date that is missing then is a hold (DESIGN 3.4).
    """
    if draft.activation_type == _SCHEDULED:
        return (Broken("scheduled_date_missing", "/scheduled_on"),) if draft.scheduled_on is None else ()
    if draft.activation_type == _IMMEDIATE:
        return () if draft.scheduled_on is None else (Broken("scheduled_date_not_wanted", "/scheduled_on"),)
    return None


def the_scheduled_date_is_within_reach(facts: RuleFacts, draft: SimDraft) -> Sequence[Broken] | None:
    """Compare the date with tomorrow and the last day that can be scheduled, in Japan."""
    if draft.scheduled_on is None:
        return None
    days = (draft.scheduled_on - facts.today).days
    if days < 1:
        earliest = facts.today + timedelta(days=1)
        return (Broken("scheduled_date_too_early", "/scheduled_on", {"earliest": earliest.isoformat()}),)
    if days > facts.policy.sim_schedule_days:
        latest = facts.today + timedelta(days=facts.policy.sim_schedule_days)
        return (Broken("scheduled_date_too_late", "/scheduled_on", {"latest": latest.isoformat()}),)
    return ()


RULES: Final[tuple[Rule[SimDraft], ...]] = (
    rule(
        there_is_exactly_one_activation,
        "There is exactly one activation.",
        order_types=SIM,
        gates=EVERY_GATE,
        source="seed SIM Configuration 3; DESIGN 4 Rules",
        words={
            "activation_item_missing": Words(
                "The order has no activation.", "開通手数料の商品がありません。", "Add the activation item."
            ),
            "activation_item_twice": Words(
                "The order has {found} activations.",
                "開通手数料の商品が{found}つあります。",
                "Keep one of them.",
            ),
        },
    ),
    rule(
        an_activation_type_is_chosen,
        "An activation type is chosen.",
        order_types=SIM,
        gates=CONFIGURE_AND_SUBMIT,
        source="seed SIM Configuration 3",
        words={
            "activation_type_missing": Words(
                "No activation is chosen.", "開通方法が選択されていません。", "Choose Immediate or Scheduled."
            ),
            "activation_type_unknown": Words(
                "The activation is none of ours.",
                "開通方法が正しくありません。",
                "Choose Immediate or Scheduled.",
            ),
        },
    ),
    rule(
        a_scheduled_activation_has_a_date_and_no_other,
        "A scheduled activation has a date, an immediate one has none.",
        order_types=SIM,
        gates=CONFIGURE_AND_SUBMIT,
        source="seed SIM Configuration 3; DESIGN 3.4",
        words={
            "scheduled_date_missing": Words(
                "The date of the scheduled activation is missing.",
                "開通希望日が入力されていません。",
                "Give a date, or choose Immediate.",
            ),
            "scheduled_date_not_wanted": Words(
                "An immediate activation has no date.",
                "即時開通では日付を指定できません。",
                "Leave the date out, or choose Scheduled.",
            ),
        },
    ),
    rule(
        the_scheduled_date_is_within_reach,
        "A scheduled date is tomorrow or later, and not further ahead than can be scheduled.",
        order_types=SIM,
        gates=CONFIGURE_AND_SUBMIT,
        source="DESIGN 4 Rules (sim.schedule_days)",
        words={
            "scheduled_date_too_early": Words(
                "The date can be {earliest} at the earliest.",
                "開通希望日は{earliest}以降を指定してください。",
                "Choose {earliest} or later, or choose Immediate.",
            ),
            "scheduled_date_too_late": Words(
                "The date can be {latest} at the latest.",
                "開通希望日は{latest}までの日付を指定してください。",
                "Choose {latest} or earlier.",
            ),
        },
    ),
)
