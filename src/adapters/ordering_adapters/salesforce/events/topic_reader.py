"""
One topic from where we left it: each event handled, then written down as handled, in the order of the bus.

An event whose handling fails is handled again, after a while, until it succeeds: none is passed over. A
stream that breaks, or falls silent, is opened again behind the last event that was handled. A place that
the bus no longer knows means that events may have been missed: everything is reconciled, then the topic is
read from the earliest event that is kept (reference 4.3).
"""

from __future__ import annotations

import logging

from collections.abc import Callable
from threading import Event as Flag
from threading import Lock
from time import monotonic
from typing import Final

from ordering_adapters.salesforce.events.bus import BusFault, EventBus, Stream
from ordering_adapters.salesforce.events.hints import AnythingChanged, Hint, hint_in
from ordering_adapters.salesforce.events.lease import Lease
from ordering_adapters.salesforce.events.messages import Event, FetchResponse
from ordering_adapters.salesforce.events.pacing import Pacing
from ordering_adapters.salesforce.events.payloads import Payloads, Unreadable
from ordering_adapters.salesforce.events.settings import BusSettings
from ordering_adapters.salesforce.fields import Names
from ordering_core.errors import PortError
from ordering_core.ports.store import Store


PREFIX: Final = "salesforce-events:"
"""How the checkpoints begin; the topic follows."""

_PASSING: Final = frozenset({"CANCELLED", "UNAUTHENTICATED", "UNAVAILABLE"})
"""How a stream ends in the course of things: a token too old, a server restarted."""

_log: Final = logging.getLogger(__name__)


class Superseded(Exception):
    """Somebody else follows the bus now."""


class TopicReader:
    """Reads one topic in one thread, until it is told that it is over."""

    def __init__(
        self,
        topic: str,
        *,
        bus: EventBus,
        store: Store,
        lease: Lease,
        handle: Callable[[Hint], None],
        names: Names,
        settings: BusSettings,
    ) -> None:
        """Hand what events on *topic* hint at to *handle*."""
        self._topic = topic
        self._bus = bus
        self._store = store
        self._lease = lease
        self._handle = handle
        self._names = names
        self._settings = settings
        self._payloads = Payloads(bus.schema)
        self._pacing = Pacing(settings.first_delay, settings.longest_delay)
        self._over = Flag()
        self._lock = Lock()
        self._stream: Stream | None = None
        self._waiting_since: float | None = None

    def run(self) -> None:
        """Read until `end` is called; nothing that goes wrong ends it before."""
        while not self._over.is_set():
            delay = self._followed()
            self._over.wait(self._pacing.delay() if delay is None else delay)

    def end(self) -> None:
        """Let `run` return, from whatever thread; an event in hand may be handled once more by others."""
        self._over.set()
        self._break_off()

    def check(self) -> None:
        """Break off a stream that has been silent for too long: it is dead, whatever the network says."""
        since = self._waiting_since
        if since is not None and monotonic() - since > self._settings.silence.total_seconds():
            self._waiting_since = None
            _log.warning("no word on %(topic)s for too long; it is opened again", {"topic": self._topic})
            self._break_off()

    def _followed(self) -> float | None:
        """Follow one stream to its end; return how long to wait then, None for the usual delay."""
        try:
            self._follow()
        except Superseded:
            self._over.set()
        except BusFault as fault:
            return self._after(fault)
        except Exception as error:  # noqa: BLE001 - whatever it is, the topic has to be read on
            _log.warning("reading %(topic)s failed: %(error)s", {"topic": self._topic, "error": _told(error)})
        return None

    def _after(self, fault: BusFault) -> float | None:
        if self._over.is_set():
            return 0.0
        level = logging.INFO if fault.status in _PASSING else logging.WARNING
        _log.log(
            level, "the stream of %(topic)s ended: %(error)s", {"topic": self._topic, "error": str(fault)}
        )
        if fault.used_up:
            return self._settings.quiet_for.total_seconds()
        if fault.lost_place:
            self._begin_again()
        return None

    def _begin_again(self) -> None:
        """Reconcile, for events were missed, and only then forget the place that the bus does not know."""
        try:
            if self._place() is not None and self._is_handled(
                AnythingChanged("the place on the bus is lost")
            ):
                self._reached(b"")
        except Superseded:
            self._over.set()
        except Exception as error:  # noqa: BLE001 - whatever it is, the topic has to be read on
            _log.warning(
                "%(topic)s cannot begin again: %(error)s", {"topic": self._topic, "error": _told(error)}
            )

    def _follow(self) -> None:
        """Open a stream behind the last event that was handled, and handle what comes."""
        batch = self._settings.batch
        stream = self._opened(batch)
        outstanding = batch
        try:
            self._waiting_since = monotonic()
            for response in stream:
                self._waiting_since = None
                self._pacing.succeeded()
                if not self._took(response):
                    return
                outstanding -= len(response.events)
                if outstanding <= batch // 2:
                    stream.ask(batch - outstanding)
                    outstanding = batch
                self._waiting_since = monotonic()
        finally:
            self._waiting_since = None
            stream.end()

    def _opened(self, batch: int) -> Stream:
        stream = self._bus.subscribe(self._topic, self._place(), batch)
        with self._lock:
            self._stream = stream
        if self._over.is_set():  # `end` may have come before there was a stream to end
            stream.end()
        return stream

    def _break_off(self) -> None:
        with self._lock:
            if self._stream is not None:
                self._stream.end()

    def _took(self, response: FetchResponse) -> bool:
        """Handle everything in *response*; return whether there is to be more."""
        for event in response.events:
            if not self._is_handled(self._hint(event)):
                return False
            self._reached(event.replay_id)
        if not response.events and response.latest:
            # Nothing is unhandled here, so that what the bus has come to is what we have come to.
            self._reached(response.latest)
        return True

    def _hint(self, event: Event) -> Hint:
        try:
            said, fields = self._payloads.read(event)
        except Unreadable as error:
            return AnythingChanged(f"an event cannot be read ({error})")
        return hint_in(self._topic, event, said, fields, self._names)

    def _is_handled(self, hint: Hint) -> bool:
        """Handle *hint*, again and again until it succeeds; return False if it is over before."""
        pacing = Pacing(self._settings.first_delay, self._settings.longest_delay)
        if isinstance(hint, AnythingChanged):
            _log.warning(
                "on %(topic)s: %(reason)s; everything is reconciled",
                {"topic": self._topic, "reason": hint.why},
            )
        while not self._over.is_set():
            try:
                self._handle(hint)
            except Exception as error:  # noqa: BLE001 - whatever it is, the event must not be passed over
                _log.warning(
                    "an event on %(topic)s is handled again: %(error)s",
                    {"topic": self._topic, "error": _told(error)},
                )
                self._over.wait(pacing.delay())
            else:
                return True
        return False

    def _place(self) -> bytes | None:
        with self._store.transaction() as tx:
            place = tx.checkpoints.get(PREFIX + self._topic)
        return bytes.fromhex(place) if place else None

    def _reached(self, replay_id: bytes) -> None:
        """Write down that everything up to *replay_id* is handled. Raises Superseded."""
        with self._store.transaction() as tx:
            if not self._lease.is_ours(tx):
                raise Superseded
            tx.checkpoints.set(PREFIX + self._topic, replay_id.hex())


def _told(error: Exception) -> str:
    """Return what of *error* may be told: port errors name no person, any other might."""
    return str(error) if isinstance(error, PortError) else type(error).__name__
