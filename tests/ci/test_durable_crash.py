"""
[ci] A worker and the database die while 100 orders are on their way: nothing is lost, nothing happens twice.

Clients that follow an order while its database dies see all of it, in its order, when it is back.

Two API processes and two workers on a PostgreSQL server of their own, over real sockets to the three
sandboxes. Budget: two minutes. A call that was on its way when its worker died is in doubt for its time-out
and `settle`: 35 s here, 90 s as shipped, which SOAK=1 takes.
"""

from __future__ import annotations

import os
import sys

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Final

import psycopg
import pytest

from ordering_adapters.clock import SystemClock
from ordering_core import CustomerId, OrderId
from ordering_entrypoints.http.tokens import issue_token
from tests.ci.durable_processes import Crowd, System, let_time_run, running
from tests.ci.live_processes import Following
from tests.ci.live_stage import TOKENS, WATCHED, beside, furnish, happen, logged, serving, token, writer
from tests.contract.postgres_server import PostgresServer
from tests.contract.provisioning import Kind, Ride, assert_complete
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess


CUSTOMERS: Final = 20
ORDERS: Final = 5
"""Of each customer, one after the other."""

BEFORE: Final = 30
"""Orders that are finished before anything dies."""

CLIENTS: Final = 50
SOME: Final = 20
"""What happens at a time to an order that is followed."""

MANY: Final = 100
"""What is to happen to it while the database dies."""

LAST: Final = 300
"""What its clients wait for, or the first behind it: a server that was killed leaves numbers out."""

LOOK: Final = 0.1
HANGS: Final = 1800.0
"""Seconds after which nothing will come any more."""

SHIPPED: Final = bool(os.environ.get("SOAK"))
QUICK: Final = {"POLICY_LINE_POLL": "1s", "POLICY_RETRY_AFTER": "5s"}
"""The network is asked again, and what was away is tried again, sooner than in ten minutes and one."""


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def system(server: PostgresServer, tmp_path: Path) -> Iterator[System]:
    doubt = {} if SHIPPED else {"POLICY_SETTLE": "5s"}
    with (
        closing(SalesforceProcess()) as salesforce,
        closing(WhmcsProcess()) as whmcs,
        closing(SimNetworkProcess()) as network,
        running(salesforce, whmcs, network, url=server.url(), directory=tmp_path, **QUICK, **doubt) as system,
    ):
        yield system


def until(system: System, crowd: Crowd, happened: Callable[[], bool]) -> float:
    """Tell customers whose orders are finished, and keep the second worker going, until it *happened*."""
    began = monotonic()
    while not happened():
        assert monotonic() - began < HANGS, [worker.said() for worker in system.workers]
        system.workers[1].keep()
        waiting = [order for order in crowd.placed if not crowd.active[order].is_set()]
        for order in system.finished(waiting):
            crowd.active[order].set()
        Event().wait(LOOK)
    return monotonic() - began


