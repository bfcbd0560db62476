"""The rules about bringing a number along: a complete application, a reservation that lasts long enough."""

import re

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.drafts import PortingDraft, SimDraft
from ordering_core.domain.policy import Policy, PortNames
from ordering_core.domain.rules import verdict
from ordering_core.domain.text import full_width
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import SimType
from ordering_core.testing.value_strategies import (
    arabic_indic,
    as_typed,
    half_width,
    katakana,
    mobile_numbers,
    names,
    reservation_numbers,
)
from tests.unit.domain.rule_cases import (
    DAY,
    ESIM,
    NOON,
    PHYSICAL,
    POLICY,
    PORTING,
    TODAY,
    codes,
    facts,
    found,
    only,
)


def ports(porting: PortingDraft, draft: SimDraft = ESIM) -> SimDraft:
    return attrs.evolve(draft, porting=porting)


def lasting(days: int, *, since: date = TODAY) -> PortingDraft:
    """Return an application whose reservation has *days* left on *since*, that day included."""
    return attrs.evolve(PORTING, reservation_expires_on=since + (days - 1) * DAY)


MISSING = [
    ("reservation_number", attrs.evolve(PORTING, reservation_number=None)),
    ("reservation_expires_on", attrs.evolve(PORTING, reservation_expires_on=None)),
    ("phone_number", attrs.evolve(PORTING, phone_number="")),
    ("last_name", attrs.evolve(PORTING, last_name=" ")),
    ("first_name", attrs.evolve(PORTING, first_name=None)),
    ("last_name_katakana", attrs.evolve(PORTING, last_name_katakana="　")),
    ("first_name_katakana", attrs.evolve(PORTING, first_name_katakana=None)),
    ("gender", attrs.evolve(PORTING, gender="")),
    ("birth_date", attrs.evolve(PORTING, birth_date=None)),
]


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize(("field", "porting"), MISSING, ids=[field for field, _ in MISSING])
def test_each_missing_field_is_a_violation_of_its_own(field: str, porting: PortingDraft, gate: Gate) -> None:
    violation = only(facts(ports(porting), gate))
    assert (violation.code, violation.pointer) == ("mnp_field_missing", f"/porting/{field}")
    assert violation.facts["field"] == field


def test_an_empty_application_lists_every_field_at_once() -> None:
    missing = [
        (violation.code, violation.pointer) for violation in verdict(facts(ports(PortingDraft()))).errors
    ]
    assert missing == [("mnp_field_missing", f"/porting/{field}") for field, _ in MISSING]


@pytest.mark.parametrize(("field", "porting"), MISSING)
def test_what_is_missing_is_named_as_people_call_it(field: str, porting: PortingDraft) -> None:
    (missing,) = verdict(facts(ports(porting), Gate.CONFIGURE)).errors
    assert missing.facts["field"] == field
    assert "_" not in missing.message + missing.message_ja
    assert not re.search("[a-z]{2}", missing.message_ja)


@pytest.mark.parametrize("days", [0, 1, 2])
def test_days_left_are_told_without_a_plural_that_is_wrong(days: int) -> None:
    (short,) = verdict(facts(ports(lasting(days)), Gate.CONFIGURE)).errors
    assert f"today included: {days}; needed: 10." in short.message


def test_an_mvno_account_number_of_fifty_characters_fits() -> None:
    porting = attrs.evolve(PORTING, mvno_account_number="A" * 50)
    assert found(facts(ports(porting), Gate.CONFIGURE)) == []


def test_the_mvno_account_number_is_optional() -> None:
    assert PORTING.mvno_account_number is None
    assert codes(facts(ports(PORTING))) == set()
    assert codes(facts(ports(attrs.evolve(PORTING, mvno_account_number=" A-1 ")))) == set()


