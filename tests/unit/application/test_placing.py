from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from ordering_core import (
    CheckoutClosed,
    Cursor,
    CustomerId,
    EventKind,
    OrderId,
    PlacementState,
    Policy,
    Refused,
    RequestKey,
    SessionId,
    Unavailable,
)
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.ports.checkout_records import Placement
from tests.unit.application.shop import ESIM, ROUTER, World, new_world, ready_checkout, submitted


POLICY = Policy()


class Checkout:
    """One session that is ready to be submitted, in a world of its own."""

    def __init__(self) -> None:
        self.world: World = new_world()
        self.customer: CustomerId = self.world.new_customer()
        session = ready_checkout(self.world, self.customer)
        self.session: SessionId = session.id
        self.key: RequestKey = session.request_key

    def submit(self) -> PlacementState:
        return self.world.ordering.submit(self.session, customer=self.customer).state

    def placement(self) -> Placement:
        with self.world.store.transaction() as tx:
            found = tx.requests.get(self.key)
        assert found is not None
        return found

    def orders(self) -> list[OrderId]:
        return list(self.world.salesforce.orders)

    def kinds(self) -> list[EventKind]:
        return [event.kind for event in self.world.ordering.changes(after=Cursor(0))]


def test_a_lost_reply_is_answered_at_once_and_found_by_the_next_submit_after_it_has_settled() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "lose_reply")
    first = checkout.world.ordering.submit(checkout.session, customer=checkout.customer)
    assert (first.state, first.order) == (PlacementState.PLACING, None)
    assert first.retry_after is not None
    assert timedelta() < first.retry_after <= timedelta(minutes=1)
    assert len(checkout.orders()) == 1

    checkout.world.clock.move_to(POLICY.settles_at(checkout.world.clock.now()) - timedelta(microseconds=1))
    assert checkout.submit() is PlacementState.PLACING
    assert checkout.world.faults.calls("orders.find") == 0

    checkout.world.clock.advance(timedelta(microseconds=1))
    assert checkout.submit() is PlacementState.PLACED
    assert checkout.world.faults.calls("orders.find") == 1
    assert checkout.world.faults.calls("orders.place") == 1
    assert len(checkout.orders()) == 1


def test_while_it_is_being_placed_the_checkout_is_closed_without_an_order() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "slow")
    checkout.submit()
    with pytest.raises(CheckoutClosed) as caught:
        checkout.world.ordering.change_checkout(checkout.session, ROUTER, customer=checkout.customer)
    assert caught.value.order_id is None


@pytest.mark.parametrize("fault", ["lose_reply", "slow", "down"])
def test_a_placing_is_resolved_without_anybody_asking(fault: str) -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", fault)
    assert checkout.submit() is PlacementState.PLACING
    checkout.world.clock.advance(timedelta(seconds=90))
    checkout.world.run_due()
    assert checkout.placement().state is PlacementState.PLACED
    assert len(checkout.orders()) == 1
    assert checkout.kinds().count(EventKind.SUBMITTED) == 1


def test_a_placing_that_fails_again_and_again_is_resolved_without_anybody_asking() -> None:
    checkout = Checkout()
    for fault in ("down", "lose_reply"):
        checkout.world.faults.set("orders.place", fault)
    submitted_at = checkout.world.clock.now()
    checkout.submit()
    for _ in range(4):
        checkout.world.clock.advance(timedelta(minutes=1))
        checkout.world.run_due()
    assert checkout.placement().state is PlacementState.PLACED
    (event,) = checkout.world.ordering.changes(after=Cursor(0))
    assert event.at == submitted_at


def test_when_nothing_was_written_the_next_submit_may_try_at_once() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "down")
    assert checkout.submit() is PlacementState.PLACING
    assert checkout.submit() is PlacementState.PLACED
    assert len(checkout.orders()) == 1


