"""The rules about a SIM: its kind, its EID, its activation and its voice options."""

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.policy import Policy
from ordering_core.domain.violations import Gate
from ordering_core.testing.value_strategies import arabic_indic, as_typed, eids
from tests.unit.domain.rule_cases import (
    CATALOGUE,
    DAY,
    EID,
    ESIM,
    NOON,
    PHYSICAL,
    PORTING,
    TODAY,
    codes,
    facts,
    found,
    only,
    skus,
)


BEFORE_SUBMIT = {Gate.CONFIGURE, Gate.SUBMIT}


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize(("typed", "code"), [(None, "sim_type_missing"), ("nano", "sim_type_unknown")])
def test_a_sim_type_is_one_of_two(typed: str | None, code: str, gate: Gate) -> None:
    assert found(facts(attrs.evolve(ESIM, sim_type=typed), gate)) == [(code, "/sim_type")]


@pytest.mark.parametrize("typed", ["eSIM", "esim", "E-SIM", "ｅＳＩＭ"])
def test_a_sim_type_may_be_typed_in_any_case(typed: str) -> None:
    assert codes(facts(attrs.evolve(ESIM, sim_type=typed))) == set()


@given(eids().flatmap(as_typed))
def test_every_valid_eid_passes_however_it_is_typed(typed: str) -> None:
    assert codes(facts(attrs.evolve(ESIM, eid=typed))) == set()


@given(eids(), st.integers(0, 31), st.integers(1, 9))
def test_an_eid_with_one_wrong_digit_is_refused(eid: str, place: int, by: int) -> None:
    wrong = eid[:place] + str((int(eid[place]) + by) % 10) + eid[place + 1 :]
    assert found(facts(attrs.evolve(ESIM, eid=wrong))) == [("eid_check_digits", "/eid")]


def swapped(eid: str, place: int) -> str:
    return eid[:place] + eid[place + 1] + eid[place] + eid[place + 2 :]


@given(st.data(), eids())
def test_a_swap_is_offered_only_when_it_is_the_one_repair_and_then_repairs(
    data: st.DataObject, eid: str
) -> None:
    place = data.draw(st.sampled_from([at for at in range(31) if eid[at] != eid[at + 1]]))
    wrong = swapped(eid, place)
    violation = only(facts(attrs.evolve(ESIM, eid=wrong)))
    assert violation.code == "eid_check_digits"
    repairs = [
        (at + 1, at + 2) for at in range(31) if not codes(facts(attrs.evolve(ESIM, eid=swapped(wrong, at))))
    ]
    assert (place + 1, place + 2) in repairs
    if len(repairs) == 1:
        assert violation.facts == {"swap_positions": f"{place + 1},{place + 2}"}
        assert f"Digits {place + 1} and {place + 2}" in violation.remedy
    else:
        assert violation.facts == {}


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        (None, "eid_missing", {}),
        ("", "eid_missing", {}),
        (EID[:-1], "eid_length", {"length": 31, "expected": "32"}),
        (EID + "5", "eid_length", {"length": 33, "expected": "32"}),
        (arabic_indic(EID), "eid_characters", {}),
        ("O" + EID[1:], "eid_characters", {}),
    ],
)
@pytest.mark.parametrize("gate", Gate)
def test_an_eid_that_cannot_be_one_is_refused_at_every_gate(
    typed: str | None, code: str, told: dict[str, int | str], gate: Gate
) -> None:
    violation = only(facts(attrs.evolve(ESIM, eid=typed), gate))
    assert (violation.code, violation.pointer, dict(violation.facts)) == (code, "/eid", told)


@pytest.mark.parametrize("gate", Gate)
def test_a_physical_sim_has_no_eid(gate: Gate) -> None:
    assert found(facts(attrs.evolve(PHYSICAL, eid=EID), gate)) == [("eid_not_wanted", "/eid")]
    assert codes(facts(attrs.evolve(PHYSICAL, eid=" "), gate)) == set()


