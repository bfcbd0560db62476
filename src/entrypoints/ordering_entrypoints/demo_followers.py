"""Following orders live: one stream of server-sent events for each, read in a thread of its own."""

from __future__ import annotations

import json
import socket

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from threading import Condition, Thread
from typing import Final

import attrs
import httpx

from ordering_core.domain.identifiers import OrderId
from ordering_entrypoints.demo_client import READER


PATIENCE: Final = 10.0
"""Seconds to wait for an event that is known to have happened."""


@attrs.frozen(kw_only=True)
class Event:
    """Something that happened to an order, as the stream tells it."""

    cursor: int
    kind: str
    at: datetime
    state: str
    label: str
    detail: str


class Silence(Exception):
    """The stream does not tell what is known to have happened."""


class Follower:
    """Follows one order, as its page in a browser does."""

    def __init__(self, http: httpx.Client, token: str, order: OrderId) -> None:
        """Begin to follow *order* from its first event on."""
        self._http = http
        self._token = token
        self.order = order
        self._news = Condition()
        self._events: list[Event] = []
        self._last = 0
        self._socket: socket.socket | None = None
        self._thread = Thread(target=self._follow, name=f"follower of {order}", daemon=True)
        self._thread.start()

    def until(self, cursor: int) -> tuple[Event, ...]:
        """
        Return the events that came since the last call, once the one at *cursor* is among them or before.

        Raises:
            Silence: It does not come.

        """
        with self._news:
            if not self._news.wait_for(lambda: self._last >= cursor, PATIENCE):
                raise Silence(f"event {cursor} did not arrive within {PATIENCE:.0f} seconds")
            events = tuple(self._events)
            self._events.clear()
            return events

    def stop(self) -> None:
        """Hang up, as a browser does when its page is closed."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)

    def _follow(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "text/event-stream"}
        try:
            with self._http.stream("GET", f"orders/{self.order}/events", headers=headers) as response:
                self._socket = response.extensions["network_stream"].get_extra_info("socket")
                for event in _events(response.iter_lines()):
                    with self._news:
                        self._events.append(event)
                        self._last = event.cursor
                        self._news.notify_all()
        except httpx.HTTPError:
            return  # hung up; whoever waits for an event sees that it does not come


def _events(lines: Iterator[str]) -> Iterator[Event]:
    """Read server-sent events: the lines of data up to an empty line."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line.removeprefix("data:").strip())
        elif not line and data:
            body: object = json.loads("\n".join(data))
            yield READER.structure(body, Event)
            data.clear()