@pytest.mark.parametrize(
    ("porting", "code", "pointer"),
    [
        (
            attrs.evolve(PORTING, reservation_number="123456789"),
            "reservation_number_length",
            "reservation_number",
        ),
        (
            attrs.evolve(PORTING, reservation_number="12345678901"),
            "reservation_number_length",
            "reservation_number",
        ),
        (
            attrs.evolve(PORTING, reservation_number="AB34567890"),
            "reservation_number_characters",
            "reservation_number",
        ),
        (
            attrs.evolve(PORTING, reservation_number=arabic_indic("1234567890")),
            "reservation_number_characters",
            "reservation_number",
        ),
        (attrs.evolve(PORTING, phone_number="0312345678"), "mobile_number_length", "phone_number"),
        (attrs.evolve(PORTING, phone_number="05012345678"), "mobile_number_kind", "phone_number"),
        (attrs.evolve(PORTING, phone_number="０７００１２３４５６７"), "mobile_number_kind", "phone_number"),
        (
            attrs.evolve(PORTING, phone_number=arabic_indic("09012345678")),
            "mobile_number_characters",
            "phone_number",
        ),
        (attrs.evolve(PORTING, last_name="123"), "name_characters", "last_name"),
        (attrs.evolve(PORTING, first_name="あ" * 51), "name_length", "first_name"),
        (attrs.evolve(PORTING, last_name="髙橋\u200b"), "text_invisible", "last_name"),
        (attrs.evolve(PORTING, last_name_katakana="Takahashi"), "kana_characters", "last_name_katakana"),
        (attrs.evolve(PORTING, first_name_katakana="ー"), "kana_characters", "first_name_katakana"),
        (attrs.evolve(PORTING, first_name_katakana="サ" * 51), "kana_length", "first_name_katakana"),
        (attrs.evolve(PORTING, last_name_katakana="タカ\u200bハシ"), "text_invisible", "last_name_katakana"),
        (
            attrs.evolve(PORTING, mvno_account_number="A" * 51),
            "mvno_account_number_length",
            "mvno_account_number",
        ),
        (attrs.evolve(PORTING, mvno_account_number="A-7\x00"), "text_invisible", "mvno_account_number"),
        (attrs.evolve(PORTING, gender="F"), "mnp_gender_unknown", "gender"),
        (attrs.evolve(PORTING, birth_date=TODAY + DAY), "mnp_birth_date_in_future", "birth_date"),
    ],
)
@pytest.mark.parametrize("gate", Gate)
def test_a_field_that_cannot_be_read_is_refused_at_every_gate(
    porting: PortingDraft, code: str, pointer: str, gate: Gate
) -> None:
    assert found(facts(ports(porting), gate)) == [(code, f"/porting/{pointer}")]


@given(reservation_numbers().flatmap(as_typed), mobile_numbers().flatmap(as_typed))
def test_numbers_pass_however_they_are_typed(reservation: str, phone: str) -> None:
    porting = attrs.evolve(PORTING, reservation_number=reservation, phone_number=phone)
    assert codes(facts(ports(porting))) == set()


@given(mobile_numbers(), st.sampled_from(["+81", "+81 ", "0081", "+81 0"]))
def test_a_number_typed_with_its_country_is_the_same_number(number: str, prefix: str) -> None:
    given_facts = facts(ports(attrs.evolve(PORTING, phone_number=prefix + number[1:])))
    assert codes(given_facts) == set()
    assert isinstance(given_facts.draft, SimDraft)
    assert given_facts.draft.porting == attrs.evolve(PORTING, phone_number=number)


@given(names(), names(), katakana(), katakana())
def test_names_pass_and_half_width_katakana_is_read(
    last: str, first: str, last_kana: str, first_kana: str
) -> None:
    porting = attrs.evolve(
        PORTING,
        last_name=last,
        first_name=first,
        last_name_katakana=half_width(last_kana),
        first_name_katakana=half_width(first_kana),
    )
    given_facts = facts(ports(porting))
    assert codes(given_facts) == set()
    assert isinstance(given_facts.draft, SimDraft)
    assert given_facts.draft.porting == attrs.evolve(
        porting, last_name_katakana=last_kana, first_name_katakana=first_kana
    )


UNWRITABLE = ["José", "Ngô", "Müller", "Weiß", "Łukasz"]


