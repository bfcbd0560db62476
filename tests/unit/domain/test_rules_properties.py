"""What holds for the rules as a whole, whatever is ordered."""

from collections import Counter
from datetime import datetime, timedelta

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.calendar import days_left_including
from ordering_core.domain.drafts import Draft, InternetDraft, PortingDraft, SimDraft
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.normalise import normalise
from ordering_core.domain.pricing import price
from ordering_core.domain.rules import RuleFacts, rule_book, validate, verdict, violations
from ordering_core.domain.violations import Gate, OrderRejected, Severity
from ordering_core.domain.vocabulary import ItemClass, SimType
from ordering_core.testing.near_misses import NearMiss, near_misses
from ordering_core.testing.strategies import arbitrary_drafts, drafts, fitting, submit_facts
from ordering_core.testing.value_strategies import instants
from tests.unit.domain.rule_cases import CATALOGUE, POLICY, codes, facts


SKUS = sorted(CATALOGUE.products)
BY_CODE = {
    code: [entry for entry in rule_book() if code in entry.codes]
    for entry in rule_book()
    for code in entry.codes
}

GATES = st.sampled_from(Gate)


@st.composite
def missed(draw: st.DrawFn) -> tuple[NearMiss, datetime]:
    at = draw(instants())
    return draw(near_misses(CATALOGUE, at=at, policy=POLICY)), at


@given(st.data(), instants())
def test_an_order_that_is_valid_by_construction_can_be_submitted(data: st.DataObject, at: datetime) -> None:
    given_facts = data.draw(submit_facts(CATALOGUE, at=at, policy=POLICY))
    assert verdict(given_facts).errors == ()


@given(missed())
def test_exactly_one_thing_wrong_is_exactly_one_error(miss: tuple[NearMiss, datetime]) -> None:
    (draft, code), at = miss
    given_facts = RuleFacts(
        draft=draft, products=CATALOGUE.products, gate=Gate.CONFIGURE, at=at, policy=POLICY
    )
    assert codes(given_facts) == {code}


@given(missed(), st.sampled_from([Gate.CONFIGURE, Gate.SUBMIT]))
def test_what_is_refused_in_the_wizard_is_refused_at_submit(
    miss: tuple[NearMiss, datetime], gate: Gate
) -> None:
    (draft, code), at = miss
    assert code in codes(facts(draft, gate, at=at))


@given(
    arbitrary_drafts(SKUS), GATES, instants(), st.sets(st.sampled_from([each.name for each in rule_book()]))
)
def test_some_rules_alone_say_what_the_verdict_says_of_them(
    draft: Draft, gate: Gate, at: datetime, names: set[str]
) -> None:
    given_facts = facts(draft, gate, at=at)
    said = [each for each in verdict(given_facts).violations if each.rule in names]
    assert list(violations(given_facts, names)) == said


@given(missed(), st.sampled_from([Gate.APPROVE, Gate.PROVISION]))
def test_a_rule_speaks_after_submit_exactly_when_the_book_says_so(
    miss: tuple[NearMiss, datetime], gate: Gate
) -> None:
    (draft, code), at = miss
    if code != "mnp_too_short":  # its minimum differs from gate to gate
        expected = any(gate in entry.gates for entry in BY_CODE[code])
        assert (code in codes(facts(draft, gate, at=at))) is expected


@given(
    st.data(),
    instants(),
    st.timedeltas(timedelta(0), timedelta(days=9)),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)
def test_an_order_accepted_at_submit_whose_facts_do_not_change_passes_every_later_gate_that_its_dates_allow(
    data: st.DataObject, at: datetime, review: timedelta, wait: timedelta
) -> None:
    submitted = data.draw(submit_facts(CATALOGUE, at=at, policy=POLICY))
    assert verdict(submitted).passed
    quote = price(
        [CATALOGUE.products[sku] for sku in submitted.draft.skus],
        policy=POLICY,
        at=at,
        catalogue_version=CATALOGUE.version,
    )
    frozen = {line.sku: attrs.evolve(line, active=False) for line in quote.lines}
    for gate, when in ((Gate.APPROVE, at + review), (Gate.PROVISION, at + review + wait)):
        later = attrs.evolve(
            submitted,
            gate=gate,
            at=when,
            products=frozen,
            prices={},
            session_expires_at=None,
            draft=as_read_back(submitted.draft),
        )
        if dates_allow(later):
            assert verdict(later).violations == ()
        else:
            assert codes(later) == {"mnp_too_short"}


def as_read_back(draft: Draft) -> Draft:
    """Return *draft* as Salesforce gives it back, which has no field for the router notice."""
    if isinstance(draft, InternetDraft):
        return attrs.evolve(draft, router_notice_acknowledged=False)
    return draft


def dates_allow(later: RuleFacts) -> bool:
    """Whether the reservation, if there is one, still has the days that the gate asks for."""
    draft = later.draft
    if not isinstance(draft, SimDraft) or not draft.porting or not draft.porting.reservation_expires_on:
        return True
    left = days_left_including(draft.porting.reservation_expires_on, later.today)
    sim_type = SimType.PHYSICAL if draft.eid is None else SimType.ESIM
    return left >= later.policy.mnp_minimum_days(later.gate, sim_type)


