"""
Follows the event bus in threads of its own, for as long as it is this process's turn.

Every process of ours may run one: whoever holds the lease reads, the others look now and then whether it
is free.
"""

from __future__ import annotations

import logging

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from time import monotonic
from typing import Final
from uuid import uuid4

from ordering_adapters.salesforce.events.bus import EventBus
from ordering_adapters.salesforce.events.hints import Hint
from ordering_adapters.salesforce.events.lease import Lease
from ordering_adapters.salesforce.events.settings import BusSettings
from ordering_adapters.salesforce.events.topic_reader import TopicReader
from ordering_adapters.salesforce.fields import Names
from ordering_adapters.salesforce.tokens import TokenProvider
from ordering_adapters.salesforce.transport import Observe, unobserved
from ordering_core.errors import PortError
from ordering_core.ports.clock import Clock
from ordering_core.ports.store import Store


LAST_WORDS: Final = timedelta(seconds=5)
"""How long the handling of an event may still take once we are told to stop."""

_log: Final = logging.getLogger(__name__)


class EventSubscriber:
    """
    Hands what the bus hints at to *handle*, at least once, and never the next of a topic before.

    `start` and `stop` it, or give a thread to `run_until_stopped`.
    """

    def __init__(
        self,
        settings: BusSettings,
        tokens: TokenProvider,
        *,
        store: Store,
        clock: Clock,
        handle: Callable[[Hint], None],
        names: Names | None = None,
        observe: Observe = unobserved,
    ) -> None:
        """Nothing is sent, and no lease taken, before it runs; *observe* is told of calls (`EventBus`)."""
        self._observe = observe
        self._settings = settings
        self._tokens = tokens
        self._store = store
        self._handle = handle
        self._names = names or Names()
        self._lease = Lease(store, clock, holder=uuid4().hex, lasts=settings.lease_lasts)
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Follow the bus from now on. Raises RuntimeError if it does already."""
        if self._thread is not None:
            raise RuntimeError("the event bus is followed already")
        self._stopping.clear()
        self._thread = Thread(target=self.run_until_stopped, name="salesforce-events", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """
        Follow it no more; returns when the event in hand is handled and the lease is free.

        What takes too long for that is left to end by itself: its event comes again.
        """
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(LAST_WORDS.total_seconds())
            self._thread = None

    def run_until_stopped(self) -> None:
        """Follow the bus whenever it is our turn, until `stop` is called from another thread."""
        while not self._stopping.is_set():
            if self._is_ours():
                try:
                    self._follow()
                except Exception as error:  # noqa: BLE001 - whatever it is, somebody has to follow the bus
                    _log.warning(
                        "the event bus cannot be followed: %(error)s", {"error": type(error).__name__}
                    )
            self._stopping.wait(self._settings.look_every.total_seconds())

    def _follow(self) -> None:
        """Read every topic until the lease is lost, or we are to stop."""
        bus = EventBus(self._settings, self._tokens, observe=self._observe)
        readers = [self._reader(topic, bus) for topic in self._settings.topics]
        threads = [Thread(target=reader.run, name="salesforce-topic", daemon=True) for reader in readers]
        _log.info("following %(topic)s", {"topic": ", ".join(self._settings.topics)})
        for thread in threads:
            thread.start()
        try:
            self._watch(readers)
        finally:
            for reader in readers:
                reader.end()
            for thread in threads:
                thread.join()
            bus.close()
            self._let_go()

    def _watch(self, readers: list[TopicReader]) -> None:
        """Keep the lease, and an eye on silent streams."""
        lasts = self._settings.lease_lasts.total_seconds()
        ours_until = monotonic() + lasts
        while not self._stopping.wait(self._settings.renew_every.total_seconds()):
            begun = monotonic()
            renewed = self._is_ours()
            if renewed:
                ours_until = begun + lasts
            if renewed is False or monotonic() >= ours_until:
                _log.warning("another process follows the event bus now")
                return
            for reader in readers:
                reader.check()

    def _is_ours(self) -> bool | None:
        """Take or renew the lease; None when the store does not say whether it is ours."""
        try:
            return self._lease.take()
        except PortError as error:
            _log.warning("the lease of the event bus is not known: %(error)s", {"error": str(error)})
            return None

    def _let_go(self) -> None:
        try:
            self._lease.release()
        except PortError as error:
            _log.info("the lease of the event bus ends by itself: %(error)s", {"error": str(error)})

    def _reader(self, topic: str, bus: EventBus) -> TopicReader:
        return TopicReader(
            topic,
            bus=bus,
            store=self._store,
            lease=self._lease,
            handle=self._handle,
            names=self._names,
            settings=self._settings,
        )
