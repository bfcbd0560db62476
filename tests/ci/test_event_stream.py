"""
Two hundred events, the stream killed at every point of them, the handler failing in between. [ci]

Each is handled, none is passed over, and they are handled in the order of the bus. The stream is killed by
the bus, by the network in the middle of a frame, and together with the whole org. On the budget of tests/ci
for Salesforce.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Final

import attrs
import httpx
import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.salesforce import SalesforceOrg
from ordering_adapters.salesforce.events.hints import Hint, ProvisionRequested
from ordering_core.domain.identifiers import OrderId
from tests.contract.event_bus import Heard, bus_settings, follower, following, org_of


EVENTS: Final = 200
EVENT: Final = "OrderProvisionRequested__e"
PORTAL_BOOK: Final = "SELECT Id FROM Pricebook2 WHERE IsStandard = false"
CHUNKS: Final = 8
FOR_EVER: Final = 1_000_000
CUTS: Final = 100
KILLS: Final = (0, 1, 50, 99, 100, 150, 199)
CHUNK_OF_BYTES: Final = 65_536


class Org:
    """An org that may be killed, and started again with what it had written."""

    def __init__(self, folder: Path) -> None:
        self._arguments = ["--database", str(folder / "org.sqlite3"), "--tls", str(folder / "tls")]
        self.ready: Mapping[str, str] = {}
        self.start()

    def start(self) -> None:
        ports = [f"--{name}-port={port}" for name, port in self._ports().items()]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ordering_sandbox.salesforce", *self._arguments, *ports],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.ready = json.loads(self._process.stdout.readline())
        self.desk = httpx.Client(base_url=self.ready["admin"], timeout=30, trust_env=False)

    def kill(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.desk.close()
        self._process.kill()
        self._process.wait(30)
        self._process.stdin.close()
        self._process.stdout.close()

    def approve(self, count: int) -> tuple[OrderId, ...]:
        fields = {
            "AccountId": self._id("SELECT Id FROM Account LIMIT 1"),
            "Pricebook2Id": self._id(PORTAL_BOOK),
            "EffectiveDate": "2026-11-22",
            "Status": "Approved",
            "Type": "SIM",
        }
        body = {"object": "Order", "fields": fields}
        return tuple(OrderId(self.desk.post("/agent", json=body).json()["id"]) for _ in range(count))

    def fault(self, **fault: object) -> None:
        assert self.desk.post("/faults", json=fault).status_code == 200

    def faults(self) -> list[object]:
        waiting: list[object] = self.desk.get("/faults").json()
        return waiting

    def _id(self, soql: str) -> str:
        return str(self.desk.get("/query", params={"q": soql}).json()["records"][0]["Id"])

    def _ports(self) -> Mapping[str, str]:
        """Return the ports of the last start, for those who know no others; any at the first."""
        if not self.ready:
            return {}
        return {"grpc": self.ready["grpc"].rpartition(":")[2]}


@attrs.frozen(kw_only=True)
class Past:
    """An org in which so many orders were approved, and the way there."""

    org: Org
    way: SalesforceOrg
    orders: tuple[OrderId, ...]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    org = Org(tmp_path_factory.mktemp("org"))
    yield Past(org=org, way=org_of(org.ready), orders=org.approve(EVENTS))
    org.kill()


class FailsAt:
    """A handler that fails at the event after *point* others, so many *times*."""

    def __init__(self, point: int, times: int = 2) -> None:
        self._left = times
        self._point = point
        self._seen: dict[Hint, int] = {}

    def __call__(self, hint: Hint) -> bool:
        number = self._seen.setdefault(hint, len(self._seen))
        fails = number == self._point and self._left > 0
        self._left -= fails
        return fails


def heard_of(past: Past, fails_at: int, *, address: str = "", batch: int = 100) -> list[OrderId]:
    """Follow the bus from its beginning until nothing more comes; return the orders as they were handled."""
    settings = attrs.evolve(
        bus_settings(past.org.ready), address=address or past.org.ready["grpc"], batch=batch
    )
    heard = Heard(fails=FailsAt(fails_at))
    store = MemoryStore(SystemClock())
    with following(follower(past.way, settings, heard=heard, store=store)):
        return orders_in(heard, past)


def orders_in(heard: Heard, past: Past) -> list[OrderId]:
    """Return the orders handled until the last one was."""
    found: list[OrderId] = []
    while not found or found[-1] != past.orders[-1]:
        hint = heard.next()
        assert isinstance(hint, ProvisionRequested)
        found.append(hint.order)
    return found


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_bus_kills_the_stream_at_every_point(past: Past, chunk: int) -> None:
    for point in range(chunk, EVENTS + 1, CHUNKS):
        past.org.fault(kind="break_stream", target=EVENT, skip=point)
        assert heard_of(past, fails_at=point) == list(past.orders)
        assert len(past.org.faults()) == int(point == EVENTS)
        past.org.desk.delete("/faults")


def test_the_bus_kills_the_stream_before_every_single_event(past: Past) -> None:
    """Every other event met by the bus breaks the stream: each connection brings one."""
    for place in range(EVENTS):
        past.org.fault(kind="break_stream", target=EVENT, skip=2 * place + 1)
    assert heard_of(past, fails_at=EVENTS // 2) == list(past.orders)
    assert len(past.org.faults()) == 1
    past.org.desk.delete("/faults")


def test_the_subscriber_dies_in_every_event_and_the_next_one_handles_it(past: Past) -> None:
    store = MemoryStore(SystemClock())
    found: list[OrderId] = []
    while len(found) < EVENTS:
        heard = Heard(fails=FailsAt(1, times=FOR_EVER))
        with following(follower(past.way, bus_settings(past.org.ready), heard=heard, store=store)):
            hint = heard.next()
            assert isinstance(hint, ProvisionRequested)
            found.append(hint.order)
            if len(found) < EVENTS:
                heard.wait_for_tries(2)
    assert found == list(past.orders)


class Relay:
    """A way to the bus that is cut after so many bytes from it, once."""

    def __init__(self, address: str, cut_after: int | None = None) -> None:
        host, _, port = address.rpartition(":")
        self._far = (host, int(port))
        self._left = cut_after
        self.carried = 0
        self.was_cut = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._ends: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for end in [self._listening, *self._ends]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._far)
                self._ends += [near, far]
                Thread(target=self._carry, args=(near, far), daemon=True).start()
                Thread(target=self._carry_back, args=(far, near), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK_OF_BYTES):
                sink.sendall(data)
        hang_up(sink)

    def _carry_back(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK_OF_BYTES):
                if self._left is not None and not self.was_cut:
                    data = data[: self._left]
                    self._left -= len(data)
                    self.was_cut = self._left == 0
                self.carried += len(data)
                sink.sendall(data)
                if self.was_cut and self._left == 0:
                    self._left = None
                    hang_up(sink)
                    hang_up(source)
                    return
        hang_up(sink)


def hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def relayed(address: str, cut_after: int | None = None) -> Iterator[Relay]:
    relay = Relay(address, cut_after)
    try:
        yield relay
    finally:
        relay.close()


def test_the_network_cuts_the_stream_anywhere_even_in_the_middle_of_a_frame(past: Past) -> None:
    address = past.org.ready["grpc"]
    with relayed(address) as whole:
        assert heard_of(past, fails_at=0, address=whole.address, batch=10) == list(past.orders)
        total = whole.carried
    for cut in range(CUTS):
        with relayed(address, 1 + total * cut // CUTS) as relay:
            found = heard_of(past, fails_at=2 * cut, address=relay.address, batch=10)
            assert found == list(past.orders), cut
            assert relay.was_cut


def test_the_org_is_killed_and_started_again_while_an_event_is_handled(tmp_path: Path) -> None:
    org = Org(tmp_path)
    past = Past(org=org, way=org_of(org.ready), orders=org.approve(EVENTS))
    handled: list[Hint] = []
    kills = set(KILLS)

    def kills_the_org(hint: Hint) -> bool:
        if hint not in handled:
            handled.append(hint)
        point = len(handled) - 1
        if point not in kills:
            return False
        kills.remove(point)
        org.kill()
        org.start()
        return True

    heard = Heard(fails=kills_the_org)
    with following(follower(past.way, attrs.evolve(bus_settings(org.ready), batch=7), heard=heard)):
        found = orders_in(heard, past)
    org.kill()
    assert list(dict.fromkeys(found)) == list(past.orders)
    assert kills == set()