@given(st.data(), missed(), GATES)
def test_a_valid_add_on_more_never_takes_a_violation_away(
    data: st.DataObject, miss: tuple[NearMiss, datetime], gate: Gate
) -> None:
    (draft, _), at = miss
    before = facts(draft, gate, at=at)
    offered = (
        [
            item
            for item in fitting(CATALOGUE, before.plan, ItemClass.ADD_ON)
            if item.option is None and item.sku not in draft.skus and item.sku not in before.plan.bundles
        ]
        if before.plan
        else [item for item in CATALOGUE.of_type(draft.order_type) if item.item_class is ItemClass.ADD_ON]
    )
    add_on = data.draw(st.sampled_from(offered)) if offered else None
    if add_on:
        after = attrs.evolve(before, draft=attrs.evolve(draft, skus=(*draft.skus, add_on.sku)))
        assert Counter(map(repr, violations(before))) <= Counter(map(repr, violations(after)))


@given(arbitrary_drafts(SKUS), GATES, instants())
def test_no_draft_is_too_strange_for_the_rules(draft: Draft, gate: Gate, at: datetime) -> None:
    bare = RuleFacts(draft=draft, products=CATALOGUE.products, gate=gate, at=at, policy=POLICY)
    for violation in violations(bare):
        assert violation.code in {code for entry in rule_book() for code in entry.codes}
        assert violation.message
        assert violation.message_ja
        assert violation.remedy
        assert "{" not in violation.message + violation.message_ja + violation.remedy
        assert violation.pointer == "" or violation.pointer.startswith("/")


@given(arbitrary_drafts(SKUS), GATES, instants())
def test_a_draft_is_accepted_or_rejected_with_every_error_and_nothing_else_happens(
    draft: Draft, gate: Gate, at: datetime
) -> None:
    given_facts = facts(draft, gate, at=at)
    errors = verdict(given_facts).errors
    if errors:
        with pytest.raises(OrderRejected) as rejected:
            validate(given_facts)
        assert rejected.value.violations == errors
    else:
        assert validate(given_facts).order_type is draft.order_type


@given(arbitrary_drafts(SKUS), GATES, instants())
def test_a_verdict_is_the_same_however_often_it_is_asked(draft: Draft, gate: Gate, at: datetime) -> None:
    once = verdict(facts(draft, gate, at=at))
    assert verdict(facts(normalise(draft), gate, at=at)) == once
    assert violations(facts(draft, gate, at=at)) == once.violations


@given(arbitrary_drafts(SKUS), GATES, instants())
def test_a_rule_is_violated_or_satisfied_and_never_both(draft: Draft, gate: Gate, at: datetime) -> None:
    result = verdict(facts(draft, gate, at=at))
    sentences = {entry.name: entry.sentence for entry in rule_book()}
    broken = {sentences[violation.rule] for violation in result.violations}
    assert broken.isdisjoint(result.satisfied)
    assert len(set(result.satisfied)) == len(result.satisfied)
    at_this_gate = {
        entry.sentence
        for entry in rule_book()
        if gate in entry.gates and draft.order_type in entry.order_types
    }
    assert broken | set(result.satisfied) <= at_this_gate


SECRET = st.text(max_size=12).map(lambda text: f"§{text}")
SECRETS = st.builds(
    SimDraft,
    skus=st.lists(SECRET.map(Sku), max_size=2).map(tuple),
    sim_type=SECRET | st.sampled_from([None, "eSIM", "Physical SIM"]),
    eid=st.none() | SECRET,
    activation_type=SECRET,
    porting=st.builds(
        PortingDraft,
        reservation_number=SECRET,
        phone_number=SECRET,
        mvno_account_number=SECRET,
        last_name=SECRET,
        first_name=SECRET,
        last_name_katakana=SECRET,
        first_name_katakana=SECRET,
        gender=SECRET,
    ),
)


@given(SECRETS | st.builds(InternetDraft, access_mode=SECRET, installation=SECRET), GATES)
def test_what_a_customer_typed_is_never_repeated(draft: Draft, gate: Gate) -> None:
    assert "§" in repr(draft.skus) + str(attrs.asdict(draft))
    assert "§" not in repr(violations(facts(draft, gate)))


@given(missed(), GATES)
def test_the_digits_of_a_customer_are_never_repeated(miss: tuple[NearMiss, datetime], gate: Gate) -> None:
    (draft, _), at = miss
    if isinstance(draft, SimDraft):
        port = draft.porting or PortingDraft()
        told = repr(violations(facts(draft, gate, at=at)))
        for digits in (draft.eid, port.reservation_number, port.phone_number):
            assert not digits or digits not in told


@given(st.data(), instants())
def test_a_verdict_explains_a_valid_order(data: st.DataObject, at: datetime) -> None:
    draft = data.draw(drafts(CATALOGUE, at=at, policy=POLICY))
    result = verdict(facts(draft, at=at))
    assert result.passed
    assert "There is exactly one main service." in result.satisfied
    assert "Every item is in the catalogue." in result.satisfied
    assert all(violation.severity is Severity.WARNING for violation in result.violations)
