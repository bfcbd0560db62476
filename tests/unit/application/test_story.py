"""The story of an order: everything that is known of it, in the order of time, and nothing personal."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core import (
    Done,
    Draft,
    Held,
    HoldCode,
    Moment,
    MomentKind,
    NotFound,
    OrderId,
    OrderState,
    OrderStory,
    PortingDraft,
    PostalAddress,
)
from ordering_core.application.record import order_subject
from ordering_core.application.story import HIDDEN, hidden, salesforce_fields
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.journal import Outcome, Runner, Step
from ordering_core.ports.order_records import Decision, DecisionKind, Finding
from ordering_core.testing.contracts.samples import projected
from ordering_core.testing.strategies import arbitrary_drafts
from ordering_core.testing.value_strategies import addresses, eids, mobile_numbers, names, reservation_numbers
from tests.unit.application.riding import finish
from tests.unit.application.shop import ESIM, PORTED_CARD, World, new_world, place


def told(story: OrderStory, kind: MomentKind) -> list[Moment]:
    return [moment for moment in story.moments if moment.kind is kind]


def active(world: World) -> OrderId:
    order = place(world, world.new_customer(), ESIM)
    world.run_due()
    world.clock.advance(timedelta(hours=1))
    world.agent.approve(order)
    world.run_due()
    world.clock.advance(timedelta(minutes=10))
    world.run_due()
    return order


def test_an_order_that_nobody_knows_has_no_story() -> None:
    with pytest.raises(NotFound, match="order"):
        new_world().ordering.story(OrderId("801-unknown"))


def test_a_story_says_what_salesforce_shows_what_was_promised_and_how_the_order_rests() -> None:
    world = new_world()
    order = active(world)
    story = world.ordering.story(order)
    assert (story.order, story.status.state, story.rest) == (order, OrderState.ACTIVATED, Done())
    assert story.as_of == world.clock.now()
    assert story.fields["status"] == "Approved"
    assert story.fields["activation status"] == "Activated"
    assert story.fields["draft skus"] == "SIM-DATA-5GB, SIM-ACTIVATION"
    assert story.fields["billing order"] == str(world.billed(order)[0])
    attempted = world.salesforce.orders[order].snapshot.last_attempt_at
    assert attempted is not None
    assert story.fields["last attempt at"] == attempted.isoformat()
    assert "rejection reason" not in story.fields
    assert "address changed" not in story.fields
    assert [line.sku for line in story.lines] == [*ESIM.skus]
    assert story.quote is not None
    assert [line.sku for line in story.quote.lines] == [*ESIM.skus]


def test_moments_come_in_the_order_of_time_each_with_who_and_why() -> None:
    world = new_world()
    order = active(world)
    story = world.ordering.story(order)
    assert [moment.at for moment in story.moments] == sorted(moment.at for moment in story.moments)
    assert [(moment.what, moment.why) for moment in told(story, MomentKind.EVENT)] == [
        ("submitted: UnderReview", ""),
        ("status_changed: UnderReview → Approved", ""),
        ("status_changed: Approved → Activating", ""),
        ("progress: Activating", "add_billing_order"),
        ("progress: Activating", "submit_line"),
        ("progress: Activating", "accept_billing_order"),
        ("status_changed: Activating → Activated", ""),
    ]
    assert [moment.who for moment in told(story, MomentKind.EVENT)][:2] == ["customer-1", "observed"]
    assert [moment.what for moment in told(story, MomentKind.DECISION)] == ["submitted", "approved"]
    effects = {moment.what: moment for moment in told(story, MomentKind.EFFECT)}
    billed = effects["add_billing_order: done"]
    assert billed.who.startswith("run ")
    assert billed.why == f"mark {order}; order {world.billed(order)[0]}"
    assert "notify (attempt 2): done" in effects


def test_a_hold_is_told_with_its_code_and_everything_about_it() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, ESIM)
    world.agent.approve(order)
    world.agent.remove_payment_methods(world.client_of(customer))
    world.run_due()
    story = world.ordering.story(order)
    assert isinstance(story.rest, Held)
    assert story.rest.code is HoldCode.PAYMENT_METHOD_MISSING
    held = next(moment for moment in story.moments if moment.what.startswith("held: "))
    assert held.what == "held: Approved → OnHold; PAYMENT_METHOD_MISSING"
    assert held.why == ""
    assert story.fields["activation error code"] == "PAYMENT_METHOD_MISSING"


def test_what_was_decided_found_and_left_open_is_told_with_its_reasons() -> None:
    world = new_world()
    order = place(world, world.new_customer(), ESIM)
    now = world.clock.now()
    with world.store.transaction() as tx:
        submitted = tx.decisions.of(order)[0].verdict
        assert submitted is not None
        tx.decisions.record(
            Decision(
                order=order,
                kind=DecisionKind.REJECTED,
                at=now + timedelta(hours=1),
                by="agent-7",
                reason="the building is not served",
                customer_sentence="We cannot serve your building yet.",
            )
        )
        row = tx.journal.intend(
            order_subject(order),
            Step.SUBMIT_LINE,
            mark="m",
            runner=Runner("r"),
            at=now + timedelta(hours=2),
            settles_at=now + timedelta(hours=3),
        )
        tx.journal.intend(
            order_subject(order),
            Step.VOICE_OPTIONS,
            mark="v",
            runner=Runner("r"),
            at=now + timedelta(hours=3),
            settles_at=now + timedelta(hours=3),
        )
        tx.journal.settle(
            row.id, outcome=Outcome.UNKNOWN, at=now + timedelta(hours=3), evidence={"b": "2", "a": "1"}
        )
        for code, subject, urgent in (
            (FindingCode.LINKS_NOT_WRITTEN, order, True),
            (FindingCode.UNKNOWN_STATUS, order, False),
            (FindingCode.UNKNOWN_STATUS, "801-other", False),
        ):
            since = now + timedelta(hours=4)
            tx.findings.open(
                Finding(code=code, subject=subject, since=since, urgent=urgent, facts={"service": "9001"})
            )
    late = [moment for moment in world.ordering.story(order).moments if moment.at > now]
    settled = (now + timedelta(hours=3)).isoformat()
    assert [(moment.what, moment.who, moment.why) for moment in late] == [
        ("rejected", "agent-7", "the building is not served; We cannot serve your building yet."),
        (f"submit_line: unknown, {settled}", "run r", "mark m; a 1; b 2"),
        ("voice_options: open", "run r", "mark v"),
        ("LINKS_NOT_WRITTEN, urgent", "", "service 9001"),
        ("UNKNOWN_STATUS", "", "service 9001"),
    ]


def test_a_verdict_is_told_by_its_codes() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.ordering.upload_card(b"\x89PNG\r\n\x1a\n" + bytes(64), customer=customer, key="one")
    order = place(world, customer, ESIM)
    world.agent.approve(order)
    world.run_due()
    approved = told(world.ordering.story(order), MomentKind.DECISION)[-1]
    assert approved.why == "identity_pending (warning)"


def test_an_order_of_others_is_told_as_far_as_it_is_known() -> None:
    world = new_world()
    with world.store.transaction() as tx:
        tx.projection.put(projected())
    story = world.ordering.story(OrderId("801-one"))
    assert (story.quote, story.rest, story.moments) == (None, None, ())
    assert story.fields["sim iccid"] == "…0000"
    assert story.fields["description"] == HIDDEN


@given(
    arbitrary_drafts(),
    addresses(),
    st.builds(
        PortingDraft,
        reservation_number=reservation_numbers(),
        phone_number=mobile_numbers(),
        last_name=names(),
        birth_date=st.dates(),
    ),
    eids(),
)
def test_nothing_personal_is_told(
    draft: Draft, address: PostalAddress, porting: PortingDraft, eid: str
) -> None:
    order = projected().snapshot
    own = attrs.evolve(PORTED_CARD, eid=eid, porting=porting)
    told_of_own = salesforce_fields(attrs.evolve(order, draft=own, address=address))
    personal = (eid, porting.reservation_number, porting.phone_number, porting.last_name, porting.birth_date)
    assert not {str(value) for value in personal} & {*told_of_own.values()}
    assert told_of_own["address"] == HIDDEN
    for name, text in salesforce_fields(attrs.evolve(order, draft=draft)).items():
        if name in {"draft notes", "draft eid"} or (
            name.startswith("draft porting ") and "expires" not in name
        ):
            assert text == HIDDEN or text.startswith("…")


@given(st.text())
def test_of_a_personal_text_at_most_the_end_of_a_long_number_is_told(text: str) -> None:
    assert hidden(text) == HIDDEN or (len(text) >= 10 and text.isascii() and hidden(text) == f"…{text[-4:]}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("09012345678", "…5678"),
        ("1234567890", "…7890"),
        ("123456789", HIDDEN),
        ("090-1234-5678", HIDDEN),
        ("1990-04-01", HIDDEN),
        ("山田", HIDDEN),
        ("0901234567８", HIDDEN),
    ],
)
def test_what_is_hidden(text: str, shown: str) -> None:
    assert hidden(text) == shown


def test_the_story_ends_where_the_order_does() -> None:
    world = new_world()
    order = place(world, world.new_customer(), ESIM)
    world.agent.approve(order)
    world.run_due()
    finish(world, order)
    assert world.ordering.story(order).moments[-1].what == "notify (attempt 3): done"
