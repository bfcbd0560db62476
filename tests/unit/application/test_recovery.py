from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from ordering_adapters.memory.orders import MemoryOrders
from ordering_adapters.memory.world import MemoryWorld
from ordering_core import (
    CheckoutExpired,
    Done,
    Fact,
    Held,
    HoldCode,
    NotFound,
    OrderId,
    OrderState,
    Policy,
    Rest,
    RetryAt,
    Subject,
    SubjectKind,
    Unavailable,
    WaitFor,
    WaitUntil,
)
from ordering_core.application.observe import READINGS
from ordering_core.application.ordering import Ordering
from ordering_core.application.record import order_subject
from ordering_core.application.recovery import WATERMARK
from ordering_core.application.sweeping import SWEPT_AT_ONCE, forgotten_turns, is_overdue
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.journal import CaseFile
from ordering_core.ports.clock import Clock
from ordering_core.ports.orders import LATE_BY
from ordering_core.testing.clocks import ManualClock
from tests.unit.application.shop import ESIM, World, new_world, picture, place
from tests.unit.application.test_order_commands import triggered


NOW = datetime(2026, 6, 3, 1, tzinfo=UTC)
SOON = NOW + timedelta(microseconds=1)


def held(*, reported: bool) -> Held:
    return Held(code=HoldCode.CONFIGURATION, message="x", since=NOW, reported=reported)


@pytest.mark.parametrize(
    ("rest", "overdue"),
    [
        (None, True),
        (Done(), False),
        (RetryAt(NOW, "x"), True),
        (RetryAt(SOON, "x"), False),
        (WaitUntil(NOW), True),
        (WaitUntil(SOON), False),
        (WaitFor(Fact.APPROVAL), False),
        (WaitFor(Fact.SIM_DELIVERY, NOW), True),
        (WaitFor(Fact.SIM_DELIVERY, SOON), False),
        (held(reported=True), False),
        (held(reported=False), True),
    ],
)
def test_what_rests_rightly_is_left_alone_and_the_rest_is_overdue(rest: Rest | None, overdue: bool) -> None:
    kept = CaseFile(subject=order_subject(OrderId("801")), rest=rest)
    assert is_overdue(kept, at=NOW) is overdue


def test_a_hold_that_somebody_asked_for_again_is_overdue() -> None:
    kept = CaseFile(subject=order_subject(OrderId("801")), rest=held(reported=True), retry_requested=True)
    assert is_overdue(kept, at=NOW)


@pytest.mark.parametrize(
    ("code", "hours", "turns"),
    [
        (HoldCode.PAYMENT_METHOD_MISSING, 1.99, 0),
        (HoldCode.PAYMENT_METHOD_MISSING, 2, 1),
        (HoldCode.PAYMENT_METHOD_MISSING, 5, 2),
        (HoldCode.BILLING_REFUSED, 5, 0),
    ],
)
def test_a_hold_that_clears_by_itself_is_looked_at_now_and_then_in_case_the_word_was_lost(
    code: HoldCode, hours: float, turns: int
) -> None:
    rest = Held(code=code, message="x", since=NOW, reported=True)
    kept = CaseFile(subject=order_subject(OrderId("801")), rest=rest)
    assert forgotten_turns(kept, at=NOW + timedelta(hours=hours), policy=Policy()) == turns


def test_an_order_that_is_not_held_has_no_forgotten_turns() -> None:
    kept = CaseFile(subject=order_subject(OrderId("801")), rest=WaitFor(Fact.APPROVAL))
    assert forgotten_turns(kept, at=NOW + timedelta(days=9), policy=Policy()) == 0


def test_a_card_added_while_every_trigger_was_lost_is_found_by_the_sweep() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.agent.remove_payment_methods(world.client_of(customer))
    world.agent.approve(order)
    world.run_due()
    world.agent.add_payment_method(world.client_of(customer))
    lose_all_triggers(world)
    world.clock.advance(timedelta(hours=2))
    assert [world.ordering.sweep() for _ in range(2)] == [1, 1]
    assert triggered(world) == [order_subject(order)]
    world.ordering.run(order_subject(order))
    assert len(world.billed(order)) == 1


def lose_all_triggers(world: World) -> None:
    with world.store.triggers() as triggers:
        while triggers.take(world.clock.now() + timedelta(days=365)):
            pass


def test_the_sweep_triggers_what_was_forgotten_once_a_minute() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    lose_all_triggers(world)
    assert world.ordering.sweep() == 1
    assert world.ordering.sweep() == 1
    assert triggered(world) == [order_subject(order)]
    world.clock.advance(timedelta(minutes=1))
    world.ordering.sweep()
    assert triggered(world) == [order_subject(order)]


