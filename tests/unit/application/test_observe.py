from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core import (
    Conflict,
    CustomerId,
    EventKind,
    FindingCode,
    HoldCode,
    NotFound,
    OrderId,
    OrderState,
    Policy,
    Unavailable,
)
from ordering_core.application.record import order_subject
from ordering_core.domain.journal import CaseFile, Held
from ordering_core.domain.vocabulary import Stage, System
from ordering_core.ports.order_records import Decision, DecisionKind
from tests.unit.application.shop import ESIM, HOME, ROUTER, World, new_world, picture, place
from tests.unit.application.test_orders import foreign_order


def case_file(world: World, order: OrderId) -> CaseFile:
    with world.store.transaction() as tx:
        found = tx.journal.case_file(order_subject(order))
    assert found is not None
    return found


def decisions(world: World, order: OrderId) -> list[Decision]:
    with world.store.transaction() as tx:
        return list(tx.decisions.of(order))


def states(world: World, order: OrderId, customer: CustomerId) -> list[OrderState]:
    return [event.status.state for event in world.ordering.watch(order, customer=customer)]


def observe(world: World, order: OrderId, cause: str) -> None:
    world.ordering.observe(order, cause=cause)


def test_an_order_that_salesforce_does_not_have_is_not_found() -> None:
    with pytest.raises(NotFound, match="no such order"):
        observe(new_world(), OrderId("801-no-such"), "changed:1")


def test_a_hint_that_cannot_be_followed_is_handed_back_with_nothing_written() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.agent.approve(order)
    before = picture(world)
    world.faults.set("orders.provisioning_facts", "down")
    with pytest.raises(Unavailable):
        observe(world, order, "changed:1")
    assert picture(world) == before


def test_a_hint_about_nothing_changes_nothing_but_what_is_to_run() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.run_due()
    history = world.ordering.watch(order, customer=customer)
    before = case_file(world, order)
    for cause in ("changed:77", "changed:77", "changed:78"):
        observe(world, order, cause)
    assert world.ordering.watch(order, customer=customer) == history
    assert case_file(world, order) == before
    assert world.queue.run_due(world.clock.now(), lambda _: None) == 2


def test_the_verdict_of_the_moment_of_approval_is_kept_once_per_approval() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, HOME)
    world.agent.approve(order)
    for cause in ("changed:1", "changed:2"):
        observe(world, order, cause)
    (_, approved) = decisions(world, order)
    assert (approved.kind, approved.by) == (DecisionKind.APPROVED, System.SALESFORCE)
    assert approved.verdict is not None
    assert approved.verdict.passed
    world.agent.set_status(order, "Pending Review")
    observe(world, order, "changed:3")
    world.agent.approve(order)
    observe(world, order, "changed:4")
    assert [decision.kind for decision in decisions(world, order)].count(DecisionKind.APPROVED) == 2


def test_the_verdict_says_what_the_agent_could_have_seen() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, HOME)
    world.agent.record_eligibility(world.account_of(customer), "Apartment 1G")
    world.agent.reject_identity(world.account_of(customer), "x")
    world.agent.approve(order)
    observe(world, order, "changed:1")
    verdict = decisions(world, order)[-1].verdict
    assert verdict is not None
    assert {"offering_differs", "identity_rejected"} <= {violation.code for violation in verdict.violations}


def test_an_orders_own_opportunity_is_no_other_active_service() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, HOME)
    (own,) = world.salesforce.opportunities
    for stage in (Stage.ACTIVE, Stage.POST_PROCESSING):
        with world.salesforce.lock:
            record = world.salesforce.opportunities[own]
            moved = attrs.evolve(record.opportunity, stage=stage)
            world.salesforce.save_opportunity(attrs.evolve(record, opportunity=moved))
        if stage is Stage.ACTIVE:
            world.agent.approve(order)
            observe(world, order, "changed:1")
    verdict = decisions(world, order)[-1].verdict
    assert verdict is not None
    assert verdict.passed


def test_an_order_taken_up_again_finds_the_service_that_another_put_on_its_opportunity() -> None:
    world = new_world()
    customer = world.new_customer(apartment=False)
    first = place(world, customer, HOME)
    world.agent.cancel(first)
    world.run_due()
    (own,) = world.salesforce.opportunities
    with world.salesforce.lock:
        record = world.salesforce.opportunities[own]
        revived = attrs.evolve(record.opportunity, stage=Stage.READY)
        world.salesforce.save_opportunity(attrs.evolve(record, opportunity=revived))
    second = place(world, customer, HOME)
    for order in (second, first):
        world.agent.approve(order)
        world.agent.set_activation(order, "Activating")
        world.run_due()
    assert [len(world.billed(order)) for order in (second, first)] == [1, 0]
    held = case_file(world, first).rest
    assert isinstance(held, Held)
    assert held.code is HoldCode.DUPLICATE_SERVICE


