"""Nothing is written while ordering observes, what is paused rests, and both go on where they were."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import attrs
import pytest

from hypothesis import given, settings
from hypothesis import strategies as st

from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.memory.work_queue import MemoryWorkQueue
from ordering_core import (
    Done,
    Draft,
    OrderId,
    OrderState,
    Pause,
    Policy,
    PortError,
    RetryAt,
    Unavailable,
    WaitFor,
)
from ordering_core.application import pausing
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.journal import Outcome, Step
from ordering_core.domain.policy import Mode
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.faults import Fault
from tests.unit.application.riding import (
    LINE_OPENS,
    SETTLED,
    Crash,
    approved,
    carry_on,
    case_file,
    counted,
    crash,
    findings,
    in_salesforce,
    mails,
    outcomes,
    rows,
    state,
)
from tests.unit.application.shop import (
    ESIM,
    HOME,
    PHYSICAL,
    PNG,
    PORTED_CARD,
    ROUTER,
    WEDNESDAY,
    World,
    new_world,
    place,
    ready_checkout,
    submitted,
)


READING: Final = frozenset(
    {
        "catalogue.products",
        "catalogue.for_sale",
        "orders.placing_facts",
        "orders.find",
        "orders.read",
        "orders.provisioning_facts",
        "orders.of_account",
        "orders.changed_since",
        "opportunities.read",
        "opportunities.of_account",
        "customers.account",
        "cases.is_closed",
        "billing.payment_methods",
        "billing.find",
        "billing.active_products",
        "billing.invoice",
        "lines.find",
        "profiles.find",
    }
)
"""The outside calls that change nothing; every other counts as writing."""

DRAFTS: Final[tuple[Draft, ...]] = (ESIM, PHYSICAL, PORTED_CARD, HOME, ROUTER)
EVERYTHING: Final = frozenset(Pause)
ASKS: Final = sorted(READING - {"catalogue.products", "catalogue.for_sale"})
WRITES: Final = ("orders.write", "billing.add", "billing.accept", "lines.submit", "cases.open")


def written(world: World, act: Callable[[], object]) -> dict[str, int]:
    """Return the writing calls that *act* makes."""
    return {name: calls for name, calls in counted(world, act).items() if name not in READING}


def after_a_while(world: World) -> None:
    """Let hours pass in which events arrive, and sweeps and polls happen."""
    for step in (timedelta(), SETTLED, LINE_OPENS, timedelta(hours=2)):
        world.clock.advance(step)
        with suppress(PortError):  # what cannot be read now is read the next time
            world.ordering.reconcile()
        world.ordering.sweep()
        world.run_due()


def observed(world: World) -> dict[str, str]:
    """Return the step that each order would make."""
    return {
        found.subject: found.facts["step"]
        for found in findings(world)
        if found.code is FindingCode.OBSERVED_ONLY
    }


def in_each_way(world: World, way: str) -> World:
    """Return *world* observing: by word of an operator, or by its settings."""
    if way == "word":
        world.ordering.pause(Pause.OBSERVE)
    else:
        world.ordering = attrs.evolve(
            world.ordering, policy=attrs.evolve(world.ordering.policy, mode=Mode.OBSERVE)
        )
    return world


def released(world: World, way: str) -> World:
    if way == "word":
        world.ordering.resume({Pause.OBSERVE})
    else:
        world.ordering = attrs.evolve(
            world.ordering, policy=attrs.evolve(world.ordering.policy, mode=Mode.LIVE)
        )
    return world


def hand_over(world: World, order: OrderId, draft: Draft) -> None:
    """Do the agent's part of a physical SIM."""
    if draft in {PHYSICAL, PORTED_CARD}:
        world.agent.assign_sim(order)
        world.agent.deliver(order)