def test_the_sweep_leaves_resting_orders_alone() -> None:
    world = new_world()
    place(world, world.new_customer())
    world.run_due()
    world.clock.advance(timedelta(days=1))
    world.run_due()
    assert world.ordering.sweep() == 0


@pytest.mark.parametrize("overdue", [0, 1, SWEPT_AT_ONCE, 2 * SWEPT_AT_ONCE + 1])
def test_the_sweep_finds_each_overdue_order_once_however_many_there_are(overdue: int) -> None:
    world = new_world()
    now = world.clock.now()
    with world.ordering.store.transaction() as tx:
        for number in range(overdue):
            tx.journal.keep(CaseFile(subject=order_subject(OrderId(f"late-{number}")), rest=WaitUntil(now)))
        for number in range(3):
            later = WaitUntil(now + timedelta(days=60))
            tx.journal.keep(CaseFile(subject=order_subject(OrderId(f"waits-{number}")), rest=later))
    assert [world.ordering.sweep() for _ in range(2)] == [overdue] * 2
    found: list[str] = []
    world.queue.run_due(now, lambda subject: found.append(subject.key), limit=2 * overdue + 1)
    assert sorted(found) == sorted(f"late-{number}" for number in range(overdue))


def test_the_sweep_forgets_what_was_typed_into_checkouts_that_expired_long_ago() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    world.clock.move_to(session.expires_at + world.ordering.policy.keep_checkouts - timedelta(microseconds=1))
    world.ordering.sweep()
    with pytest.raises(CheckoutExpired):
        world.ordering.checkout(session.id, customer=customer)
    world.clock.advance(timedelta(microseconds=1))
    world.ordering.sweep()
    with pytest.raises(NotFound):
        world.ordering.checkout(session.id, customer=customer)


@pytest.mark.parametrize("kind", [kind for kind in SubjectKind if kind is not SubjectKind.ORDER])
def test_other_subjects_are_left_to_whoever_asked(kind: SubjectKind) -> None:
    world = new_world()
    before = picture(world)
    world.ordering.run(Subject(kind, "x"))
    assert picture(world) == before


# --- the poll ---------------------------------------------------------------------------------------


def edited_unnoticed(world: World) -> OrderId:
    """Return an order that an agent has changed without an event."""
    order = place(world, world.new_customer())
    world.run_due()
    world.agent.cancel(order)
    world.hints.take()
    return order


def state(world: World, order: OrderId) -> OrderState:
    with world.store.transaction() as tx:
        copy = tx.projection.get(order)
    assert copy is not None
    return copy.status.state


def test_the_first_poll_reads_everything_and_later_ones_what_is_new() -> None:
    world = new_world()
    first, second = edited_unnoticed(world), edited_unnoticed(world)
    assert world.ordering.reconcile() == 2
    assert state(world, first) is state(world, second) is OrderState.REJECTED
    reads = world.faults.calls("orders.provisioning_facts")
    assert world.ordering.reconcile() == 0
    assert world.faults.calls("orders.provisioning_facts") == reads


def test_the_first_poll_of_a_real_org_begins_where_our_work_does() -> None:
    begins = NOW + timedelta(days=1)
    world = new_world(policy=Policy(provisioning_not_before=begins))
    before = edited_unnoticed(world)
    world.clock.move_to(begins)
    after = edited_unnoticed(world)
    assert world.ordering.reconcile() == 1
    assert (state(world, before), state(world, after)) == (OrderState.UNDER_REVIEW, OrderState.REJECTED)


@pytest.mark.parametrize(("minutes", "found"), [(5, True), (6, False)])
def test_a_poll_reaches_five_minutes_back_behind_the_last(minutes: int, found: bool) -> None:
    world = new_world()
    order = edited_unnoticed(world)
    edited_at = world.clock.now()
    with world.store.transaction() as tx:
        tx.checkpoints.set(WATERMARK, (edited_at + timedelta(minutes=minutes)).isoformat())
    world.clock.advance(timedelta(minutes=30))
    assert world.ordering.reconcile() == int(found)
    assert (state(world, order) is OrderState.REJECTED) is found
    assert world.ordering.reconcile(since=edited_at) == int(not found)


def test_a_poll_told_to_begin_later_than_the_last_one_ended_leaves_what_lies_between_to_the_next() -> None:
    world = new_world()
    assert world.ordering.reconcile() == 0
    world.clock.advance(timedelta(hours=1))
    missed = edited_unnoticed(world)
    world.clock.advance(timedelta(hours=1))
    later = edited_unnoticed(world)
    assert world.ordering.reconcile(since=world.clock.now()) == 1
    assert (state(world, missed), state(world, later)) == (OrderState.UNDER_REVIEW, OrderState.REJECTED)
    assert world.ordering.reconcile() == 1
    assert state(world, missed) is OrderState.REJECTED