def test_what_was_promised_decides_after_submit_and_not_what_is_for_sale_now() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.salesforce.price_book = attrs.evolve(world.salesforce.price_book, products={})
    world.ordering.refresh_catalogue()
    world.agent.approve(order)
    observe(world, order, "changed:1")
    verdict = decisions(world, order)[-1].verdict
    assert verdict is not None
    assert verdict.passed


def test_an_order_made_by_hand_is_judged_by_what_is_for_sale_and_an_account_that_is_gone_by_none() -> None:
    world = new_world()
    customer = world.new_customer()
    order = foreign_order(world, customer, ROUTER)
    observe(world, order, "changed:1")
    verdict = decisions(world, order)[-1].verdict
    assert verdict is not None
    assert "address_missing" in {violation.code for violation in verdict.violations}
    assert world.faults.calls("catalogue.products") == 1

    del world.salesforce.accounts[world.account_of(customer)]
    world.agent.set_status(order, "Draft")
    observe(world, order, "changed:2")
    world.agent.set_status(order, "Approved")
    observe(world, order, "changed:3")
    verdict = decisions(world, order)[-1].verdict
    assert verdict is not None
    assert "account_not_mapped" in {violation.code for violation in verdict.violations}


def test_activating_an_order_in_review_implies_its_approval_which_is_a_finding() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.agent.set_activation(order, "Activating")
    observe(world, order, "changed:1")
    with world.store.transaction() as tx:
        assert [finding.code for finding in tx.findings.all_open()] == [FindingCode.APPROVAL_IMPLIED]
    assert decisions(world, order)[-1].kind is DecisionKind.APPROVED
    assert states(world, order, customer)[-1] is OrderState.ACTIVATING


def test_a_text_nobody_knows_is_a_finding_as_long_as_it_stands() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.agent.set_status(order, "Parked")
    observe(world, order, "changed:1")
    assert states(world, order, customer)[-1] is OrderState.UNKNOWN
    with world.store.transaction() as tx:
        (finding,) = tx.findings.all_open()
    assert (finding.code, finding.subject) == (FindingCode.UNKNOWN_STATUS, order)
    world.agent.set_status(order, "Draft")
    observe(world, order, "changed:2")
    with world.store.transaction() as tx:
        assert tx.findings.all_open() == ()
    assert states(world, order, customer)[-1] is OrderState.UNDER_REVIEW


def test_a_date_that_is_set_or_moved_is_told_and_one_that_stays_is_not() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, HOME)
    world.agent.approve(order)
    day = world.clock.now() + timedelta(days=9)
    for at in (day, day, day + timedelta(days=1)):
        world.agent.set_activation(order, "Scheduled", at=at)
        observe(world, order, f"changed:{at}")
    told = [
        event.detail
        for event in world.ordering.watch(order, customer=customer)
        if event.kind is EventKind.DATE_CHANGED
    ]
    assert told == [day.isoformat(), (day + timedelta(days=1)).isoformat()]


def test_a_stopped_order_frees_its_opportunity_for_another() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    with world.store.transaction() as tx:
        placement = tx.requests.of_order(order)
    assert placement is not None
    assert placement.opportunity is not None
    world.agent.cancel(order)
    observe(world, order, "changed:1")
    with world.store.transaction() as tx:
        freed = tx.requests.of_order(order)
    assert freed is not None
    assert freed.opportunity is None


# --- event ids and holds ----------------------------------------------------------------------------


def held_order() -> tuple[World, OrderId]:
    """Return an order that a run has put on hold an hour ago."""
    world = new_world()
    order = place(world, world.new_customer())
    hold(world, order)
    return world, order


def hold(world: World, order: OrderId) -> None:
    """Let a hold begin that has stood for an hour."""
    held = Held(code=HoldCode.BILLING_REFUSED, message="x", since=world.clock.now(), reported=True)
    with world.store.transaction() as tx:
        known = tx.journal.case_file(order_subject(order))
        assert known is not None
        tx.journal.keep(attrs.evolve(known, rest=held))
    world.clock.advance(timedelta(hours=1))


