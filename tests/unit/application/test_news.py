"""Word from the event bus: early, twice, out of order or lost, it changes nothing in the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_adapters.memory.hints import Hint, HintKind
from ordering_core import Held, NotFound, OrderId, OrderState, Refused, Unavailable
from ordering_core.application.news import LOOKS_AGAIN
from ordering_core.application.record import order_subject
from ordering_core.domain.identifiers import AccountId
from tests.unit.application.riding import case_file
from tests.unit.application.shop import ESIM, HOME, ROUTER, World, new_world, picture, place
from tests.unit.application.test_order_commands import triggered
from tests.unit.application.test_recovery import lose_all_triggers


def due(world: World) -> list[timedelta]:
    """Return after how long each waiting trigger is due."""
    now, found = world.clock.now(), list[timedelta]()
    with world.store.triggers() as triggers:
        while waiting := triggers.take(now + timedelta(days=1)):
            found.append(waiting.due - now)
    return found


def state_of(world: World, order: OrderId) -> OrderState | None:
    with world.store.transaction() as tx:
        copy = tx.projection.get(order)
    return copy.status.state if copy else None


def new_order(world: World) -> OrderId:
    """Return an order in review for which nothing waits to be done."""
    order = place(world, world.new_customer())
    world.run_due()
    lose_all_triggers(world)
    return order


def test_an_event_that_its_order_does_not_justify_yet_is_looked_at_again_by_itself() -> None:
    world = new_world()
    order = new_order(world)
    world.ordering.provision_requested(order, event="e1")
    assert due(world) == [timedelta(0), *LOOKS_AGAIN]


@pytest.mark.parametrize("later", LOOKS_AGAIN)
def test_an_approval_that_follows_its_event_is_found_without_another_word(later: timedelta) -> None:
    world = new_world()
    order = new_order(world)
    world.ordering.provision_requested(order, event="e1")
    world.queue.run_due(world.clock.now(), world.ordering.run)
    world.clock.advance(later - timedelta(seconds=1))
    world.queue.run_due(world.clock.now(), world.ordering.run)
    world.agent.approve(order)
    world.hints.take()
    world.queue.run_due(world.clock.now(), world.ordering.run)
    assert world.billed(order) == ()
    world.clock.advance(timedelta(seconds=1))
    world.queue.run_due(world.clock.now(), world.ordering.run)
    assert len(world.billed(order)) == 1


def test_an_event_that_comes_again_adds_no_looks() -> None:
    world = new_world()
    order = new_order(world)
    for _ in range(3):
        world.ordering.provision_requested(order, event="e1")
        world.clock.advance(timedelta(seconds=1))
    assert len(due(world)) == 1 + len(LOOKS_AGAIN)


def test_an_old_event_that_is_the_first_to_find_a_change_is_followed() -> None:
    world = new_world()
    order = new_order(world)
    world.ordering.order_changed(order, event="e1")
    lose_all_triggers(world)
    world.ordering.order_changed(order, event="e1")
    assert due(world) == []
    world.agent.approve(order)
    world.ordering.order_changed(order, event="e1")
    assert due(world) == [timedelta(0)]


def test_an_event_that_its_order_justifies_is_looked_at_once() -> None:
    world = new_world()
    order = new_order(world)
    world.agent.approve(order)
    world.ordering.provision_requested(order, event="e1")
    assert due(world) == [timedelta(0)]


def test_an_event_that_is_out_before_its_order_can_be_read_is_looked_at_again() -> None:
    world = new_world()
    world.ordering.provision_requested(OrderId("801-soon"), event="e1")
    assert due(world) == [*LOOKS_AGAIN]


def test_word_of_an_order_that_never_comes_leads_nowhere() -> None:
    world = new_world()
    world.ordering.provision_requested(OrderId("801-never"), event="e1")
    world.ordering.order_changed(OrderId("801-never"), event="e2")
    world.clock.advance(timedelta(minutes=5))
    world.run_due()
    assert world.queue.next_due() is None
    assert world.ordering.sweep() == 0


def test_a_deletion_is_left_to_the_orders_own_run() -> None:
    world = new_world()
    order = new_order(world)
    del world.salesforce.orders[order]
    world.ordering.order_changed(order, event="e1")
    assert triggered(world) == [order_subject(order)]


@pytest.mark.parametrize("tell", ["provision_requested", "order_changed"])
def test_an_order_that_may_not_be_read_keeps_no_later_event_from_being_heard(tell: str) -> None:
    world = new_world()
    order = new_order(world)
    world.faults.set("orders.provisioning_facts", "refuse")
    getattr(world.ordering, tell)(order, event="e1")
    assert triggered(world)[0] == order_subject(order)


@pytest.mark.parametrize("tell", ["provision_requested", "order_changed"])
def test_an_event_that_cannot_be_looked_at_now_is_given_back(tell: str) -> None:
    world = new_world()
    order = new_order(world)
    before = picture(world)
    world.faults.set("orders.provisioning_facts", "down")
    with pytest.raises(Unavailable):
        getattr(world.ordering, tell)(order, event="e1")
    assert picture(world) == before


def test_an_account_that_changes_lets_its_open_orders_run_and_nobody_elses() -> None:
    world = new_world()
    customer = world.new_customer()
    orders = [place(world, customer, draft) for draft in (ESIM, ROUTER)]
    stopped = place(world, customer, HOME)
    place(world, world.new_customer())
    world.agent.cancel(stopped)
    world.run_due()
    lose_all_triggers(world)
    world.ordering.account_changed(world.account_of(customer), event="e1")
    assert sorted(subject.key for subject in triggered(world)) == sorted(orders)


def test_every_open_order_of_an_account_runs_however_many_there_are() -> None:
    world = new_world()
    customer = world.new_customer()
    orders = [place(world, customer) for _ in range(23)]
    world.run_due()
    lose_all_triggers(world)
    world.ordering.account_changed(world.account_of(customer), event="e1")
    assert sorted(subject.key for subject in triggered(world)) == sorted(orders)


# --- in the end -------------------------------------------------------------------------------------

Deed = Callable[[World, OrderId], None]
Heard = Callable[[list[Hint], list[Hint]], list[Hint]]
"""What is heard of all hints so far and of those that are new."""

DEEDS: dict[str, Deed] = {
    "approve": lambda world, order: world.agent.approve(order),
    "back to draft": lambda world, order: world.agent.set_status(order, "Draft"),
    "activate": lambda world, order: world.agent.set_activation(order, "Activating"),
    "cancel": lambda world, order: world.agent.cancel(order),
    "reject the card": lambda world, order: world.agent.reject_identity(account(world, order), "blurred"),
    "verify the card": lambda world, order: world.agent.verify_identity(account(world, order)),
}


def account(world: World, order: OrderId) -> AccountId:
    return world.salesforce.orders[order].snapshot.account


def quiet(world: World) -> None:
    """Poll, sweep, and let everything run that runs by itself, for hours in which no event arrives."""
    world.ordering.reconcile()
    for _ in range(5):
        until = world.clock.now() + timedelta(hours=1)
        world.ordering.sweep()
        while (at := world.queue.next_due()) and at <= until:
            world.clock.move_to(max(at, world.clock.now()))
            world.queue.run_due(world.clock.now(), world.ordering.run)
            world.hints.take()
        world.clock.move_to(until)


def tell(world: World, hint: Hint, published_at: datetime) -> None:
    kind, _, event = hint.id.partition(":")
    if kind == HintKind.PROVISION_REQUESTED:
        world.ordering.provision_requested(hint.order, event=event, published_at=published_at)
    else:
        world.ordering.order_changed(hint.order, event=event)
        world.ordering.account_changed(account(world, hint.order), event=f"account-{event}")


def story(days: list[list[tuple[int, str]]], heard: Heard) -> object:
    """Let deeds be done day by day, and what *heard* makes of their hints be heard; return the end of it."""
    world = new_world()
    orders = [place(world, world.new_customer(), draft) for draft in (ESIM, ROUTER)]
    quiet(world)
    # Published before any hold: after one, an event is not only a hint, it asks again (DESIGN 3.19 c).
    published_at = world.clock.now()
    told: list[Hint] = []
    for deeds in days:
        for which, deed in deeds:
            DEEDS[deed](world, orders[which])
        new = world.hints.take()
        told += new
        for hint in heard(list(told), list(new)):
            tell(world, hint, published_at)
        quiet(world)
    return [the_end(world, order) for order in orders]


def the_end(world: World, order: OrderId) -> object:
    rest = case_file(world, order).rest
    snapshot = world.salesforce.orders[order].snapshot
    return (
        snapshot.status,
        snapshot.activation.status,
        snapshot.activation.error_code,
        state_of(world, order),
        type(rest),
        rest.code if isinstance(rest, Held) else None,
        len(world.billed(order)),
        len(world.opened(order)),
    )


@given(
    days=st.lists(
        st.lists(st.tuples(st.integers(0, 1), st.sampled_from(sorted(DEEDS))), min_size=1, max_size=3),
        min_size=1,
        max_size=3,
    ),
    data=st.data(),
)
def test_events_early_twice_out_of_order_or_lost_change_nothing_in_the_end(
    days: list[list[tuple[int, str]]], data: st.DataObject
) -> None:
    def badly(told: list[Hint], _new: list[Hint]) -> list[Hint]:
        chosen = st.lists(st.sampled_from(told), max_size=2 * len(told)) if told else st.just([])
        return data.draw(chosen)

    assert story(days, badly) == story(days, lambda _, new: new) == story(days, lambda _, __: [])


def test_the_end_of_a_story_can_be_told_apart() -> None:
    ends = [story([[(0, deed)]], lambda _, __: []) for deed in ("approve", "cancel", "reject the card")]
    assert len({str(end) for end in ends}) == 3


def test_a_refusal_and_a_missing_order_are_what_the_tests_above_meant() -> None:
    world = new_world()
    order = new_order(world)
    world.faults.set("orders.provisioning_facts", "refuse")
    with pytest.raises(Refused):
        world.ordering.observe(order, cause="changed:1")
    with pytest.raises(NotFound):
        world.ordering.observe(OrderId("801-never"), cause="changed:1")
