"""What a serving process does though nobody asks: due work, the sweep, the poll; and how it stops."""

import time

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from threading import enumerate as all_threads

import pytest

from ordering_core import OrderState
from ordering_entrypoints.background import working
from tests.unit.application.riding import case_file, state
from tests.unit.application.shop import new_world, place


OFTEN = timedelta(milliseconds=2)
NEVER = timedelta(days=1)


def eventually(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.002)


def test_an_order_is_provisioned_by_itself_though_every_hint_was_lost() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.agent.approve(order)
    world.hints.take()
    with working(world.ordering, world.work_queue, look_every=OFTEN, sweep_every=OFTEN, poll_every=OFTEN):
        eventually(lambda: world.opened(order) != ())
        world.agent.complete_line(order)
        world.clock.advance(timedelta(minutes=11))
        eventually(lambda: state(world, order) is OrderState.ACTIVATED)
    assert len(world.billed(order)) == 1


def test_what_cannot_be_done_now_is_done_the_next_time(caplog: pytest.LogCaptureFixture) -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.run_due()
    world.agent.cancel(order)
    world.hints.take()
    world.faults.set("orders.changed_since", "down")
    with working(world.ordering, world.work_queue, look_every=NEVER, sweep_every=NEVER, poll_every=OFTEN):
        eventually(lambda: state(world, order) is OrderState.REJECTED)
    failed = [vars(record)["fields"] for record in caplog.records if "duty" in vars(record).get("fields", {})]
    assert {(each["duty"], each["error"], each["system"]) for each in failed} == {
        ("poll", "Unavailable", "Salesforce")
    }


def test_a_poll_that_hangs_keeps_neither_the_sweep_nor_due_work_waiting() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.agent.approve(order)
    world.ordering.observe(order, cause="approved")
    hanging, go_on = Event(), Event()

    def hang() -> None:
        hanging.set()
        go_on.wait(30)

    world.faults.hook("orders.changed_since", "before", hang)
    with working(world.ordering, world.work_queue, look_every=OFTEN, sweep_every=OFTEN, poll_every=OFTEN):
        assert hanging.wait(10)
        eventually(lambda: world.opened(order) != ())
        world.agent.complete_line(order)
        world.clock.advance(timedelta(minutes=11))
        eventually(lambda: state(world, order) is OrderState.ACTIVATED)
        assert world.faults.calls("orders.changed_since") == 1
        go_on.set()


def test_leaving_waits_for_the_run_that_is_under_way_and_begins_no_other() -> None:
    world = new_world()
    orders = [place(world, world.new_customer()) for _ in range(2)]
    under_way = Event()

    def take_a_moment() -> None:
        under_way.set()
        time.sleep(0.05)

    world.faults.hook("orders.provisioning_facts", "before", take_a_moment)
    with working(world.ordering, world.work_queue, look_every=OFTEN, sweep_every=NEVER, poll_every=NEVER):
        assert under_way.wait(5)
    assert not {"work", "sweep", "poll", "retention"} & {thread.name for thread in all_threads()}
    rests = [case_file(world, order).rest for order in orders]
    assert [rest is None for rest in rests] == [False, True]
    assert world.work_queue.next_due() is not None
