"""
Orders that workers take through while they are killed: three sandboxes, one database, one clock in a file.

The parent is the process that serves the API: it places orders, hears of what agents do, and runs nothing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final

import attrs

from ordering_adapters.storage import open_storage
from ordering_adapters.storage.outbox import SqlOutbox
from ordering_adapters.storage.store import SqlStore
from ordering_adapters.whmcs import FieldName
from ordering_core import Draft, HoldCode, OrderId
from ordering_core.application.record import order_subject
from ordering_core.domain.journal import CaseFile, Done, Held, Outcome, Step
from ordering_entrypoints.demo import DemoClock
from ordering_entrypoints.sandboxes import environment
from tests.contract.durable_worker import Job, write_time
from tests.contract.provisioning import Kind, Ride, Road
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import WEDNESDAY, SandboxWorld, sandbox_world
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire import Tap


PATIENCE: Final = 180.0
"""Seconds within which anything that is waited for has to happen."""

LOOK: Final = 0.02
KILLED: Final = -9
ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = ("src", "src/adapters", "src/entrypoints", "src/sandbox", ".")


class Workers:
    """Starts workers; one at a time is *this one*."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.contract.durable_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / each) for each in SOURCES)},
            text=True,
        )
        self._ended: dict[int, int] = {}

    def start(self, job: Job) -> int:
        """Start a worker and return its id."""
        assert self._server.stdin is not None
        self._server.stdin.write(f"{json.dumps(attrs.asdict(job))}\n")
        self._server.stdin.flush()
        while True:
            told = self._told()
            if "status" not in told:
                return told["child"]
            self._ended[told["child"]] = told["status"]

    def end(self, worker: int) -> int:
        """Return how *worker* ended, once it has: the number of the signal, negative, or its exit status."""
        while worker not in self._ended:
            told = self._told()
            self._ended[told["child"]] = told["status"]
        return os.waitstatus_to_exitcode(self._ended[worker])

    def is_dead(self, worker: int) -> bool:
        if worker in self._ended:
            return True
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return True
        return False

    def close(self) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(PATIENCE)
        self._server.stdout.close()

    def _told(self) -> dict[str, int]:
        assert self._server.stdout is not None
        said = json.loads(self._server.stdout.readline())
        assert isinstance(said, dict)
        return {str(name): int(value) for name, value in said.items()}