def test_a_process_that_dies_around_the_call_leaves_a_placing_that_is_found() -> None:
    for moment in ("before", "after"):
        checkout = Checkout()

        def die() -> None:
            raise KeyboardInterrupt

        checkout.world.faults.hook("orders.place", moment, die)
        with pytest.raises(KeyboardInterrupt):
            checkout.submit()
        checkout.world.clock.advance(timedelta(minutes=2))
        checkout.world.run_due()
        assert checkout.placement().state is PlacementState.PLACED
        assert len(checkout.orders()) == 1
        assert checkout.submit() is PlacementState.PLACED


def test_a_dead_process_that_left_no_trigger_is_found_by_the_sweep() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "lose_reply")
    checkout.submit()
    with checkout.world.store.triggers() as triggers:
        while triggers.take(checkout.world.clock.now() + timedelta(days=1)):
            pass
    assert checkout.world.ordering.sweep() == 0  # it may still be going on
    checkout.world.clock.move_to(POLICY.settles_at(checkout.world.clock.now()))
    assert checkout.world.ordering.sweep() == 1
    assert checkout.world.ordering.sweep() == 1
    assert checkout.world.run_due()
    assert checkout.placement().state is PlacementState.PLACED


def test_a_hint_about_the_new_order_resolves_its_placing_before_anybody_else() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "lose_reply")
    checkout.submit()
    (order,) = checkout.orders()
    checkout.world.ordering.observe(order, cause="changed:1")
    assert checkout.placement().placed == order
    assert checkout.kinds() == [EventKind.SUBMITTED]
    assert checkout.submit() is PlacementState.PLACED


def test_a_hint_that_comes_before_the_reply_does_not_make_a_second_history() -> None:
    checkout = Checkout()

    def hint() -> None:
        (order,) = checkout.orders()
        checkout.world.ordering.observe(order, cause="changed:1")

    checkout.world.faults.hook("orders.place", "after", hint)
    assert checkout.submit() is PlacementState.PLACED
    assert checkout.kinds() == [EventKind.SUBMITTED]
    with checkout.world.store.transaction() as tx:
        assert len(tx.decisions.of(checkout.orders()[0])) == 1


def test_an_order_that_nobody_has_heard_of_is_placed_in_three_transactions() -> None:
    checkout = Checkout()
    began = checkout.world.faults.calls("store.transaction")
    assert checkout.submit() is PlacementState.PLACED
    assert checkout.world.faults.calls("store.transaction") - began == 3


def test_the_verdict_on_an_order_is_kept_once_with_its_decision() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "down")
    checkout.submit()
    word = checkout.placement().verdict
    assert word is not None
    checkout.submit()
    assert checkout.placement().verdict is None
    with checkout.world.store.transaction() as tx:
        (decision,) = tx.decisions.of(checkout.orders()[0])
    assert decision.verdict == word


def test_a_date_given_to_an_order_that_was_listed_before_its_placing_was_found_is_told() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "lose_reply")
    checkout.submit()
    (listed,) = checkout.world.ordering.list_orders(customer=checkout.customer).orders
    date = checkout.world.clock.now() + timedelta(days=3)
    checkout.world.agent.set_activation(listed.id, "Scheduled", at=date)
    checkout.world.clock.advance(timedelta(minutes=2))
    assert checkout.submit() is PlacementState.PLACED
    assert checkout.kinds() == [EventKind.SUBMITTED, EventKind.STATUS_CHANGED, EventKind.DATE_CHANGED]


def test_a_refusal_found_out_later_opens_the_session_again() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "down")
    checkout.submit()
    checkout.world.faults.set("orders.place", "refuse", code="ENTITY_IS_LOCKED")
    checkout.world.clock.advance(timedelta(days=2))
    checkout.world.run_due()
    assert checkout.placement().refusal == "ENTITY_IS_LOCKED"
    assert checkout.world.queue.failures == []
    session = checkout.world.ordering.checkout(checkout.session, customer=checkout.customer)
    assert session.expires_at == checkout.world.clock.now() + POLICY.checkout_ttl
    assert submitted(checkout.world, session.id, checkout.customer)