@pytest.mark.parametrize("way", ["word", "settings"])
@pytest.mark.parametrize("draft", DRAFTS, ids=["esim", "card", "ported", "internet", "vpn"])
def test_while_it_observes_nothing_is_written_and_then_it_goes_on_to_the_same_end(
    draft: Draft, way: str
) -> None:
    world = new_world()
    order = approved(world, world.new_customer(), draft)
    hand_over(world, order, draft)
    in_each_way(world, way)
    assert written(world, lambda: after_a_while(world)) == {}
    assert isinstance(case_file(world, order).rest, RetryAt)
    assert observed(world) == {order: "mark_activating"}
    assert rows(world, order, Step.MARK_ACTIVATING) == []

    released(world, way)
    assert world.ordering.sweep() == 1
    carry_on(world, order)
    if draft is ROUTER:
        assert state(world, order) is OrderState.ACTIVATED
    assert case_file(world, order).rest == Done()
    assert state(world, order) is OrderState.ACTIVATED
    assert len(world.billed(order)) == 1
    assert len(world.opened(order)) == (draft not in {HOME, ROUTER})
    assert observed(world) == {}
    assert {"received", "approved", "active"} <= set(mails(world, order))


@given(
    draft=st.sampled_from(DRAFTS),
    asks=st.lists(st.tuples(st.sampled_from(ASKS), st.sampled_from(Fault)), max_size=3),
    broken=st.none() | st.sampled_from(WRITES),
    fault=st.sampled_from(Fault),
    status=st.none() | st.sampled_from(["Cancelled", "Draft", "Aproved"]),
    pays=st.booleans(),
    profiles=st.booleans(),
)
@settings(max_examples=150)
def test_whatever_an_order_has_come_to_observing_writes_nothing_and_loses_nothing(
    draft: Draft,
    asks: list[tuple[str, Fault]],
    broken: str | None,
    fault: Fault,
    status: str | None,
    *,
    pays: bool,
    profiles: bool,
) -> None:
    world = new_world(policy=Policy(billing_mark_proved=True, esim_profile_delivery=profiles))
    customer = world.new_customer()
    order = approved(world, customer, draft)
    hand_over(world, order, draft)
    if broken:  # the order was under way when it began
        world.faults.set(broken, fault)
        world.ordering.provision(order)
    world.faults.clear()
    world.ordering.pause(Pause.OBSERVE)
    if status:
        world.agent.set_status(order, status)
    if not pays:
        world.agent.remove_payment_methods(world.client_of(customer))
    for operation, trouble in asks:
        world.faults.set(operation, trouble)

    assert written(world, lambda: after_a_while(world)) == {}

    world.faults.clear()
    world.agent.set_status(order, "Approved")
    gateway = world.ordering.policy.whmcs_gateway
    world.agent.add_payment_method(world.client_of(customer), gateway=gateway)
    world.agent.set_activation(order, "Activating")
    world.ordering.resume({Pause.OBSERVE})
    world.clock.advance(timedelta(minutes=1))
    world.ordering.sweep()
    carry_on(world, order)
    assert len(world.billed(order)) == 1
    assert state(world, order) in {OrderState.ACTIVATED, OrderState.ON_HOLD}


@pytest.mark.parametrize("way", ["word", "settings"])
def test_while_it_observes_customers_are_told_to_come_again_and_keep_what_they_have(way: str) -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    session = ready_checkout(world, customer)
    fibre = world.ordering.begin_checkout(HOME, customer=customer)
    in_each_way(world, way)

    def order_all_the_same() -> None:
        with pytest.raises(Unavailable, match="observe"):
            world.ordering.upload_card(PNG, customer=customer, key="k")
        with pytest.raises(Unavailable, match="observe"):
            world.ordering.request_eligibility(fibre.id, customer=customer)
        world.agent.verify_identity(world.account_of(customer))
        with pytest.raises(Unavailable, match="observe"):
            world.ordering.submit(session.id, customer=customer)

    assert written(world, order_all_the_same) == {}
    assert world.ordering.checkout(session.id, customer=customer) == session
    released(world, way)
    world.ordering.upload_card(PNG, customer=customer, key="k")
    assert submitted(world, session.id, customer)