class Stage:
    """One database, one clock, three systems outside, and workers that come and go."""

    def __init__(
        self,
        world: SandboxWorld,
        network: SimNetworkProcess,
        *,
        url: str,
        clock_file: Path,
        outbox: SqlOutbox,
        workers: Workers,
        keys: Sequence[str] = (),
    ) -> None:
        self.world = world
        self.road = Road(world, network, Tap())
        self.workers = workers
        self._numbers = count(1001)  # the stock of the org begins with lower ones
        self.outbox = outbox
        self.url = url
        self._clock = str(clock_file)
        self._settings = {
            **environment({"salesforce": world.process.ready, "whmcs": world.whmcs.ready}),
            "ORDERING_DATABASE": url,
            "ORDERING_WORKER_WHERE": "apart",
            # As `ordering whmcs check --prove` finds on this installation.
            "ORDERING_POLICY_BILLING_MARK_PROVED": "true",
            **({"ORDERING_DATABASE_KEYS": ",".join(keys)} if keys else {}),
        }

    def placed(self, kind: Kind = Kind.ESIM, *, draft: Draft | None = None, has_rested: bool = False) -> Ride:
        """
        Return an order for which agents have done everything and that nobody has begun to provision.

        It is for *draft*, or for what those of its *kind* are usually for. One that *has_rested* was run
        before, and waited for its approval.
        """
        world, number = self.world, next(self._numbers)
        customer = world.new_customer()
        wanted = draft or self.road._draft(kind, number)
        session = world.ordering.begin_checkout(wanted, customer=customer)
        if kind is Kind.INTERNET:
            world.ordering.request_eligibility(session.id, customer=customer)
            world.agent.record_eligibility(world.account_of(customer), "Home 1G")
        world.ordering.confirm_address(session.id, customer=customer)
        order = world.ordering.submit(session.id, customer=customer).order
        assert order is not None
        if has_rested:
            with self.working(self.job("earlier")):
                self.pass_time_until(lambda: self._rests(order))
        for act in self.road._acts(kind, order, number):
            act()
        world.ordering.observe(order, cause=f"approved:{order}")
        return Ride(kind=kind, customer=customer, order=order, acts=())

    def job(
        self,
        executor: str,
        *,
        order: str = "",
        step: str = "",
        moment: str = "",
        blind: bool = False,
        reaps: bool = True,
        sweeps: int = -1,
        runs: str = "",
    ) -> Job:
        """Return what a worker called *executor* is told; the rest is as `Job` has it."""
        return Job(
            settings={**self._settings, "ORDERING_WORKER_EXECUTOR": executor},
            clock=self._clock,
            network=dict(self.road.network.ready),
            order=order,
            step=step,
            moment=moment,
            blind=blind,
            reaps=reaps,
            sweeps=sweeps,
            runs=runs,
        )

    @contextmanager
    def working(self, job: Job) -> Iterator[int]:
        """Have a worker do *job* inside; it is killed afterwards, if it still lives."""
        worker = self.workers.start(job)
        try:
            yield worker
        finally:
            if not self.workers.is_dead(worker):
                os.kill(worker, signal.SIGKILL)
            self.workers.end(worker)

    def pass_time_until(self, happened: Callable[[], bool], *, stuck: Collection[int] = ()) -> float:
        """
        Move the clock to whatever is due next, as soon as nothing else is; return the seconds it took.

        The triggers *stuck* are not waited for.
        """
        began = time.monotonic()
        while not happened():
            assert time.monotonic() - began < PATIENCE, self.unfinished()
            due = self.outbox.next_due(without=stuck)
            if due is not None and due > self.world.clock.now():
                self.world.clock.move_to(due)
            time.sleep(LOOK)
        return time.monotonic() - began

    def unfinished(self) -> str:
        """Return how whatever is not finished rests, and what it waits for, to be told when a test fails."""
        now, due = self.world.clock.now(), self.outbox.next_due(without=())
        with self.world.store.transaction() as tx:
            rests = [f"{file.subject.key}: {file.rest}" for file in tx.journal.unfinished()]
        return "\n".join((f"it is {now}, next due {due}; unfinished:", *rests))

    def _rests(self, order: OrderId) -> bool:
        kept = self.case_file(order)
        return kept is not None and kept.rest is not None

    def is_done(self, order: OrderId) -> bool:
        kept = self.case_file(order)
        return kept is not None and isinstance(kept.rest, Done)

    def is_in_doubt(self, order: OrderId) -> bool:
        kept = self.case_file(order)
        held = kept.rest if kept is not None else None
        return isinstance(held, Held) and held.reported and held.code is HoldCode.OUTCOME_AMBIGUOUS

    def case_file(self, order: OrderId) -> CaseFile | None:
        with self.world.store.transaction() as tx:
            return tx.journal.case_file(order_subject(order))

    def is_at(self, order: OrderId, step: Step) -> bool:
        """Whether a run has begun *step* for *order*, and not ended it."""
        with self.world.store.transaction() as tx:
            rows = tx.journal.rows(order_subject(order))
        return any(row.step is step and row.outcome is None for row in rows)

    def done_steps(self, order: OrderId) -> list[Step]:
        """Return what was done for *order*, in its order."""
        with self.world.store.transaction() as tx:
            return [row.step for row in tx.journal.rows(order_subject(order)) if row.outcome is Outcome.DONE]


@contextmanager
def open_stage(
    salesforce: SalesforceProcess,
    whmcs: WhmcsProcess,
    network: SimNetworkProcess,
    *,
    url: str,
    directory: Path,
    at: datetime = WEDNESDAY,
    keys: Sequence[str] = (),
) -> Iterator[Stage]:
    """
    Yield a stage on the database at *url*, on which nobody has ordered anything.

    It is *at* there; personal data is sealed with *keys*, if there are any.
    """
    clock_file = directory / "clock"
    network.admin("POST", "reset")
    with ExitStack() as opened:
        # The clock of the storage is the world's, which does not exist yet.
        clock = DemoClock(at)
        storage = opened.enter_context(open_storage(url, clock, keys=keys))
        world = opened.enter_context(sandbox_world(salesforce, whmcs, at=at, storage=storage))
        for product in whmcs.rows("products"):
            whmcs.plant("customfields", {"relid": product["id"], "fieldname": FieldName.ORDER.value})

        def follow(at: object) -> None:
            clock.move_to(world.clock.now())
            network.admin("PUT", "clock", {"at": str(at), "stopped": True})
            write_time(clock_file, world.clock.now())

        world.clock.tell(follow)
        world.clock.advance(timedelta(seconds=1))
        workers = Workers()
        opened.callback(workers.close)
        assert isinstance(storage[0], SqlStore)
        yield Stage(
            world,
            network,
            url=url,
            clock_file=clock_file,
            outbox=SqlOutbox(storage[0]),
            workers=workers,
            keys=keys,
        )