@pytest.mark.parametrize("gate", Gate)
def test_a_sim_has_exactly_one_activation(gate: Gate) -> None:
    products = dict(CATALOGUE.products)
    products[Sku("SECOND")] = attrs.evolve(products[Sku("SIM-ACTIVATION")], sku=Sku("SECOND"))
    none = attrs.evolve(ESIM, skus=ESIM.skus[:1])
    two = attrs.evolve(ESIM, skus=(*ESIM.skus, Sku("SECOND")))
    assert found(facts(none, gate)) == [("activation_item_missing", "/skus")]
    assert found(facts(two, gate, products=products)) == [("activation_item_twice", "/skus/2")]


def scheduled(on: date | None) -> SimDraft:
    return attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=on)


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (attrs.evolve(ESIM, activation_type=None), [("activation_type_missing", "/activation_type")]),
        (attrs.evolve(ESIM, activation_type="Soon"), [("activation_type_unknown", "/activation_type")]),
        (scheduled(None), [("scheduled_date_missing", "/scheduled_on")]),
        (attrs.evolve(ESIM, scheduled_on=TODAY + DAY), [("scheduled_date_not_wanted", "/scheduled_on")]),
        (scheduled(TODAY - DAY), [("scheduled_date_too_early", "/scheduled_on")]),
        (scheduled(TODAY), [("scheduled_date_too_early", "/scheduled_on")]),
        (scheduled(TODAY + DAY), []),
        (scheduled(TODAY + 60 * DAY), []),
        (scheduled(TODAY + 61 * DAY), [("scheduled_date_too_late", "/scheduled_on")]),
        (attrs.evolve(scheduled(TODAY + DAY), activation_type="SCHEDULED"), []),
    ],
)
def test_an_activation_is_immediate_or_on_a_day_within_reach(
    draft: SimDraft, expected: list[tuple[str, str]], gate: Gate
) -> None:
    # after submit, dates are the agents' to move
    assert found(facts(draft, gate)) == (expected if gate in BEFORE_SUBMIT else [])


def test_the_day_of_a_scheduled_activation_turns_at_midnight_in_tokyo() -> None:
    last_second = datetime(2026, 11, 10, 14, 59, 59, tzinfo=UTC)
    midnight = last_second + timedelta(seconds=1)
    tomorrow = scheduled(TODAY + DAY)
    assert codes(facts(tomorrow, at=last_second)) == set()
    violation = only(facts(tomorrow, at=midnight))
    assert violation.code == "scheduled_date_too_early"
    assert violation.facts == {"earliest": "2026-11-12"}


def test_how_far_ahead_can_be_scheduled_is_a_setting() -> None:
    policy = Policy(sim_schedule_days=10)
    assert codes(facts(scheduled(TODAY + 10 * DAY), policy=policy)) == set()
    violation = only(facts(scheduled(TODAY + 11 * DAY), policy=policy))
    assert violation.facts == {"latest": "2026-11-20"}


@pytest.mark.parametrize("gate", Gate)
def test_a_data_plan_carries_no_voice_options_and_no_number(gate: Gate) -> None:
    draft = attrs.evolve(
        ESIM,
        skus=skus("SIM-DATA-3GB", "SIM-ACTIVATION", "SIM-VOICE-MAIL", "SIM-CALL-WAITING"),
        voice_mail=True,
        call_waiting=True,
        porting=PORTING,
    )
    assert found(facts(draft, gate)) == [
        ("voice_plan_needed", "/skus/2"),
        ("voice_plan_needed", "/skus/3"),
        ("voice_plan_needed", "/voice_mail"),
        ("voice_plan_needed", "/call_waiting"),
        ("voice_plan_needed", "/porting"),
    ]


def test_a_data_plan_without_voice_options_passes() -> None:
    assert codes(facts(attrs.evolve(ESIM, skus=skus("SIM-DATA-3GB", "SIM-ACTIVATION")))) == set()


def test_whether_voice_is_carried_is_not_asked_of_an_unknown_plan() -> None:
    draft = attrs.evolve(ESIM, skus=skus("SIM-ACTIVATION"), porting=PORTING)
    assert codes(facts(draft, at=NOON)) == {"main_service_missing"}