def test_a_refused_sessions_key_is_never_used_again() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "refuse", times=2)
    keys = set()
    for _ in range(2):
        keys.add(checkout.world.ordering.checkout(checkout.session, customer=checkout.customer).request_key)
        with pytest.raises(Refused):
            checkout.submit()
    checkout.submit()
    with checkout.world.store.transaction() as tx:
        placement = tx.requests.of_order(checkout.orders()[0])
    assert placement is not None
    assert len(keys | {placement.key}) == 3


def test_a_refusal_is_kept_though_its_session_is_gone() -> None:
    checkout = Checkout()

    def forget() -> None:
        with checkout.world.store.transaction() as tx:
            tx.sessions.remove(checkout.session)

    checkout.world.faults.hook("orders.place", "before", forget)
    checkout.world.faults.set("orders.place", "refuse", code="NO")
    with pytest.raises(Refused):
        checkout.submit()
    assert checkout.placement().refusal == "NO"


def slow_runner(fault: str, checkout: Checkout) -> None:
    """Submit; while the call hangs for longer than it may, let somebody else resolve the placing."""

    def hang() -> None:
        checkout.world.clock.advance(timedelta(minutes=2))
        checkout.world.run_due()

    checkout.world.faults.hook("orders.place", "before", hang)
    checkout.world.faults.set("orders.place", fault, code="LATE")


@pytest.mark.parametrize("fault", ["down", "refuse", "lose_reply", "slow"])
def test_a_runner_that_was_overtaken_does_not_undo_what_the_other_found(fault: str) -> None:
    checkout = Checkout()
    slow_runner(fault, checkout)
    state = checkout.submit()
    assert state in {PlacementState.PLACED, PlacementState.PLACING}
    assert checkout.placement().state is PlacementState.PLACED
    assert len(checkout.orders()) == 1
    assert checkout.submit() is PlacementState.PLACED
    assert checkout.kinds().count(EventKind.SUBMITTED) == 1


def test_a_runner_that_was_overtaken_by_a_refusal_tells_of_it() -> None:
    checkout = Checkout()

    def hang() -> None:
        checkout.world.faults.set("orders.place", "refuse", code="NO")
        checkout.world.clock.advance(timedelta(minutes=2))
        checkout.world.run_due()

    checkout.world.faults.hook("orders.place", "before", hang)
    checkout.world.faults.set("orders.place", "down")
    with pytest.raises(Refused) as caught:
        checkout.submit()
    assert caught.value.code == "NO"


def test_a_runner_that_was_overtaken_does_not_link_again() -> None:
    from ordering_core import Conflict
    from tests.unit.application.test_submit import interest

    checkout = Checkout()
    interest(checkout.world, checkout.world.account_of(checkout.customer), 1)
    interest(checkout.world, checkout.world.account_of(checkout.customer), 2)

    def hang() -> None:
        checkout.world.clock.advance(timedelta(minutes=2))
        checkout.world.run_due()
        raise Conflict("Salesforce", "taken")

    checkout.world.faults.hook("orders.place", "before", hang)
    assert checkout.submit() is PlacementState.PLACED
    assert len(checkout.orders()) == 1


def test_what_became_of_a_placing_after_a_refusal_was_kept_is_kept_too() -> None:
    checkout = Checkout()

    def wrongly_refused() -> None:
        with checkout.world.store.transaction() as tx:
            stored = checkout_placement(tx.requests.get(checkout.key))
            tx.requests.replace(attrs.evolve(stored, state=PlacementState.REFUSED), runner=stored.runner)
            session = tx.sessions.get(checkout.session)
            assert session is not None
            tx.sessions.replace(attrs.evolve(session, submitted=False, request_key=RequestKey("another")))

    checkout.world.faults.hook("orders.place", "after", wrongly_refused)
    assert checkout.submit() is PlacementState.PLACED
    assert checkout.placement().placed == checkout.orders()[0]


