from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from ordering_core import (
    Cursor,
    CustomerId,
    Draft,
    EventKind,
    Held,
    IllegalTransition,
    NotFound,
    NothingToRetry,
    OrderId,
    SimCardId,
    WaitFor,
)
from ordering_core.domain.events import Source
from ordering_core.domain.journal import Fact, Subject
from ordering_core.domain.policy import Policy
from ordering_core.ports.order_records import DecisionKind
from tests.unit.application.riding import approved, carry_on, in_salesforce
from tests.unit.application.shop import (
    ESIM,
    PHYSICAL,
    PORTED_CARD,
    ROUTER,
    WEDNESDAY,
    World,
    new_world,
    picture,
    place,
)
from tests.unit.application.test_observe import case_file, decisions


PORTED_ESIM: Draft = attrs.evolve(ESIM, skus=PORTED_CARD.skus, porting=PORTED_CARD.porting)


def waiting_for_the_card() -> tuple[World, CustomerId, OrderId]:
    """Return an approved port to a card that is on its way."""
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, PORTED_CARD)
    world.agent.approve(order)
    world.agent.assign_sim(order)
    world.run_due()
    return world, customer, order


def triggered(world: World) -> list[Subject]:
    subjects: list[Subject] = []
    world.queue.run_due(world.clock.now(), subjects.append)
    return subjects


def test_the_customers_word_that_the_card_is_there_is_kept_told_and_acted_on_once() -> None:
    world, customer, order = waiting_for_the_card()
    for _ in range(2):
        world.ordering.sim_arrived(order, customer=customer)
    assert case_file(world, order).delivered == card_of(world, order)
    assert [(d.kind, d.by) for d in decisions(world, order)][-1] == (DecisionKind.DELIVERED, customer)
    assert [d.kind for d in decisions(world, order)].count(DecisionKind.DELIVERED) == 1
    told = [event for event in world.ordering.changes(after=Cursor(0)) if event.detail == "delivered"]
    assert [(event.kind, event.source, event.by) for event in told] == [
        (EventKind.PROGRESS, Source.CUSTOMER, customer)
    ]
    assert [subject.key for subject in triggered(world)] == [order]


def test_the_number_moves_only_after_the_customers_word() -> None:
    world, customer, order = waiting_for_the_card()
    world.clock.advance(timedelta(minutes=5))
    world.run_due()
    assert world.opened(order) == ()
    world.ordering.sim_arrived(order, customer=customer)
    world.run_due()
    assert len(world.opened(order)) == 1


def card_of(world: World, order: OrderId) -> SimCardId:
    sim = in_salesforce(world, order).sim
    assert sim is not None
    return sim.id


def is_asked_for_the_card(world: World, customer: CustomerId, order: OrderId) -> bool:
    return "on its way" in str(world.ordering.order(order, customer=customer).next_steps)


def replaced_before_it_was_used(world: World, customer: CustomerId, order: OrderId) -> SimCardId:
    """Say that the card is there while a payment is missing, and let an agent assign another card."""
    client = world.client_of(customer)
    world.agent.remove_payment_methods(client)
    world.ordering.sim_arrived(order, customer=customer)
    world.run_due()
    another = world.agent.assign_sim(order, world.agent.add_card())
    world.run_due()
    world.agent.add_payment_method(client)
    world.clock.advance(timedelta(hours=1))
    world.run_due()
    return another


def test_the_word_that_a_card_is_there_says_nothing_of_the_card_that_replaces_it() -> None:
    world, customer, order = waiting_for_the_card()
    another = replaced_before_it_was_used(world, customer, order)
    assert card_of(world, order) == another
    assert world.opened(order) == ()
    assert world.billed(order) == ()
    assert case_file(world, order).rest == WaitFor(
        Fact.SIM_DELIVERY, world.clock.now() - timedelta(hours=1) + timedelta(days=1)
    )
    assert is_asked_for_the_card(world, customer, order)


def test_each_card_arrives_on_its_own_even_one_that_comes_back() -> None:
    world, customer, order = waiting_for_the_card()
    first = card_of(world, order)
    another = replaced_before_it_was_used(world, customer, order)
    for card in (another, first):
        world.agent.assign_sim(order, card)
        world.ordering.observe(order, cause=f"changed:{card}")
        triggered(world)
        world.ordering.sim_arrived(order, customer=customer)
        assert case_file(world, order).delivered == card
        assert [subject.key for subject in triggered(world)] == [order]
        assert not is_asked_for_the_card(world, customer, order)
    world.ordering.provision(order)
    assert len(world.opened(order)) == 1


def test_the_customers_word_may_be_repeated_after_everything_came_of_it() -> None:
    world, customer, order = waiting_for_the_card()
    world.ordering.sim_arrived(order, customer=customer)
    world.run_due()
    world.clock.advance(timedelta(minutes=10))
    world.run_due()
    assert world.ordering.order(order, customer=customer).label == "Service Active"
    before = picture(world)
    world.ordering.sim_arrived(order, customer=customer)
    assert picture(world) == before


@pytest.mark.parametrize("draft", [ESIM, PHYSICAL, PORTED_ESIM, ROUTER], ids=["esim", "card", "port", "vpn"])
def test_only_a_card_with_a_number_to_move_can_arrive(draft: Draft) -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, draft)
    world.agent.approve(order)
    if draft is PHYSICAL:
        world.agent.assign_sim(order)
    world.ordering.observe(order, cause="changed:1")
    world.ordering.order(order, customer=customer)
    before = picture(world)
    with pytest.raises(IllegalTransition, match="not waiting for a SIM card"):
        world.ordering.sim_arrived(order, customer=customer)
    assert picture(world) == before


