"""
A thousand clients follow an order over API processes that are killed: complete, in order, nothing twice. [ci]

The clients are in a process of their own, and so is who lets things happen. On the budget of tests/ci for
durable work: a minute and a half.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import attrs
import psycopg
import pytest

from sqlalchemy import Engine, QueuePool, event

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory import MemoryIds, MemoryWorld
from ordering_adapters.storage import SqlLiveUpdates, SqlStore, SqlWorkQueue, open_engine
from ordering_core.domain.identifiers import OrderId
from ordering_core.ports.clock import Clock
from ordering_entrypoints.http import HttpSettings, create_app
from ordering_entrypoints.http.settings import EventSettings
from tests.ci.live_processes import EVENT, Following
from tests.ci.live_stage import (
    PATIENCE,
    TOKENS,
    UNWATCHED,
    WATCHED,
    OtherProcess,
    beside,
    furnish,
    happen,
    logged,
    serving,
    token,
    writer,
)
from tests.contract.postgres_database import Databases
from tests.journeys.test_live_updates import served, wait_for


pytestmark = pytest.mark.xdist_group("durable_live")

MANY: Final = 1_000
PATH: Final = f"/api/orders/{WATCHED}/events"
EVENTS: Final = 12
"""What happens while clients follow, in each part of a test."""

LARGE: Final = 16_000
"""Characters of an event that fills the buffers of a connection soon, and no notification of PostgreSQL."""


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database with two orders of one customer."""
    if request.param == "sqlite":
        return furnish(f"sqlite:///{tmp_path / 'ordering.db'}")
    databases: Databases = request.getfixturevalue("postgres")
    return furnish(databases.new())


@contextmanager
def followed(ports: list[int], *, clients: int, until: int, after: int = 0) -> Iterator[OtherProcess]:
    """Yield *clients* that follow the watched order from the event *after* up to the event *until*."""
    wanted = Following(ports=ports, path=PATH, token=token(), clients=clients, until=until, after=after)
    with beside(wanted) as process:
        assert process.hear()["following"] == clients
        yield process


def assert_complete(told: dict[str, Any], expected: list[int], *, clients: int) -> None:
    """Check that every client has seen *expected*: all of it, in order, nothing twice."""
    assert told["sequences"] == [[expected, clients]]


def cursors_to_come(database: str, *, watched: int, unwatched: int) -> int:
    """Return the cursor of the last event when so many have happened."""
    return max(*logged(database), *logged(database, UNWATCHED)) + watched + unwatched


def end_sessions(url: str) -> int:
    """Have the server end every session on the database at *url* but this one; return how many there were."""
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(url, autocommit=True) as connection:
        return len(connection.execute(f"{ended} AND pid <> pg_backend_pid()").fetchall())


def test_a_thousand_clients_miss_nothing_when_api_process_and_database_sessions_are_killed(
    database: str, tmp_path: Path
) -> None:
    until = cursors_to_come(database, watched=3 * EVENTS + 1, unwatched=EVENTS)
    with (
        serving(database, tmp_path) as doomed,
        serving(database, tmp_path) as other,
        writer(database) as hand,
        followed([doomed.port, other.port], clients=MANY, until=until) as crowd,
    ):
        happen(hand, WATCHED, EVENTS)
        happen(hand, WATCHED, 1, size=LARGE)
        happen(hand, UNWATCHED, EVENTS)
        hand.tell({"order": WATCHED, "times": EVENTS, "size": 1})
        doomed.kill()
        hand.hear()
        if database.startswith("postgresql"):
            assert end_sessions(database) > 1
        with writer(database) as next_hand:
            happen(next_hand, WATCHED, EVENTS)
        told = crowd.hear()
    assert_complete(told, logged(database), clients=MANY)
    assert told["reconnects"] >= MANY // 2


