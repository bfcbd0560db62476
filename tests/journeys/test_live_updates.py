"""Live updates over a real server: in order, none lost, resumed after every break, nothing left behind."""

from __future__ import annotations

import json
import socket
import time

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Final

import attrs
import httpx
import pytest
import uvicorn

from litestar import Litestar

from ordering_core import Cursor, OrderId
from ordering_core.domain.events import EventKind, Source
from ordering_entrypoints.http.settings import EventSettings
from tests.unit.application.shop import World, new_world, place
from tests.unit.entrypoints.api import SETTINGS, Api


PATIENCE: Final = 20.0
"""Seconds after which a test says that nothing comes any more."""

OFTEN: Final = EventSettings(heartbeat=timedelta(milliseconds=200))
"""Heartbeats so often that a test which waits in vain notices in time."""

STORM: Final = 300
"""Events that happen while clients come and go."""


@contextmanager
def served(app: Litestar) -> Iterator[str]:
    """Serve *app* on a free port and yield its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1, ws="none")
    )
    thread = Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        wait_for(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()
        assert not thread.is_alive()


def wait_for(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


@attrs.frozen(kw_only=True)
class Stage:
    """A world, an order in it, its customer's header, and the address of the API."""

    world: World
    order: OrderId
    header: dict[str, str]
    address: str

    @property
    def url(self) -> str:
        return f"{self.address}/api/orders/{self.order}/events"

    def happen(self, times: int = 1) -> None:
        """Let something happen to the order, *times* over."""
        for _ in range(times):
            with self.world.store.transaction() as tx:
                last = tx.events.last(self.order)
                assert last is not None
                tx.events.append(attrs.evolve(last, kind=EventKind.PROGRESS, source=Source.SYSTEM))

    def logged(self) -> list[int]:
        """Return the cursors of everything that happened to the order."""
        with self.world.store.transaction() as tx:
            return [event.cursor for event in tx.events.after(Cursor(0), order=self.order, limit=10_000)]

    def followers(self) -> int:
        return len(self.world.ordering.live_updates._subscriptions)  # type: ignore[attr-defined]


@contextmanager
def a_stage(events: EventSettings = OFTEN) -> Iterator[Stage]:
    world = new_world()
    customer = world.new_customer()
    api = Api(world, attrs.evolve(SETTINGS, events=events))
    order = place(world, customer)
    with served(api.app) as address:
        yield Stage(world=world, order=order, header=api.token(customer), address=address)


def messages(response: httpx.Response) -> Iterator[dict[str, str]]:
    """Yield each message of a stream by its fields; a comment has the field ``""``."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
        else:
            yield fields
            fields = {}


def follow(
    stage: Stage,
    *,
    after: int | None = None,
    until: int,
    stop_after: int = 10_000,
    started: Event | None = None,
) -> list[int]:
    """Follow until the cursor *until* or for *stop_after* events; return the cursors as they came."""
    header = {**stage.header, **({} if after is None else {"Last-Event-ID": str(after)})}
    seen: list[int] = []
    end = time.monotonic() + PATIENCE
    with httpx.stream("GET", stage.url, headers=header, timeout=PATIENCE) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        for message in messages(response):
            assert time.monotonic() < end, f"it ends after {seen[-1:]}"
            if started is not None:
                started.set()
            if "data" in message:
                assert message["id"] == str(json.loads(message["data"])["cursor"])
                seen.append(int(message["id"]))
            if len(seen) >= stop_after or (seen and seen[-1] >= until):
                break
    return seen


def resume(stage: Stage, *, until: int, stop_after: int) -> list[int]:
    """Follow with a new connection after every *stop_after* events, as a client with a bad network does."""
    seen: list[int] = []
    while not seen or seen[-1] < until:
        seen += follow(stage, after=seen[-1] if seen else None, until=until, stop_after=stop_after)
    return seen


@pytest.mark.parametrize("stop_after", [1, 7, 10_000])
def test_everything_that_happens_arrives_once_and_in_order_whatever_breaks(stop_after: int) -> None:
    with a_stage(attrs.evolve(OFTEN, queue=STORM)) as stage:
        first = stage.logged()[-1]
        with ThreadPoolExecutor(3) as pool:
            started = Event()
            whole = pool.submit(follow, stage, until=first + STORM, started=started)
            assert started.wait(PATIENCE)
            broken = pool.submit(resume, stage, until=first + STORM // 10, stop_after=stop_after)
            storm = pool.submit(stage.happen, STORM)
            storm.result(PATIENCE)
            assert whole.result(PATIENCE) == stage.logged()
            assert broken.result(PATIENCE) == stage.logged()[: STORM // 10 + 1]
        wait_for(lambda: stage.followers() == 0)


def test_a_short_queue_costs_connections_and_no_events() -> None:
    with a_stage(attrs.evolve(OFTEN, queue=1)) as stage:
        first = stage.logged()[-1]
        with ThreadPoolExecutor(2) as pool:
            following = pool.submit(resume, stage, until=first + STORM, stop_after=10_000)
            stage.happen(STORM)
            assert following.result(PATIENCE) == stage.logged()
        wait_for(lambda: stage.followers() == 0)


def test_clients_that_go_without_a_word_leave_nothing_behind() -> None:
    with a_stage(attrs.evolve(OFTEN, heartbeat=timedelta(milliseconds=20))) as stage:
        for _ in range(10):
            follow(stage, until=1, stop_after=1)
        wait_for(lambda: stage.followers() == 0)


def test_a_client_that_stops_reading_is_let_go_and_what_it_missed_is_still_there() -> None:
    events = EventSettings(
        patience=timedelta(milliseconds=300), heartbeat=timedelta(milliseconds=50), queue=10_000
    )
    with a_stage(events) as stage:
        host, _, port = stage.address.removeprefix("http://").partition(":")
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.connect((host, int(port)))
            lines = [f"GET /api/orders/{stage.order}/events HTTP/1.1", f"Host: {host}"]
            lines += [f"{name}: {value}" for name, value in stage.header.items()]
            client.sendall("\r\n".join([*lines, "", ""]).encode())
            assert b"200 OK" in client.recv(15)
            wait_for(lambda: stage.followers() == 1)
            until = stage.logged()[-1]
            while stage.followers():
                stage.happen(500)
                until += 500
                assert until < 500_000
        assert follow(stage, after=until - 3, until=until) == [until - 2, until - 1, until]


def test_an_agents_work_shows_within_a_moment() -> None:
    with a_stage() as stage, ThreadPoolExecutor(1) as pool:
        started = Event()
        following = pool.submit(follow, stage, after=1, until=2, started=started)
        assert started.wait(PATIENCE)
        stage.world.agent.approve(stage.order)
        stage.world.run_due()
        assert following.result(PATIENCE) == [2]


def test_a_server_stops_although_clients_follow() -> None:
    with ThreadPoolExecutor(1) as pool:
        with a_stage() as stage:
            started = Event()
            following = pool.submit(follow, stage, after=1, until=10, started=started)
            assert started.wait(PATIENCE)
        with pytest.raises(httpx.HTTPError):
            following.result(PATIENCE)