@pytest.mark.parametrize(("later", "moves"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
def test_a_first_poll_counts_only_if_it_read_from_the_beginning(later: timedelta, *, moves: bool) -> None:
    world = new_world(policy=Policy(provisioning_not_before=NOW))
    order = edited_unnoticed(world)
    world.clock.advance(timedelta(hours=1))
    world.ordering.reconcile(since=NOW + later)
    with world.store.transaction() as tx:
        reached = tx.checkpoints.get(WATERMARK)
    assert reached == ((NOW + LATE_BY).isoformat() if moves else None)
    assert order


@pytest.mark.parametrize("down", [("orders.changed_since",), ("orders.provisioning_facts", "orders.find")])
def test_a_poll_while_salesforce_is_away_fails_at_once_and_begins_again_where_it_began(
    down: tuple[str, ...],
) -> None:
    world = new_world()
    world.ordering.reconcile()
    orders = [edited_unnoticed(world) for _ in range(3)]
    reads = world.faults.calls("orders.provisioning_facts")
    for operation in down:
        world.faults.set(operation, "down")
    before = picture(world)
    with pytest.raises(Unavailable):
        world.ordering.reconcile()
    assert picture(world) == before
    assert world.faults.calls("orders.provisioning_facts") - reads == len(down) - 1
    assert world.ordering.reconcile() == 3
    assert {state(world, order) for order in orders} == {OrderState.REJECTED}


def test_a_poll_whose_copy_cannot_be_kept_fails_and_begins_again_where_it_began() -> None:
    world = new_world()
    order = edited_unnoticed(world)
    world.faults.hook(
        "orders.provisioning_facts", "after", lambda: world.faults.set("store.transaction", "down")
    )
    with pytest.raises(Unavailable):
        world.ordering.reconcile()
    assert world.ordering.reconcile() == 1
    assert state(world, order) is OrderState.REJECTED


def never_still(world: World, order: OrderId) -> None:
    """Let every reading of an order be overtaken, as often as one observation tries."""
    overtaken = iter(range(READINGS))

    def overtake() -> None:
        with world.store.transaction() as tx:
            known = tx.journal.case_file(order_subject(order))
            assert known is not None
            tx.journal.keep(attrs.evolve(known, causes=known.causes | {f"again:{known.version}"}))
        next_one()

    def next_one() -> None:
        if next(overtaken, None) is not None:
            world.faults.hook("orders.provisioning_facts", "after", overtake)

    next_one()


def refused(world: World, _order: OrderId) -> None:
    world.faults.set("orders.provisioning_facts", "refuse")


def unavailable(world: World, _order: OrderId) -> None:
    world.faults.set("orders.provisioning_facts", "down")


def senseless(world: World, _order: OrderId) -> None:
    def stumble() -> None:
        raise ValueError("what was entered makes no sense")

    world.faults.hook("orders.provisioning_facts", "before", stumble)


@pytest.mark.parametrize("breaks", [never_still, refused, unavailable, senseless])
def test_an_order_that_cannot_be_observed_is_left_to_its_run_and_the_others_are_seen(
    breaks: Callable[[World, OrderId], None],
) -> None:
    world = new_world()
    order, other = edited_unnoticed(world), edited_unnoticed(world)
    world.clock.advance(timedelta(hours=1))
    edited_unnoticed(world)
    breaks(world, order)
    assert world.ordering.reconcile() == 3
    assert (state(world, order), state(world, other)) == (OrderState.UNDER_REVIEW, OrderState.REJECTED)
    assert unread(world) == ([] if breaks is never_still else [order])
    assert world.ordering.reconcile() == 0, "the place is behind it"
    world.run_due()
    assert state(world, order) is OrderState.REJECTED
    assert unread(world) == []


def unread(world: World) -> list[str]:
    with world.store.transaction() as tx:
        return [found.subject for found in tx.findings.all_open() if found.code is FindingCode.ORDER_NOT_READ]


def test_an_order_that_cannot_be_read_for_long_is_read_when_it_can_be() -> None:
    world = new_world()
    order = edited_unnoticed(world)
    world.faults.set("orders.provisioning_facts", "down", times=100)
    for _ in range(10):
        world.ordering.reconcile()
        world.ordering.sweep()
        world.run_due()
        world.clock.advance(timedelta(minutes=2))
    assert unread(world) == [order]
    world.faults.clear()
    world.run_due()
    assert (state(world, order), unread(world)) == (OrderState.REJECTED, [])


def test_an_order_that_cannot_be_read_and_then_is_gone_is_no_finding_any_more() -> None:
    world = new_world()
    order = edited_unnoticed(world)
    unavailable(world, order)
    world.ordering.reconcile()
    del world.salesforce.orders[order]
    world.run_due()
    assert unread(world) == []


def in_pages(world: World, page: int) -> Ordering:
    return attrs.evolve(world.ordering, orders=MemoryOrders(world.salesforce, world.faults, page=page))


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_poll_reads_page_after_page_and_goes_on_behind_the_last_that_was_observed(page: int) -> None:
    world = new_world()
    orders = []
    for _ in range(3):
        orders.append(edited_unnoticed(world))
        world.clock.advance(timedelta(hours=1))
    ordering = in_pages(world, page)
    assert world.faults.calls("orders.changed_since") == 0
    if page < 3:
        world.faults.hook(
            "orders.changed_since", "after", lambda: world.faults.set("orders.changed_since", "down")
        )
        with pytest.raises(Unavailable):
            ordering.reconcile()
        assert [state(world, order) is OrderState.REJECTED for order in orders].count(True) == page
    reads = world.faults.calls("orders.provisioning_facts")
    assert ordering.reconcile() == (3 - page if page < 3 else 3)
    assert world.faults.calls("orders.provisioning_facts") - reads == (3 - page if page < 3 else 3)
    assert {state(world, order) for order in orders} == {OrderState.REJECTED}


# --- clocks that differ --------------------------------------------------------------------------------


@attrs.frozen
class Apart(Clock):
    """A clock that is ahead of Salesforce's by *by*, or behind it."""

    right: Clock
    by: timedelta

    def now(self) -> datetime:
        return self.right.now() + self.by


@pytest.mark.parametrize("minutes", [-10 * 24 * 60, -10, 0, 10, 24 * 60])
def test_a_poll_misses_nothing_however_far_our_clock_is_from_salesforces(minutes: int) -> None:
    world = new_world()
    world.ordering = attrs.evolve(world.ordering, clock=Apart(world.clock, timedelta(minutes=minutes)))
    order = place(world, world.new_customer())
    for _ in range(3):
        world.ordering.reconcile()
        world.clock.advance(timedelta(minutes=1))
    world.agent.cancel(order)
    world.hints.take()
    world.clock.advance(timedelta(minutes=1))
    assert world.ordering.reconcile() == 1
    assert state(world, order) is OrderState.REJECTED


@attrs.define
class Unsteady(Clock):
    """A clock that everybody goes by, and that can be wrong for a while."""

    right: ManualClock
    off: timedelta = timedelta(0)

    def now(self) -> datetime:
        return self.right.now() + self.off


def test_an_org_that_told_a_wrong_time_once_loses_nothing() -> None:
    clock = Unsteady(ManualClock(NOW))
    world = MemoryWorld(clock=clock)
    order = place_in(world)
    world.ordering.reconcile()
    clock.off = timedelta(days=1)
    world.ordering.reconcile()
    clock.off = timedelta(0)
    world.agent.cancel(order)
    world.hints.take()
    clock.right.advance(timedelta(minutes=10))
    assert world.ordering.reconcile() == 1


def place_in(world: MemoryWorld[Unsteady]) -> OrderId:
    customer = world.new_customer()
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    world.ordering.confirm_address(session.id, customer=customer)
    order = world.ordering.submit(session.id, customer=customer).order
    assert order is not None
    return order


def test_a_clock_that_was_wrong_for_one_poll_loses_nothing_when_it_is_right_again() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.run_due()
    world.ordering.reconcile()
    attrs.evolve(world.ordering, clock=Apart(world.clock, timedelta(days=1))).reconcile()
    world.agent.cancel(order)
    world.hints.take()
    world.clock.advance(timedelta(minutes=10))
    assert world.ordering.reconcile() == 1
    assert state(world, order) is OrderState.REJECTED


def test_an_order_deleted_between_listing_and_reading_does_not_stop_the_poll() -> None:
    world = new_world()
    gone, there = edited_unnoticed(world), edited_unnoticed(world)

    def delete() -> None:
        del world.salesforce.orders[gone]

    world.faults.hook("orders.provisioning_facts", "before", delete)
    assert world.ordering.reconcile() == 2
    assert state(world, there) is OrderState.REJECTED


def test_with_every_event_and_trigger_lost_poll_and_sweep_alone_bring_an_order_to_its_end() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.agent.approve(order)
    for _ in range(6):
        world.hints.take()
        lose_all_triggers(world)
        world.ordering.reconcile()
        world.ordering.sweep()
        world.queue.run_due(world.clock.now(), world.ordering.run)
        world.clock.advance(timedelta(minutes=5))
    assert len(world.billed(order)) == 1
    assert state(world, order) is OrderState.ACTIVATED


def test_a_case_file_without_a_rest_is_a_new_one() -> None:
    assert attrs.evolve(CaseFile(subject=order_subject(OrderId("801")))).rest is None
