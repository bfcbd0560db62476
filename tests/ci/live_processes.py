"""
The other processes of a test of live updates: many clients of one order, and who lets things happen to it.

Run as a module, with what to do as JSON on its standard input; it answers in lines of JSON. Times are of the
clock that all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys

from collections import defaultdict
from time import monotonic
from typing import Final

import attrs

from ordering_adapters.clock import SystemClock
from ordering_adapters.storage import SqlStore, open_engine
from ordering_core.testing.contracts import samples


AT_ONCE: Final = 100
"""Clients that are on their way in at a time, so that none is refused."""

COMES_BACK: Final = 0.1
"""Seconds after which a client whose connection broke comes back."""

TAKEN: Final = b"HTTP/1.1 200"
EVENT: Final = re.compile(rb"id: (\d+)\r\ndata: \{[^\r]*\}\r\n\r\n")
"""An event on a stream, whole."""


@attrs.frozen(kw_only=True)
class Following:
    """Many clients that follow *path* after one event and until another, each at one of *ports* at a time."""

    ports: list[int]
    path: str
    token: str
    clients: int
    until: int
    after: int = 0


@attrs.frozen(kw_only=True)
class Writing:
    """What happens to orders of *database*: one event a transaction."""

    database: str


def say(**said: object) -> None:
    sys.stdout.write(f"{json.dumps(said)}\n")
    sys.stdout.flush()


class Crowd:
    """All the clients, and what became of them."""

    def __init__(self, following: Following) -> None:
        self.following = following
        self.reconnects = 0
        self.refused: list[str] = []
        self.arrived: defaultdict[int, list[float]] = defaultdict(list)
        self._coming = asyncio.Semaphore(AT_ONCE)
        self._clients: list[Client] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def follow(self) -> None:
        """Let all come in, say so, and say what each has seen when the last event has reached them all."""
        self._clients = [Client(self, number) for number in range(self.following.clients)]
        began = monotonic()
        for client in self._clients:
            await self.come_in(client)
        for client in self._clients:
            await client.follows.wait()
        say(following=len(self._clients), seconds=monotonic() - began)
        for client in self._clients:
            await client.done
        sequences: defaultdict[tuple[int, ...], int] = defaultdict(int)
        for client in self._clients:
            sequences[tuple(client.seen)] += 1
        say(
            sequences=[[list(seen), count] for seen, count in sequences.items()],
            reconnects=self.reconnects,
            refused=self.refused,
            arrived={cursor: sorted(times) for cursor, times in self.arrived.items()},
        )

    async def come_in(self, client: Client) -> None:
        """Connect *client*, to the next port if one does not answer."""
        await self._coming.acquire()
        loop = asyncio.get_running_loop()
        while True:
            ports = self.following.ports
            client.attempt += 1
            try:
                await loop.create_connection(lambda: client, "127.0.0.1", ports[client.attempt % len(ports)])
            except OSError:
                await asyncio.sleep(COMES_BACK)
            else:
                return

    def is_in(self) -> None:
        """Let the next one come."""
        self._coming.release()

    async def come_back(self, client: Client) -> None:
        """Connect *client* again, after a moment."""
        self.reconnects += 1
        await asyncio.sleep(COMES_BACK)
        await self.come_in(client)


class Client(asyncio.Protocol):
    """One client; it remembers which events it has seen, and resumes after the last."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self.seen: list[int] = []
        self.attempt = number
        self.follows = asyncio.Event()
        self.done = asyncio.get_running_loop().create_future()
        self._crowd = crowd
        self._unread = b""
        self._is_in = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        following = self._crowd.following
        self._transport, self._unread, self._is_in = transport, b"", False
        lines = [
            f"GET {following.path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {following.token}",
            f"Last-Event-ID: {self.seen[-1] if self.seen else following.after}",
        ]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        now = monotonic()
        self._unread += data
        if not self._is_in and b": following" in self._unread:
            self._come_in()
            if not self._unread.startswith(TAKEN):
                self._crowd.refused.append(self._unread[:200].decode(errors="replace"))
        if not self._is_in and len(self._unread) > len(TAKEN) and not self._unread.startswith(TAKEN):
            assert self._transport is not None
            self._transport.close()  # nothing follows what is no stream
        end = 0
        for event in EVENT.finditer(self._unread):
            cursor, end = int(event[1]), event.end()
            self.seen.append(cursor)
            self._crowd.arrived[cursor].append(now)
            if cursor >= self._crowd.following.until and not self.done.done():
                self.done.set_result(None)
        self._unread = self._unread[end:]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._is_in:
            self._crowd.refused.append(self._unread[:200].decode(errors="replace"))
            self._come_in()
        if not self.done.done():
            task = asyncio.ensure_future(self._crowd.come_back(self))
            self._crowd.tasks.add(task)
            task.add_done_callback(self._crowd.tasks.discard)

    def _come_in(self) -> None:
        self._is_in = True
        self._crowd.is_in()
        self.follows.set()


def write(writing: Writing) -> None:
    """Let happen what each line says: how often, to which order, and how long the events are."""
    store = SqlStore(open_engine(writing.database), SystemClock())
    say(ready=True)
    for line in sys.stdin:
        wanted = json.loads(line)
        committed: list[list[float]] = []
        for number in range(wanted["times"]):
            with store.transaction() as tx:
                detail = f"{number}".rjust(wanted["size"], ".")
                event = tx.events.append(samples.event(wanted["order"], detail=detail))
            committed.append([event.cursor, monotonic()])
        say(committed=committed)


def main() -> None:
    """Do what the first line says."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    wanted = json.loads(sys.stdin.readline())
    if "ports" in wanted:
        asyncio.run(Crowd(Following(**wanted)).follow())
    else:
        write(Writing(**wanted))


if __name__ == "__main__":
    main()
