"""A record that this version cannot read is told, and keeps nobody else from going on."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from sqlalchemy import Engine, text

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import SqlLiveUpdates, SqlStore, SqlWorkQueue
from ordering_core import Fact, WaitFor
from ordering_core.application.record import order_subject
from ordering_core.domain.fallout import FindingCode
from ordering_core.testing.clocks import ManualClock
from tests.contract.sql_database import new_database
from tests.unit.application.shop import WEDNESDAY, World, place, ready_checkout


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = new_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    clock = ManualClock(WEDNESDAY)
    store = SqlStore(engine, clock)
    with closing(SqlLiveUpdates(engine)) as live:
        yield MemoryWorld(clock=clock, storage=(store, SqlWorkQueue(store), live))


def of_a_newer_version(engine: Engine, table: str, key: str) -> None:
    """Let the record under *key* have a field that only a newer version knows."""
    with engine.begin() as connection:
        changed = connection.execute(
            text(f"UPDATE {table} SET payload = replace(payload, :old, :new) WHERE key = :key"),
            {"old": '"record":{', "new": '"record":{"newer":1,', "key": key},
        )
    assert changed.rowcount == 1


def let_pass(world: World, minutes: int) -> None:
    for _ in range(minutes):
        world.ordering.sweep()
        world.run_due()
        world.clock.advance(timedelta(minutes=1))


def test_a_case_file_that_cannot_be_read_is_told_and_the_other_orders_go_on(
    engine: Engine, world: World
) -> None:
    unreadable = place(world, world.new_customer())
    of_a_newer_version(engine, "oc_case_files", unreadable)
    other = place(world, world.new_customer())
    let_pass(world, 6)
    with world.ordering.store.transaction() as tx:
        [found] = tx.findings.of(FindingCode.RUN_BREAKS)
        kept = tx.journal.case_file(order_subject(other))
    assert (found.subject, found.urgent, found.facts["error"]) == (unreadable, True, "Refused")
    assert kept is not None
    assert kept.rest == WaitFor(Fact.APPROVAL)


def test_a_placing_that_cannot_be_read_is_told_and_the_other_orders_go_on(
    engine: Engine, world: World
) -> None:
    customer = world.new_customer()
    ready = ready_checkout(world, customer)
    world.faults.set("orders.place", "lose_reply")
    world.ordering.submit(ready.id, customer=customer)
    of_a_newer_version(engine, "oc_placements", ready.request_key)
    other = place(world, world.new_customer())
    let_pass(world, 8)
    with world.ordering.store.transaction() as tx:
        [found] = tx.findings.of(FindingCode.RUN_BREAKS)
        kept = tx.journal.case_file(order_subject(other))
    assert (found.subject, found.urgent) == (ready.request_key, True)
    assert kept is not None
    assert kept.rest == WaitFor(Fact.APPROVAL)