@pytest.mark.parametrize("name", UNWRITABLE)
@pytest.mark.parametrize("field", ["last_name", "first_name"])
@pytest.mark.parametrize("gate", Gate)
def test_a_name_with_a_sign_that_carriers_do_not_have_is_refused_at_every_gate(
    gate: Gate, field: str, name: str
) -> None:
    porting = PortingDraft(**{**attrs.asdict(PORTING), field: name})
    violation = only(facts(ports(porting), gate))
    assert (violation.code, violation.pointer) == ("mnp_name_not_writable", f"/porting/{field}")
    assert name not in violation.message + violation.message_ja + violation.remedy


@given(st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x17F), min_size=1, max_size=50))
def test_a_name_is_accepted_exactly_when_each_of_its_signs_is_full_width(name: str) -> None:
    refused = codes(facts(ports(attrs.evolve(PORTING, last_name=name))))
    if "name_characters" not in refused:
        assert refused == (set() if full_width(name) else {"mnp_name_not_writable"})


def test_both_names_are_told_at_once() -> None:
    porting = attrs.evolve(PORTING, last_name="Ngô", first_name="José")
    assert [pointer for _, pointer in found(facts(ports(porting)))] == [
        "/porting/last_name",
        "/porting/first_name",
    ]


def test_a_company_is_brought_along_without_its_first_name() -> None:
    company = attrs.evolve(PORTING, first_name="Café", gender="Corporate/Other")
    assert codes(facts(ports(company))) == set()
    assert codes(facts(ports(attrs.evolve(company, last_name="Café")))) == {"mnp_name_not_writable"}


def test_where_the_network_takes_any_sign_no_name_is_refused_for_its_signs() -> None:
    foreign = attrs.evolve(PORTING, last_name="Ngô")
    assert codes(facts(ports(foreign), policy=Policy(mnp_names=PortNames.ANY))) == set()
    sentence = "The names are written in signs that the carriers have."
    assert sentence in verdict(facts(ports(PORTING))).satisfied
    assert sentence not in verdict(facts(ports(PORTING), policy=Policy(mnp_names=PortNames.ANY))).satisfied


def test_a_name_that_cannot_be_read_is_not_refused_for_its_signs_too() -> None:
    assert codes(facts(ports(attrs.evolve(PORTING, last_name="é\u200b")))) == {"text_invisible"}


def test_a_birth_date_of_today_is_not_in_the_future() -> None:
    assert codes(facts(ports(attrs.evolve(PORTING, birth_date=TODAY)))) == set()


MINIMUMS = [
    (ESIM, Gate.CONFIGURE, 10),
    (ESIM, Gate.SUBMIT, 10),
    (ESIM, Gate.APPROVE, 8),
    (ESIM, Gate.PROVISION, 7),
    (PHYSICAL, Gate.CONFIGURE, 12),
    (PHYSICAL, Gate.SUBMIT, 12),
    (PHYSICAL, Gate.APPROVE, 10),
    (PHYSICAL, Gate.PROVISION, 7),
]


@pytest.mark.parametrize(("draft", "gate", "minimum"), MINIMUMS)
def test_a_reservation_has_exactly_the_minimum_of_the_gate_left_or_more(
    draft: SimDraft, gate: Gate, minimum: int
) -> None:
    for days in range(minimum, 16):
        assert codes(facts(ports(lasting(days), draft), gate)) == set()
    for days in range(1, minimum):
        violation = only(facts(ports(lasting(days), draft), gate))
        assert (violation.code, violation.pointer) == ("mnp_too_short", "/porting/reservation_expires_on")
        assert violation.facts == {"days_left": days, "minimum": minimum}


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize("draft", [ESIM, PHYSICAL], ids=["esim", "physical"])
def test_a_reservation_of_more_than_fifteen_days_was_mistyped(draft: SimDraft, gate: Gate) -> None:
    assert codes(facts(ports(lasting(15), draft), gate)) == set()
    for days in (16, 17, 15 + 365):
        violation = only(facts(ports(lasting(days), draft), gate))
        assert (violation.code, violation.pointer) == (
            "mnp_reservation_too_long",
            "/porting/reservation_expires_on",
        )
        assert violation.facts == {"days_left": days, "longest": 15}
        assert "15" in violation.message