Before = Callable[[World, OrderId], object]


@pytest.mark.parametrize(
    "prepare",
    [
        lambda world, order: world.agent.assign_sim(order),
        lambda world, order: (world.agent.assign_sim(order), world.agent.cancel(order)),
        lambda world, order: (world.agent.assign_sim(order), world.agent.set_status(order, "Parked")),
        lambda world, order: (world.agent.assign_sim(order), world.agent.set_activation(order, "Activated")),
    ],
    ids=["in review", "cancelled", "unknown", "active"],
)
def test_a_card_cannot_arrive_for_an_order_that_is_not_under_way(prepare: Before) -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, PORTED_CARD)
    prepare(world, order)
    world.ordering.observe(order, cause="changed:1")
    world.ordering.order(order, customer=customer)
    before = picture(world)
    with pytest.raises(IllegalTransition, match="cannot become delivered"):
        world.ordering.sim_arrived(order, customer=customer)
    assert picture(world) == before


def test_a_card_that_nobody_assigned_cannot_arrive() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, PORTED_CARD)
    world.agent.approve(order)
    world.run_due()
    with pytest.raises(IllegalTransition):
        world.ordering.sim_arrived(order, customer=customer)


def on_hold() -> tuple[World, OrderId]:
    """Return an approved order that is held for the card of its customer."""
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer)
    world.agent.remove_payment_methods(world.client_of(customer))
    assert isinstance(world.ordering.provision(order), Held)
    triggered(world)
    return world, order


def test_a_retry_is_a_persons_decision_and_runs_the_order_each_time() -> None:
    world, order = on_hold()
    for reason in ("card added", "card added again"):
        world.ordering.retry(order, by="agent-7", reason=reason)
        assert case_file(world, order).retry_requested
        assert [subject.key for subject in triggered(world)] == [order]
    assert [(d.kind, d.by, d.reason) for d in decisions(world, order)][2:] == [
        (DecisionKind.RETRIED, "agent-7", "card added"),
        (DecisionKind.RETRIED, "agent-7", "card added again"),
    ]


@pytest.mark.parametrize("is_approved", [False, True])
def test_an_order_that_nothing_holds_cannot_be_retried(*, is_approved: bool) -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer) if is_approved else place(world, customer)
    before = picture(world)
    with pytest.raises(NothingToRetry, match="no hold is open"):
        world.ordering.retry(order, by="agent-7", reason="asked by phone")
    assert picture(world) == before


def test_an_order_that_shows_somebody_elses_error_may_be_retried_before_it_was_run() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    known = in_salesforce(world, order)
    broken = attrs.evolve(known, activation=attrs.evolve(known.activation, error_code="E-17"))
    world.salesforce.edit_order(order, lambda record: attrs.evolve(record, snapshot=broken))
    world.ordering.observe(order, cause="changed:1")
    world.ordering.retry(order, by="agent-7", reason="looked at it")
    assert case_file(world, order).retry_requested


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_decision_of_a_person_needs_a_reason(reason: str) -> None:
    world, order = on_hold()
    before = picture(world)
    for decide in (world.ordering.retry, world.ordering.adopt):
        with pytest.raises(ValueError, match="needs a reason"):
            decide(order, by="agent-7", reason=reason)
    assert picture(world) == before


def test_an_order_that_nobody_knows_cannot_be_retried() -> None:
    world = new_world()
    before = picture(world)
    with pytest.raises(NotFound, match="no such order"):
        world.ordering.retry(OrderId("801-no-such"), by="agent-7", reason="x")
    assert picture(world) == before


def left_alone() -> tuple[World, OrderId]:
    """Return an approved order from before our time."""
    world = new_world(policy=Policy(provisioning_not_before=WEDNESDAY + timedelta(seconds=1)))
    order = approved(world, world.new_customer())
    assert world.ordering.provision(order) == WaitFor(Fact.ADOPTION)
    triggered(world)
    return world, order


def test_an_order_that_was_left_alone_is_provisioned_once_a_person_takes_it_over() -> None:
    world, order = left_alone()
    world.ordering.adopt(order, by="agent-7", reason="agreed with the customer")
    assert case_file(world, order).adopted
    decided = decisions(world, order)[-1]
    assert (decided.kind, decided.by, decided.reason, decided.at) == (
        DecisionKind.ADOPTED,
        "agent-7",
        "agreed with the customer",
        world.clock.now(),
    )
    carry_on(world, order)
    assert len(world.billed(order)) == len(world.opened(order)) == 1


def test_taking_an_order_over_twice_is_the_same_as_once() -> None:
    world, order = left_alone()
    world.ordering.adopt(order, by="agent-7", reason="agreed")
    assert [subject.key for subject in triggered(world)] == [order]
    before = picture(world)
    world.ordering.adopt(order, by="agent-8", reason="agreed again")
    assert picture(world) == before
    assert triggered(world) == []


def test_an_order_that_nobody_knows_cannot_be_taken_over() -> None:
    world = new_world()
    before = picture(world)
    with pytest.raises(NotFound, match="no such order"):
        world.ordering.adopt(OrderId("801-no-such"), by="agent-7", reason="x")
    assert picture(world) == before
