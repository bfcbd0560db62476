"""
A restored system does nothing twice: 100 orders, 20 of them provisioned after the backup. [ci] Two minutes.

Over the adapters and the three sandboxes, worked by the durable engine, through the commands of an operator.
On PostgreSQL with fewer orders, restored into an empty database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import attrs
import pytest

from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_adapters.storage import SqlLineBook, SqlStore, open_storage
from ordering_adapters.storage.outbox import SqlOutbox
from ordering_adapters.work_queue import DbosWorkQueue, EngineSettings
from ordering_core import Done, OrderId, Pause
from ordering_core.application.pausing import paused
from ordering_core.application.record import order_subject
from ordering_core.domain.identifiers import LineId
from ordering_core.domain.lines import LineRequest
from ordering_entrypoints.cli import main
from ordering_entrypoints.demo import DemoClock
from ordering_entrypoints.worker import runs_url
from tests.ci.written import Written, watch
from tests.contract.postgres_database import Databases
from tests.contract.provisioning import Road, open_road
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.unit.application.shop import ESIM


SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
SIZES: Final = {SQLITE: (100, 20), POSTGRESQL: (20, 5)}
"""How many orders there are, and how many of them are provisioned after the backup."""

EACH: Final = 5
"""Orders of one customer."""

PATIENCE: Final = 900.0
"""Seconds within which the engine has run what is due, on a machine however busy."""

LOOK: Final = 0.02
A_WHILE: Final = timedelta(minutes=45)
"""How long everything is left to itself: lines open in it, and what nobody knows is looked for."""


class Killed(BaseException):
    """The process dies here."""


class Dying(FreebitLines):
    """Lines of a process that dies as soon as one was asked for."""

    def submit(self, request: LineRequest, /) -> LineId:
        super().submit(request)
        raise Killed


class Running:
    """Our side of a road, on a database and the durable engine."""

    def __init__(self, road: Road, store: SqlStore, queue: DbosWorkQueue) -> None:
        self.road = road
        self.store = store
        self.queue = queue

    def placed(self, orders: int) -> list[OrderId]:
        """Return that many submitted orders, some of each customer."""
        world = self.road.world
        placed: list[OrderId] = []
        for _ in range(orders // EACH):
            customer = world.new_customer()
            with self.store.transaction() as tx:
                tx.identities.put(world._around._identities[customer])
            for _ in range(EACH):
                session = world.ordering.begin_checkout(ESIM, customer=customer)
                world.ordering.confirm_address(session.id, customer=customer)
                order = world.ordering.submit(session.id, customer=customer).order
                assert order is not None
                placed.append(order)
        return placed

    def approve(self, orders: list[OrderId]) -> None:
        for order in orders:
            self.road.world.agent.approve(order)
            self.road.world.ordering.observe(order, cause=f"approved:{order}")

    def left_alone(self) -> None:
        """Let a while pass, with everything that happens by itself."""
        world = self.road.world
        until = world.clock.now() + A_WHILE
        while True:
            world.ordering.reconcile()
            world.ordering.sweep()
            due = self._worked()
            if due is None or due > until:
                break
            world.clock.move_to(due)
        world.clock.move_to(until)

    def _worked(self) -> datetime | None:
        """Have the engine run whatever is due now, and return when the next is."""
        outbox = SqlOutbox(self.store)
        began = monotonic()
        while True:
            now = self.road.world.clock.now()
            due = outbox.next_due(without=())
            if due is None or due > now:
                return due
            assert monotonic() - began < PATIENCE, "the engine does not come to an end"
            self.queue.start_due(now)
            sleep(LOOK)

    def rests(self, orders: list[OrderId]) -> Counter[str]:
        with self.store.transaction() as tx:
            kept = [tx.journal.case_file(order_subject(order)) for order in orders]
        return Counter(type(each.rest).__name__ if each else "nothing" for each in kept)


@contextmanager
def running(road: Road, url: str) -> Iterator[Running]:
    """Yield our side of *road*, on the database at *url*; it stops as a process does."""
    world = road.world
    clock = DemoClock(world.clock.now())

    def follow(at: datetime) -> None:
        clock.move_to(at)

    world.clock.tell(follow)
    lines = world.ordering.lines
    assert isinstance(lines, FreebitLines)
    with open_storage(url, clock) as (store, _, live_updates):
        assert isinstance(store, SqlStore)
        world.ordering = attrs.evolve(
            world.ordering,
            store=store,
            live_updates=live_updates,
            lines=FreebitLines(lines._api, SqlLineBook(store)),
        )
        engine = EngineSettings(url=runs_url(url))
        queue = DbosWorkQueue(engine, SqlOutbox(store), handle=world.ordering.run)
        queue.start()
        try:
            yield Running(road, store, queue)
        finally:
            queue.stop()


def billed_and_opened(road: Road) -> tuple[list[tuple[object, object]], list[tuple[object, object]]]:
    """Return every order in WHMCS and every line of the network, each with what it is for."""
    return (
        sorted((str(row["id"]), str(row["notes"])) for row in road.world.whmcs.rows("orders")),
        sorted((str(line["receiptNumber"]), str(line["requestKey"])) for line in road.network.lines()),
    )


@pytest.mark.parametrize("database", SIZES)
def test_orders_that_were_provisioned_after_the_backup_are_neither_billed_nor_opened_again(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    orders, later = SIZES[database]
    url = new_database(database, tmp_path, request)
    monkeypatch.setenv("ORDERING_DATABASE", url)
    copy = tmp_path / "copy.db"
    with (
        closing(SalesforceProcess()) as salesforce,
        closing(WhmcsProcess()) as whmcs,
        closing(SimNetworkProcess()) as network,
        open_road(salesforce, whmcs, network) as road,
    ):
        written = watch(road.world.ordering)
        with running(road, url) as before:
            placed = lived_until_the_backup(before, copy, orders=orders, later=later)
        if database == POSTGRESQL:
            url = new_database(database, tmp_path, request)
            monkeypatch.setenv("ORDERING_DATABASE", url)
        assert main(["restore", str(copy), *(["--replace"] if database == SQLITE else [])]) == 0
        if database == SQLITE:
            assert_engine_set_aside(tmp_path)
        assert "AddOrder" in written.whmcs, "what is written is seen"
        assert written.salesforce
        assert written.network
        done = billed_and_opened(road)
        assert [len(each) for each in done] == [orders, orders]
        with running(road, url) as restored:
            assert restored.rests(placed)["Done"] == orders - later
            assert_nothing_is_done_again(restored, written)
            assert restored.rests(placed) == {Done.__name__: orders}
        assert billed_and_opened(road) == done
        stages = road.world.process.query("SELECT Activation_Status__c FROM Order")
        assert Counter(str(row["Activation_Status__c"]) for row in stages) == {"Activated": orders}


def new_database(database: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """Return where a database can be made; on a server it is there, and empty."""
    if database == SQLITE:
        return f"sqlite:///{folder}/ordering.db"
    databases = request.getfixturevalue("postgres")
    assert isinstance(databases, Databases)
    return databases.new()


def lived_until_the_backup(ours: Running, copy: Path, *, orders: int, later: int) -> list[OrderId]:
    """Provision all but *later* of *orders*, back up, and provision those too, the last of them half."""
    placed = ours.placed(orders)
    ours.approve(placed[:-later])
    ours.left_alone()
    assert ours.rests(placed) == {"Done": orders - later, "WaitFor": later}
    assert main(["backup", str(copy)]) == 0
    ours.approve(placed[-later:-1])
    ours.left_alone()
    ours.approve(placed[-1:])
    ordering = ours.road.world.ordering
    lines = ordering.lines
    assert isinstance(lines, FreebitLines)
    dying = attrs.evolve(ordering, lines=Dying(lines._api, SqlLineBook(ours.store)))
    with pytest.raises(Killed):
        ours.queue.run_due(ours.road.world.clock.now(), dying.run)
    assert ours.rests(placed[:-1]) == {"Done": orders - 1}
    return placed


def assert_engine_set_aside(folder: Path) -> None:
    """Hold that what the engine knew of runs is no longer beside the database, for it is of later."""
    asides = sorted(path.name for path in folder.iterdir() if ".replaced-" in path.name)
    assert any(name.endswith("-runs") for name in asides), asides
    assert not (folder / "ordering.db-runs").exists()


def assert_nothing_is_done_again(ours: Running, written: Written) -> None:
    """Hold that a restored system writes nothing, and then only what was never done."""
    assert set(paused(ours.store)) == {Pause.OBSERVE}
    written.clear()
    ours.left_alone()
    assert "salesforce" in written.asked
    assert (written.salesforce, written.whmcs, written.network) == ([], [], [])
    assert main(["resume", "observe"]) == 0
    ours.left_alone()
    assert "AddOrder" not in written.whmcs
    assert written.network == []
