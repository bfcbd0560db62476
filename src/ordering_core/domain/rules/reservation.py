"""The rules about how long an MNP reservation lasts, at each gate and on the scheduled day (DESIGN 3.24)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ordering_core.domain.calendar import days_left_including
from ordering_core.domain.policy import MNP_VALIDITY_DAYS
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import EVERY_GATE, SIM, Broken, Port, Rule, Words, rule
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import SimType


_ESIM: Final = SimType.ESIM
_PHYSICAL: Final = SimType.PHYSICAL


def the_reservation_lasts_long_enough(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Count the days left, today included, against the minimum of this gate (DESIGN 3.24)."""
    expires_on = port.application.reservation_expires_on
    if expires_on is None:
        return None
    minimum = facts.policy.mnp_minimum_days(facts.gate, _sim_type(port))
    left = days_left_including(expires_on, facts.today)
    if left >= minimum:
        return ()
    return (
        Broken(
            "mnp_too_short",
            "/porting/reservation_expires_on",
            {"days_left": max(left, 0), "minimum": minimum},
        ),
    )


def the_reservation_was_not_mistyped(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Count the days left, today included, against those of a reservation that was made today."""
    expires_on = port.application.reservation_expires_on
    if expires_on is None:
        return None
    left = days_left_including(expires_on, facts.today)
    if left <= MNP_VALIDITY_DAYS:
        return ()
    return (
        Broken(
            "mnp_reservation_too_long",
            "/porting/reservation_expires_on",
            {"days_left": left, "longest": MNP_VALIDITY_DAYS},
        ),
    )


def the_reservation_lasts_on_the_scheduled_day(facts: RuleFacts, port: Port) -> Sequence[Broken] | None:
    """Count the days left on the day of activation against what provisioning needs then (DESIGN 3.24)."""
    expires_on, day = port.application.reservation_expires_on, port.sim.scheduled_on
    if expires_on is None or day is None:
        return None
    minimum = facts.policy.mnp_minimum_days(Gate.PROVISION, _sim_type(port))
    left = days_left_including(expires_on, day)
    if left >= minimum:
        return ()
    return (
        Broken(
            "mnp_too_short_on_scheduled_day",
            "/scheduled_on",
            {"days_left": max(left, 0), "minimum": minimum},
        ),
    )


def _sim_type(port: Port) -> SimType:
    """Return whether a card has to be shipped; a SIM type that is not known is another rule's finding."""
    return _PHYSICAL if port.sim.sim_type == _PHYSICAL else _ESIM


_ENOUGH_DAYS: Final = (
    "Get a new reservation number from your present carrier and give its number and expiry date."
)

RULES: Final[tuple[Rule[Port], ...]] = (
    rule(
        the_reservation_lasts_long_enough,
        "The MNP reservation has enough days left for this gate.",
        order_types=SIM,
        gates=EVERY_GATE,
        source="DESIGN 3.24; reference japan-telecom 2",
        words={
            "mnp_too_short": Words(
                "Days left of the MNP reservation, today included: {days_left}; needed: {minimum}.",
                "MNP予約番号の有効期限まで残り{days_left}日です（本日を含む）。{minimum}日以上必要です。",
                _ENOUGH_DAYS,
            )
        },
    ),
    rule(
        the_reservation_was_not_mistyped,
        "The MNP reservation ends no later than one that was made today.",
        order_types=SIM,
        gates=EVERY_GATE,
        source="reference japan-telecom 2 (valid for 15 days, not extendable)",
        words={
            "mnp_reservation_too_long": Words(
                "Days left of the MNP reservation, today included: {days_left}; no reservation has more than"
                " {longest}.",
                "MNP予約番号の有効期限まで残り{days_left}日と入力されていますが、有効期間は最長{longest}日です。",
                "Check year, month and day: type the last day that your present carrier told you.",
            )
        },
    ),
    rule(
        the_reservation_lasts_on_the_scheduled_day,
        "The MNP reservation has enough days left on the scheduled day.",
        order_types=SIM,
        gates=EVERY_GATE,
        source="DESIGN 3.24, 4 Rules",
        words={
            "mnp_too_short_on_scheduled_day": Words(
                "Days left of the MNP reservation on the scheduled day: {days_left}; needed: {minimum}.",
                "開通希望日の時点でMNP予約番号の残りが{days_left}日です。{minimum}日以上必要です。",
                "Choose an earlier date, or get a new reservation number from your present carrier.",
            )
        },
    ),
)