def held_by(url: str, executor: str) -> int:
    """Return how many runs the worker called *executor* has in hand."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM dbos.workflow_status"
            " WHERE status = 'PENDING' AND executor_id = %s AND name = 'ordering.run.v1'",
            [executor],
        ).fetchone()
    assert found is not None
    return int(found[0])


def test_a_worker_and_the_database_die_during_a_hundred_orders(
    server: PostgresServer, system: System, capsys: pytest.CaptureFixture[str]
) -> None:
    customers = [system.world.new_customer() for _ in range(CUSTOMERS)]
    let_time_run(system)
    one, two = system.workers
    with closing(Crowd(system)) as crowd, ThreadPoolExecutor(CUSTOMERS) as threads:
        wait = partial(until, system, crowd)
        began = monotonic()
        shopping = [threads.submit(crowd.shop, customer, orders=ORDERS) for customer in customers]
        try:
            wait(lambda: finished(crowd) >= BEFORE and held_by(server.url(), "one") > 0)
            died = monotonic()
            held = [held_by(server.url(), name) for name in ("one", "two")]
            one.kill()
            server.kill()
            on_their_way = [order for order in crowd.placed if not crowd.active[order].is_set()]
            for attempt in range(len(system.servers)):
                assert read(crowd, customers[0], attempt) == 503, "it says that it cannot, and does not hang"
            server.start()
            back = monotonic() - died
            wait(lambda: all(read(crowd, customers[0], each) == 200 for each in range(len(system.servers))))
            answering = monotonic() - died
            wait(lambda: any(crowd.active[order].is_set() for order in on_their_way))
            first = monotonic() - died
            wait(lambda: all(crowd.active[order].is_set() for order in on_their_way))
            last = monotonic() - died
            wait(lambda: all(each.done() for each in shopping))
        finally:
            for order in [*crowd.placed]:
                crowd.active[order].set()  # nobody waits for what will not come
        for each in shopping:
            each.result()
        took = monotonic() - began
    assert_once(system, crowd, {*on_their_way})
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(on_their_way)} orders on their way, {held} runs in hand of the workers."
            f" After the kill: database back {back:.1f} s, both API processes answer {answering:.1f} s,"
            f" first order finished {first:.1f} s, last of those {last:.1f} s."
            f" 100 orders in {took:.0f} s; the other worker was started again {two.restarts} times;"
            f" refused meanwhile: {dict(crowd.told)}\n"
        )


def test_a_stream_is_complete_and_in_order_though_the_database_dies_and_comes_back(
    server: PostgresServer, tmp_path: Path
) -> None:
    url = furnish(server.url())
    with serving(url, tmp_path) as one, serving(url, tmp_path) as other:
        following = Following(
            ports=[one.port, other.port],
            path=f"/api/orders/{WATCHED}/events",
            token=token(),
            clients=CLIENTS,
            until=LAST,
        )
        with beside(following) as clients:
            assert clients.hear()["following"] == CLIENTS
            with writer(url) as doomed:
                happen(doomed, WATCHED, SOME)
                doomed.tell({"order": WATCHED, "times": MANY, "size": 1})
                waited = logged(url)
                while len(waited) < 2 * SOME:
                    waited = logged(url)
                server.kill()
            one.kill()  # whoever followed there resumes at the other, after the last that was seen
            assert len(waited) < LAST, "it dies before everything has happened"
            server.start()
            with writer(url) as hand:
                last = 0
                while last < LAST:
                    last = max(happen(hand, WATCHED, SOME))
            told = clients.hear()
        happened = logged(url)
    up_to = happened.index(next(cursor for cursor in happened if cursor >= LAST))
    assert len(happened) > up_to >= 2 * SOME
    assert told["reconnects"] >= CLIENTS // 2
    assert sum(count for _, count in told["sequences"]) == CLIENTS
    for seen, _ in told["sequences"]:
        assert seen[: up_to + 1] == happened[: up_to + 1]
        assert seen == happened[: len(seen)], "what came behind the last one is no other either"


def finished(crowd: Crowd) -> int:
    return sum(crowd.active[order].is_set() for order in [*crowd.placed])


def read(crowd: Crowd, customer: CustomerId, attempt: int) -> int:
    """Return the status of the customer's list of orders at one of the API processes."""
    token = issue_token(TOKENS, subject=customer, at=SystemClock().now())
    told = crowd.tried(attempt, "GET", "orders", None, token)
    return told if isinstance(told, int) else 200


def assert_once(system: System, crowd: Crowd, on_their_way: set[OrderId]) -> None:
    """Hold that every order is there, billed and opened once; those that were struck are complete."""
    road, world = system.road, system.world
    placed = [*crowd.placed]
    assert len({*placed}) == len(placed) == CUSTOMERS * ORDERS
    rows = world.process.query("SELECT Id, Activation_Status__c, WHMCS_Order_ID__c FROM Order")
    assert sorted(str(row["Id"]) for row in rows) == sorted(placed), "one submit is one order"
    assert {row["Activation_Status__c"] for row in rows} == {"Activated"}
    bills = world.whmcs.rows("orders")
    assert Counter(str(bill["id"]) for bill in bills) == Counter(
        str(row["WHMCS_Order_ID__c"]) for row in rows
    )
    assert {bill["status"] for bill in bills} == {"Active"}
    lines = road.network.lines()
    assert [line["state"] for line in lines] == ["open"] * len(placed)
    assert sum(len(road.lines(order)) == 1 for order in placed) == len(placed)
    for order in on_their_way:
        assert_complete(road, Ride(kind=Kind.ESIM, customer=CustomerId(""), order=order, acts=()))