def test_a_placing_that_nobody_knows_of_is_looked_for_while_it_observes_and_placed_only_then() -> None:
    world = new_world()
    customer, other = world.new_customer(), world.new_customer()
    lost, never_sent = (ready_checkout(world, each) for each in (customer, other))
    world.faults.set("orders.place", "lose_reply")
    world.ordering.submit(lost.id, customer=customer)
    world.faults.set("orders.place", "down")
    world.ordering.submit(never_sent.id, customer=other)
    world.ordering.pause(Pause.OBSERVE)

    assert written(world, lambda: after_a_while(world)) == {}

    assert world.ordering.submit(lost.id, customer=customer).order is not None
    assert world.ordering.submit(never_sent.id, customer=other).order is None
    world.ordering.resume({Pause.OBSERVE})
    carry_on(world, submitted(world, lost.id, customer), at_most=timedelta(minutes=5))
    assert world.ordering.submit(never_sent.id, customer=other).order is not None
    assert len(world.salesforce.orders) == 2


@pytest.mark.parametrize(
    ("what", "stopped_at", "written_meanwhile"),
    [
        (Pause.BILLING, "add_billing_order", {"orders.write", "notifications.send"}),
        (Pause.SIM, "submit_line", {"orders.write", "notifications.send", "billing.add"}),
        (Pause.ALL, "mark_activating", set()),
    ],
)
def test_what_is_paused_rests_with_its_reason_and_the_rest_is_done(
    what: Pause, stopped_at: str, written_meanwhile: set[str]
) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.pause(what)

    assert set(written(world, lambda: after_a_while(world))) == written_meanwhile

    rest = case_file(world, order).rest
    assert isinstance(rest, RetryAt)
    assert rest.reason == f"paused: {what}; {stopped_at} is still to be done"
    assert observed(world) == {}
    world.ordering.resume({what})
    assert world.ordering.sweep() == 1
    assert carry_on(world, order) == Done()
    assert (len(world.billed(order)), len(world.opened(order))) == (1, 1)


def test_no_profile_is_reserved_or_released_while_the_network_is_paused() -> None:
    world = new_world(policy=Policy(billing_mark_proved=True, esim_profile_delivery=True))
    order = approved(world, world.new_customer())
    world.ordering.pause(Pause.SIM)
    made = written(world, lambda: after_a_while(world))
    assert not [name for name in made if name.startswith(("profiles.", "lines."))]
    world.ordering.resume({Pause.SIM})
    assert carry_on_after_sweep(world, order) == Done()
    assert len(world.opened(order)) == 1


def test_customers_order_while_everything_is_paused() -> None:
    world = new_world()
    world.ordering.pause(Pause.ALL)
    order = place(world, world.new_customer())
    world.run_due()
    assert mails(world, order) == []
    world.ordering.resume({Pause.ALL})
    carry_on(world, order, at_most=timedelta(hours=1))
    assert mails(world, order) == ["received"]


def test_an_intent_that_is_on_its_way_when_it_is_paused_is_looked_after_and_not_made_again() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook("billing.add", "after", crash)
    with pytest.raises(Crash):
        world.ordering.provision(order)
    world.ordering.pause(Pause.BILLING)
    assert outcomes(world, order, Step.ADD_BILLING_ORDER) == [None]

    world.clock.advance(SETTLED)
    assert "billing.add" not in written(world, lambda: world.ordering.provision(order))

    assert outcomes(world, order, Step.ADD_BILLING_ORDER) == [Outcome.DONE]
    world.ordering.resume({Pause.BILLING})
    carry_on_after_sweep(world, order)
    assert state(world, order) is OrderState.ACTIVATED
    assert len(world.billed(order)) == 1


def test_a_pause_is_obeyed_at_the_next_step_of_a_run_that_has_begun() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook("billing.add", "after", lambda: world.ordering.pause(Pause.SIM))
    rest = world.ordering.provision(order)
    assert isinstance(rest, RetryAt)
    assert (len(world.billed(order)), len(world.opened(order))) == (1, 0)