def test_a_new_provisioning_request_asks_for_a_held_order_again_once() -> None:
    world, order = held_order()
    observe(world, order, "provision-requested:1")
    asked = case_file(world, order)
    assert asked.retry_requested
    with world.store.transaction() as tx:
        tx.journal.keep(attrs.evolve(asked, retry_requested=False))
    observe(world, order, "provision-requested:1")
    assert not case_file(world, order).retry_requested
    observe(world, order, "provision-requested:2")
    assert case_file(world, order).retry_requested


@pytest.mark.parametrize(("minutes", "asks"), [(-1, False), (0, False), (1, True)])
def test_a_request_published_before_the_hold_does_not_clear_it(minutes: int, asks: bool) -> None:
    world, order = held_order()
    rest = case_file(world, order).rest
    assert isinstance(rest, Held)
    published = rest.since + timedelta(minutes=minutes)
    world.ordering.observe(order, cause="provision-requested:1", published_at=published)
    assert case_file(world, order).retry_requested is asks


def test_any_other_hint_leaves_a_hold_alone_and_a_request_leaves_an_order_without_one_alone() -> None:
    world, order = held_order()
    observe(world, order, "changed:1")
    assert not case_file(world, order).retry_requested
    world = new_world()
    order = place(world, world.new_customer())
    observe(world, order, "provision-requested:1")
    assert not case_file(world, order).retry_requested


def test_a_request_that_was_seen_before_the_hold_does_not_ask_for_its_end_when_it_comes_again() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    observe(world, order, "provision-requested:1")
    hold(world, order)
    observe(world, order, "provision-requested:1")
    assert not case_file(world, order).retry_requested
    observe(world, order, "provision-requested:2")
    assert case_file(world, order).retry_requested


def test_a_request_that_asked_already_leaves_the_wish_standing() -> None:
    world, order = held_order()
    observe(world, order, "provision-requested:2")
    late = case_file(world, order).rest
    assert isinstance(late, Held)
    world.ordering.observe(order, cause="provision-requested:1", published_at=late.since)
    assert case_file(world, order).retry_requested


# --- at the same time -------------------------------------------------------------------------------


def test_an_order_that_changes_while_it_is_read_is_read_again() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)

    def meanwhile() -> None:
        world.agent.cancel(order)
        observe(world, order, "changed:2")

    world.agent.approve(order)
    world.faults.hook("orders.provisioning_facts", "after", meanwhile)
    observe(world, order, "changed:1")
    assert states(world, order, customer) == [OrderState.UNDER_REVIEW, OrderState.REJECTED]


def test_an_order_that_never_holds_still_is_handed_back() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    flips = iter(["Pending Review", "Draft"] * 20)

    def meanwhile() -> None:
        world.faults.hook("orders.provisioning_facts", "after", meanwhile)
        with world.store.transaction() as tx:
            known = tx.journal.case_file(order_subject(order))
            assert known is not None
            tx.journal.keep(attrs.evolve(known, seen_status=next(flips)))

    meanwhile()
    with pytest.raises(Conflict):
        observe(world, order, "changed:1")


Edit = Callable[[World, OrderId], object]

EDITS: list[Edit] = [
    lambda world, order: world.agent.approve(order),
    lambda world, order: world.agent.set_status(order, "Pending Review"),
    lambda world, order: world.agent.set_status(order, "Draft"),
    lambda world, order: world.agent.set_status(order, "Parked"),
    lambda world, order: world.agent.cancel(order),
    lambda world, order: world.agent.set_activation(order, None),
    lambda world, order: world.agent.set_activation(order, "Wishful"),
]


@given(
    edits=st.lists(st.sampled_from(EDITS), max_size=5),
    hints=st.lists(st.integers(0, 3), max_size=6),
)
def test_hints_early_twice_out_of_order_or_lost_change_nothing_in_the_end(
    edits: list[Edit], hints: list[int]
) -> None:
    def shown(causes: list[str]) -> tuple[OrderState, CaseFile]:
        world = new_world()
        customer = world.new_customer()
        order = place(world, customer, ESIM)
        for number, edit in enumerate(edits):
            edit(world, order)
            if number == 0:
                observe(world, order, "changed:first")
        for cause in causes:
            observe(world, order, cause)
        observe(world, order, "changed:last")
        page = world.ordering.order(order, customer=customer)
        assert states(world, order, customer)[-1] is page.status.state
        return page.status.state, attrs.evolve(case_file(world, order), version=0)

    assert shown([]) == shown([f"changed:{hint}" for hint in hints])


def test_the_copy_is_as_old_as_the_reading_it_comes_from() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.clock.advance(Policy().orders_max_age / 2)
    observe(world, order, "changed:1")
    assert world.ordering.order(order, customer=customer).as_of == world.clock.now()