def test_a_reservation_for_the_day_after_is_believed_from_midnight_in_japan_on() -> None:
    midnight = datetime(2026, 11, 10, 15, tzinfo=UTC)
    made_tomorrow = ports(lasting(15, since=TODAY + DAY))
    assert codes(facts(made_tomorrow, at=midnight - timedelta(microseconds=1))) == {
        "mnp_reservation_too_long"
    }
    assert codes(facts(made_tomorrow, at=midnight)) == set()


@given(st.integers(10, 15), st.timedeltas(timedelta(0), timedelta(days=40)), st.sampled_from(Gate))
def test_a_reservation_that_was_believed_once_is_believed_at_every_later_gate(
    days: int, later: timedelta, gate: Gate
) -> None:
    assert codes(facts(ports(lasting(days)), Gate.SUBMIT)) == set()
    assert "mnp_reservation_too_long" not in codes(facts(ports(lasting(days)), gate, at=NOON + later))


def test_an_expired_reservation_has_no_days_left() -> None:
    for days in (0, -1, -400):
        assert only(facts(ports(lasting(days)))).facts == {"days_left": 0, "minimum": 10}


@pytest.mark.parametrize(
    ("gate", "last_day"),
    [
        (Gate.SUBMIT, date(2026, 11, 15)),
        (Gate.APPROVE, date(2026, 11, 17)),
        (Gate.PROVISION, date(2026, 11, 18)),
    ],
)
def test_the_example_of_the_design_holds_to_the_second(gate: Gate, last_day: date) -> None:
    """Last day 11-24: submit until 11-15, approve 11-17, activate 11-18 (DESIGN 3.24)."""
    midnight = datetime(last_day.year, last_day.month, last_day.day, 15, tzinfo=UTC)
    assert PORTING.reservation_expires_on == date(2026, 11, 24)
    assert codes(facts(ports(PORTING), gate, at=midnight - timedelta(seconds=1))) == set()
    assert codes(facts(ports(PORTING), gate, at=midnight)) == {"mnp_too_short"}


def test_the_minimum_is_a_setting() -> None:
    policy = Policy(mnp_carrier_days=4)
    assert codes(facts(ports(lasting(7)), policy=policy)) == set()
    assert only(facts(ports(lasting(6)), policy=policy)).facts == {"days_left": 6, "minimum": 7}


def test_a_sim_of_unknown_type_is_not_asked_for_the_days_of_shipping() -> None:
    draft = attrs.evolve(ports(lasting(10)), sim_type=None)
    assert codes(facts(draft)) == {"sim_type_missing"}


@pytest.mark.parametrize("draft", [ESIM, PHYSICAL], ids=["esim", "physical"])
def test_a_scheduled_day_leaves_the_carriers_their_days(draft: SimDraft) -> None:
    sim_type = SimType.PHYSICAL if draft is PHYSICAL else SimType.ESIM
    minimum = POLICY.mnp_minimum_days(Gate.PROVISION, sim_type)
    last_possible = TODAY + (15 - minimum) * DAY
    porting = lasting(15)
    on_time = attrs.evolve(ports(porting, draft), activation_type="Scheduled", scheduled_on=last_possible)
    too_late = attrs.evolve(on_time, scheduled_on=last_possible + DAY)
    past_the_reservation = attrs.evolve(on_time, scheduled_on=TODAY + 15 * DAY)
    for gate in Gate:
        assert codes(facts(on_time, gate)) == set()
        violation = only(facts(too_late, gate))
        assert (violation.code, violation.pointer) == ("mnp_too_short_on_scheduled_day", "/scheduled_on")
        assert violation.facts == {"days_left": minimum - 1, "minimum": minimum}
        assert only(facts(past_the_reservation, gate)).facts == {"days_left": 0, "minimum": minimum}


def test_without_a_number_no_rule_about_numbers_speaks() -> None:
    sentences = set(verdict(facts(ESIM)).satisfied)
    with_number = set(verdict(facts(ports(PORTING), at=NOON)).satisfied)
    assert "An MNP reservation number has ten digits." in with_number - sentences
    assert sentences < with_number