def test_what_two_pauses_stop_goes_on_once_both_have_ended() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.pause(Pause.ALL)
    world.ordering.pause(Pause.BILLING)
    world.run_due()
    world.ordering.provision(order)
    world.ordering.resume({Pause.ALL})
    assert world.ordering.sweep() == 1
    world.run_due()
    rest = case_file(world, order).rest
    assert isinstance(rest, RetryAt)
    assert "billing" in rest.reason
    assert world.ordering.sweep() == 0
    world.ordering.resume(EVERYTHING)
    assert carry_on_after_sweep(world, order) == Done()


def carry_on_after_sweep(world: World, order: OrderId) -> object:
    world.clock.advance(timedelta(minutes=1))
    world.ordering.sweep()
    return carry_on(world, order)


def test_pausing_says_since_when_and_pausing_or_resuming_twice_is_the_same_as_once() -> None:
    world = new_world()
    ordering = world.ordering
    assert ordering.paused() == {}
    ordering.resume(EVERYTHING)
    ordering.pause(Pause.SIM)
    world.clock.advance(timedelta(hours=1))
    ordering.pause(Pause.SIM)
    ordering.pause(Pause.BILLING)
    assert ordering.paused() == {
        Pause.SIM: WEDNESDAY,
        Pause.BILLING: WEDNESDAY + timedelta(hours=1),
    }
    ordering.resume({Pause.SIM})
    ordering.resume({Pause.SIM, Pause.OBSERVE})
    assert ordering.paused() == {Pause.BILLING: WEDNESDAY + timedelta(hours=1)}
    ordering.resume(EVERYTHING)
    assert ordering.paused() == {}


@given(st.dictionaries(st.sampled_from(Pause), st.datetimes(timezones=st.just(WEDNESDAY.tzinfo))))
def test_what_is_paused_is_read_as_it_was_written(pauses: dict[Pause, datetime]) -> None:
    store = MemoryStore(ManualClock(WEDNESDAY))
    for each, since in pauses.items():
        pausing.pause(each, store=store, at=since)
    assert pausing.paused(store) == pauses


def test_a_paused_order_looks_again_after_an_hour_though_nobody_resumes() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.run_due()
    world.ordering.pause(Pause.OBSERVE)
    rest = world.ordering.provision(order)
    assert isinstance(rest, RetryAt)
    assert rest.at == WEDNESDAY + world.ordering.policy.holds_ask_again
    world.clock.move_to(rest.at)
    assert counted(world, world.run_due)["orders.provisioning_facts"] == 1
    assert in_salesforce(world, order).activation.status is None


OLD_ORDERS: Final = 500


def test_the_first_start_against_an_org_with_500_old_approved_orders_writes_nothing() -> None:
    world = new_world()
    orders = [place(world, world.new_customer(), DRAFTS[number % 5]) for number in range(OLD_ORDERS)]
    for order in orders:
        world.agent.approve(order)
    world.hints.take()
    world.clock.advance(timedelta(days=3))
    policy = Policy(billing_mark_proved=True, provisioning_not_before=world.clock.now())
    store = MemoryStore(world.clock, faults=world.faults)
    queue = MemoryWorkQueue(store)
    first = attrs.evolve(world.ordering, store=store, policy=policy)

    def start() -> None:
        assert first.reconcile(since=WEDNESDAY - timedelta(days=1)) == OLD_ORDERS
        for _ in range(3):
            first.sweep()
            while queue.run_due(world.clock.now(), first.run):
                pass
            world.clock.advance(timedelta(days=1))

    assert written(world, start) == {}
    assert not any(world.billed(order) for order in orders)
    with store.transaction() as tx:
        rests = {kept.rest for kept in tx.journal.unfinished()}
        assert len(tx.journal.unfinished()) == OLD_ORDERS
    assert {type(rest) for rest in rests} == {WaitFor}