def checkout_placement(found: Placement | None) -> Placement:
    assert found is not None
    return found


@pytest.mark.parametrize("moment", ["before", "after"])
def test_running_a_placing_that_may_still_be_going_on_finds_it_and_places_nothing(moment: str) -> None:
    checkout = Checkout()

    def die() -> None:
        raise KeyboardInterrupt

    checkout.world.faults.hook("orders.place", moment, die)
    with pytest.raises(KeyboardInterrupt):
        checkout.submit()
    before = checkout.placement()
    subject = Subject(SubjectKind.ORDER, checkout.key)
    places = checkout.world.faults.calls("orders.place")
    checkout.world.faults.set("orders.find", "down", times=1)
    checkout.world.ordering.run(subject)
    assert checkout.placement() == before, "nobody answers"
    for _ in range(2):
        checkout.world.ordering.run(subject)
    assert checkout.world.faults.calls("orders.place") == places
    if moment == "before":
        assert checkout.placement() == before
    else:
        assert checkout.placement().state is PlacementState.PLACED


@pytest.mark.parametrize("seconds", range(0, 60, 7))
def test_an_order_that_a_dead_process_has_placed_is_known_within_a_minute_by_sweeps_alone(
    seconds: int,
) -> None:
    checkout = Checkout()

    def die() -> None:
        raise KeyboardInterrupt

    checkout.world.clock.advance(timedelta(seconds=seconds))
    checkout.world.faults.hook("orders.place", "after", die)
    with pytest.raises(KeyboardInterrupt):
        checkout.submit()
    began = checkout.world.clock.now()
    checkout.world.clock.advance(timedelta(seconds=30 - began.second % 30))
    while checkout.placement().state is PlacementState.PLACING:
        checkout.world.ordering.sweep()
        checkout.world.run_due()
        if checkout.placement().state is PlacementState.PLACING:
            checkout.world.clock.advance(timedelta(seconds=30))
    assert checkout.world.clock.now() - began <= timedelta(minutes=1)
    assert checkout.submit() is PlacementState.PLACED
    assert len(checkout.orders()) == 1


def test_running_a_placing_that_is_placed_changes_nothing() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "lose_reply")
    checkout.submit()
    subject = Subject(SubjectKind.ORDER, checkout.key)
    checkout.world.clock.advance(timedelta(minutes=2))
    for _ in range(2):
        checkout.world.ordering.run(subject)
        assert checkout.placement().state is PlacementState.PLACED
    assert checkout.kinds() == [EventKind.SUBMITTED]


def test_salesforce_being_down_for_hours_costs_the_order_nothing_but_time() -> None:
    checkout = Checkout()
    checkout.world.faults.set("orders.place", "down", times=1)
    checkout.world.faults.set("orders.find", "down", times=50)
    checkout.submit()
    for _ in range(60):
        checkout.world.clock.advance(timedelta(minutes=3))
        checkout.world.run_due()
    assert len(checkout.orders()) == 1
    assert checkout.world.queue.failures == []


def test_a_store_that_fails_before_the_placing_is_kept_lets_nothing_be_placed() -> None:
    checkout = Checkout()

    def store_fails() -> None:
        checkout.world.faults.set("store.transaction", "down")

    checkout.world.faults.hook("billing.payment_methods", "after", store_fails)
    with pytest.raises(Unavailable):
        checkout.submit()
    assert checkout.orders() == []
    assert checkout.submit() is PlacementState.PLACED


def test_the_drafts_of_this_module_are_the_ones_that_are_ordered() -> None:
    checkout = Checkout()
    checkout.submit()
    assert checkout.world.salesforce.orders[checkout.orders()[0]].snapshot.draft == ESIM
