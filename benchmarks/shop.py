"""
The process that is measured: the HTTP API and the work of its orders, with outside systems that are instant.

Salesforce, WHMCS and the network are those in memory, in this very process: what they cost is in every
figure, and nobody waits for them. Run as a module, with what to open as JSON on standard input; every line
after that is a command, answered by one line of JSON.
"""

from __future__ import annotations

import json
import sys

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from threading import Thread
from time import perf_counter, process_time, sleep
from typing import Final

import attrs
import uvicorn

from litestar import Litestar

from benchmarks.counting import Counted, HeardBeside
from benchmarks.machine import megabytes
from ordering_adapters.catalogue_file import SHIPPED, load_catalogue
from ordering_adapters.clock import SystemClock
from ordering_adapters.memory import MemoryIds, MemoryWorld
from ordering_adapters.storage import SqlStore, open_storage
from ordering_adapters.storage.outbox import SqlOutbox
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.policy import Policy
from ordering_entrypoints.background import working
from ordering_entrypoints.http import create_app
from ordering_entrypoints.http.principals import Role
from ordering_entrypoints.http.settings import HttpSettings, TokenSettings
from ordering_entrypoints.http.tokens import issue_token
from ordering_entrypoints.listening import listen
from ordering_entrypoints.room import make_room


TOKENS: Final = TokenSettings(
    issuer="https://login.example",
    audience="ordering",
    secret="a secret of at least 32 bytes...",  # noqa: S106 - made up
)

POLICY: Final = Policy(billing_mark_proved=True)


IDLE: Final = 3.0
"""Seconds for which DBOS is watched while there is nothing to do."""


@attrs.frozen(kw_only=True)
class Opening:
    """
    What the process opens: a *database*, and *customers*.

    If it *works*, the work of their orders is done beside it.
    """

    database: str
    customers: int
    works: bool


class Shop:
    """The process's own side of the commands."""

    def __init__(self, opening: Opening, opened: ExitStack) -> None:
        """Open everything but the socket."""
        clock = SystemClock()
        storage = opened.enter_context(open_storage(opening.database, clock))
        self._store: SqlStore = storage[0]
        self._queue = storage[1]
        self._world = MemoryWorld(
            clock=clock, policy=POLICY, catalogue=load_catalogue(SHIPPED), ids=MemoryIds(), storage=storage
        )
        self.customers = [self._world.new_customer() for _ in range(opening.customers)]
        self._database = opening.database
        self._works = opening.works
        self._counted: Counted | None = None
        self._provisioned = 0

    def app(self) -> Litestar:
        """Return the API, which works on its orders while it is served if it is to."""

        @asynccontextmanager
        async def lifespan(_app: Litestar) -> AsyncGenerator[None]:
            make_room()
            with ExitStack() as working_beside:
                if self._works:
                    working_beside.enter_context(working(self._world.ordering, self._queue))
                yield

        return create_app(self._world.ordering, settings=HttpSettings(tokens=TOKENS), lifespan=[lifespan])

    def answer(self, command: str) -> Mapping[str, object]:
        """Do what *command* says."""
        commands: Mapping[str, Callable[[], Mapping[str, object]]] = {
            "look": self._look,
            "count": self._count,
            "counted": self._end_count,
            "settle": self._settle,
            "provision": self._provision,
            "provision by DBOS": self._provision_by_dbos,
        }
        return commands[command]()

    def _look(self) -> Mapping[str, object]:
        """Say what the process has used, in seconds and MB, and how many orders there are."""
        orders = len(self._world.salesforce.orders)
        return {"cpu": process_time(), "megabytes": megabytes(), "orders": orders}

    def _count(self) -> Mapping[str, object]:
        self._counted = Counted(self._store.engine)
        return {}

    def _end_count(self) -> Mapping[str, object]:
        assert self._counted is not None
        return self._counted.end()

    def _settle(self) -> Mapping[str, object]:
        """Do the work that is due, untimed."""
        self._world.run_due()
        return {}

    def _provision(self) -> Mapping[str, object]:
        """Have an agent approve every new order, and do the work until nothing is due."""
        orders = list(self._world.salesforce.orders)[self._provisioned :]
        for order in orders:
            self._world.agent.approve(order)
        began, used = perf_counter(), process_time()
        counted = Counted(self._store.engine)
        self._world.run_due()
        for order in orders:
            self._world.agent.complete_line(order)
        self._world.run_due()
        took = {"seconds": perf_counter() - began, "cpu": process_time() - used, **counted.end()}
        assert all(self._is_billed_and_open(order) for order in orders), "an order was not provisioned"
        self._provisioned += len(orders)
        return {"orders": len(orders), **took}

    def _provision_by_dbos(self) -> Mapping[str, object]:
        """
        Have every new order provisioned as a worker does, and say what DBOS sent to its own database for it.

        Transactions that it makes when there is nothing to do, it makes by the second, whatever the orders:
        they are told apart.
        """
        from ordering_adapters.work_queue import DbosWorkQueue, EngineSettings  # noqa: PLC0415 - as below
        from ordering_entrypoints.worker import LOOK_EVERY, runs_url  # noqa: PLC0415 - who serves has no DBOS

        orders = list(self._world.salesforce.orders)[self._provisioned :]
        self._world.run_due()
        queue = DbosWorkQueue(
            EngineSettings(url=runs_url(self._database), executor="bench"),
            SqlOutbox(self._store),
            handle=self._world.ordering.run,
        )

        def work() -> None:
            for hint in self._world.hints.take():
                self._world.ordering.observe(hint.order, cause=hint.id)
            while self._queue.due(self._world.clock.now())[0]:
                queue.start_due(self._world.clock.now())
                sleep(LOOK_EVERY.total_seconds())

        queue.start()
        try:
            sleep(IDLE)  # what is done once
            with HeardBeside(self._store.engine) as idle:
                sleep(IDLE)
            for order in orders:
                self._world.agent.approve(order)
            with HeardBeside(self._store.engine) as busy:
                work()
                for order in orders:
                    self._world.agent.complete_line(order)
                work()
        finally:
            queue.stop()
        assert all(self._is_billed_and_open(order) for order in orders), "an order was not provisioned"
        self._provisioned += len(orders)
        looks = {sql for each in idle.transactions for sql in each.sql}
        runs = [each for each in busy.transactions if not looks.issuperset(each.sql)]
        return {
            "orders": len(orders),
            "statements": sum(each.statements for each in runs),
            "commits": sum(each.wrote for each in runs),
            "idle": sum(each.statements for each in idle.transactions) / IDLE,
        }

    def _is_billed_and_open(self, order: OrderId) -> bool:
        record = self._world.salesforce.orders[order]
        done = record.snapshot.activation.status == "Activated"
        return done and len(self._world.billed(order)) == 1 and len(self._world.opened(order)) == 1


def say(**said: object) -> None:
    """Say something to whoever started this process."""
    sys.stdout.write(f"{json.dumps(said)}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve, and do as told until nothing more is said."""
    opening = Opening(**json.loads(sys.stdin.readline()))
    with ExitStack() as opened:
        shop = Shop(opening, opened)
        socket = opened.enter_context(listen("127.0.0.1", 0))
        config = uvicorn.Config(shop.app(), log_config=None, access_log=False, ws="none")
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, args=([socket],), daemon=True)
        thread.start()
        at = SystemClock().now()
        say(
            port=socket.getsockname()[1],
            tokens=[
                issue_token(TOKENS, subject=who, at=at, roles=(Role.CUSTOMER,)) for who in shop.customers
            ],
        )
        for line in sys.stdin:
            say(**shop.answer(line.strip()))
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()