@contextmanager
def slow_client(port: int) -> Iterator[socket.socket]:
    """Yield the connection of a client that asks for the stream and reads no more than its beginning."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", port))
        lines = [f"GET {PATH} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token()}", "", ""]
        client.sendall("\r\n".join(lines).encode())
        assert client.recv(15).startswith(b"HTTP/1.1 200 OK")
        yield client


def rest_of(client: socket.socket) -> bytes:
    """Return everything that still comes, to the end of the connection."""
    text = b""
    try:
        while data := client.recv(65_536):
            text += data
    except ConnectionResetError:
        pass
    return text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_client_that_does_not_read_is_cut_delays_nobody_and_can_resume(
    database: str, tmp_path: Path
) -> None:
    many = 400
    until = cursors_to_come(database, watched=many, unwatched=0)
    impatient = {"EVENTS_PATIENCE": "1s", "EVENTS_QUEUE": "1000"}
    with (
        serving(database, tmp_path, **impatient) as server,
        writer(database) as hand,
        slow_client(server.port) as slow,
        followed([server.port], clients=10, until=until) as crowd,
    ):
        happen(hand, WATCHED, many, size=LARGE)
        told = crowd.hear()
        assert_complete(told, logged(database), clients=10)
        assert told["reconnects"] == 0
        assert "a client that takes nothing was let go" in server.log(until="was let go")
        seen = [int(whole[1]) for whole in EVENT.finditer(rest_of(slow))]
        assert seen == logged(database)[: len(seen)]
        assert 0 < len(seen) < many
        with followed([server.port], clients=1, after=seen[-1], until=until) as again:
            assert_complete(again.hear(), logged(database)[len(seen) :], clients=1)


@attrs.frozen(kw_only=True)
class Inside:
    """An API in this process, whose threads, tasks, followers and statements can be counted."""

    port: int
    engine: Engine
    updates: SqlLiveUpdates
    loop_tasks: Callable[[], int]

    def followers(self) -> int:
        return sum(map(len, self.updates._followers.values()))


@contextmanager
def inside(database: str) -> Iterator[Inside]:
    """Serve *database* in this process, with a heartbeat that is never far."""
    engine = open_engine(database)
    clock = SystemClock()
    store, updates = SqlStore(engine, clock), SqlLiveUpdates(engine)
    world = MemoryWorld[Clock](clock=clock, ids=MemoryIds(), storage=(store, SqlWorkQueue(store), updates))
    events = EventSettings(heartbeat=timedelta(milliseconds=100))
    app = create_app(world.ordering, settings=HttpSettings(tokens=TOKENS, events=events))
    loops: list[asyncio.AbstractEventLoop] = []
    app.on_startup.append(lambda: loops.append(asyncio.get_running_loop()))
    with served(app) as address:
        yield Inside(
            port=int(address.rpartition(":")[2]),
            engine=engine,
            updates=updates,
            loop_tasks=lambda: len(asyncio.all_tasks(loops[0])),
        )
    updates.close()
    engine.dispose()


def statements_for(stage: Inside, hand: OtherProcess, *, clients: int, until: int) -> list[str]:
    """Return what the API asks the database while *clients* follow and another order changes."""
    asked: list[str] = []

    def ask(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "data_version" not in statement:  # the one reader's own look, however many follow
            asked.append(statement)

    with followed([stage.port], clients=clients, until=until):
        assert stage.followers() == 1
        event.listen(stage.engine, "before_cursor_execute", ask)
        heard = threading.Event()
        probe = stage.updates.subscribe(OrderId(UNWATCHED), lambda _: heard.set())
        beaten = time.monotonic() + 0.3  # at least two heartbeats for everybody
        happen(hand, UNWATCHED, 1)
        assert heard.wait(PATIENCE)
        wait_for(lambda: time.monotonic() > beaten)
        probe.close()
        event.remove(stage.engine, "before_cursor_execute", ask)
    wait_for(lambda: stage.followers() == 0)
    return asked


def test_an_order_that_nobody_watches_adds_no_query_per_client_and_nothing_is_left_behind(
    database: str,
) -> None:
    threads = {thread.name for thread in threading.enumerate()}
    with inside(database) as stage, writer(database) as hand:
        statements_for(stage, hand, clients=1, until=10**9)
        tasks = stage.loop_tasks()
        few = statements_for(stage, hand, clients=5, until=10**9)
        many = statements_for(stage, hand, clients=300, until=10**9)
        assert few == many
        assert len(many) == 2, "the reader reads the log until there is no more"
        wait_for(lambda: stage.loop_tasks() == tasks)
        assert isinstance(stage.engine.pool, QueuePool)
        assert stage.engine.pool.checkedout() <= 1, "the reader's, where it keeps one"
    left = {thread.name for thread in threading.enumerate()} - threads
    assert not [name for name in left if "live updates" in name]
