"""Handing events to followers in this process, after they were kept and outside every lock of the store."""

from __future__ import annotations

import logging

from collections import deque
from collections.abc import Callable, Iterable
from threading import Lock, RLock

from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import OrderId
from ordering_core.ports.live_updates import LiveUpdates, Subscription


_log = logging.getLogger(__name__)


class MemorySubscription(Subscription):
    """One follower; once closed it is never called again, not even by a thread that was about to."""

    def __init__(
        self,
        order: OrderId | None,
        notify: Callable[[OrderEvent], None],
        forget: Callable[[MemorySubscription], None],
    ) -> None:
        self._order = order
        self._notify = notify
        self._forget = forget
        self._lock = RLock()  # a follower may close its own subscription while it is called
        self._open = True

    def offer(self, event: OrderEvent) -> None:
        """Call the follower, if it wants *event*; what it raises is its own affair."""
        if self._order not in {None, event.order}:
            return
        with self._lock:
            if self._open:
                try:
                    self._notify(event)
                except Exception as error:  # noqa: BLE001 - one follower's failure must not reach the others
                    _log.warning("a follower failed: %(error)s", {"error": type(error).__name__})

    def close(self) -> None:
        with self._lock:
            self._open = False
        self._forget(self)


class MemoryLiveUpdates(LiveUpdates):
    """Followers in memory; the store posts what it keeps, and whoever is free delivers, in order."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._delivering = Lock()
        self._outbox: deque[OrderEvent] = deque()
        self._subscriptions: list[MemorySubscription] = []

    def subscribe(self, order: OrderId | None, notify: Callable[[OrderEvent], None], /) -> MemorySubscription:
        subscription = MemorySubscription(order, notify, self._forget)
        with self._lock:
            self._subscriptions.append(subscription)
        return subscription

    def post(self, events: Iterable[OrderEvent], /) -> None:
        """Take *events* in the order in which they were kept; called by the store under its lock."""
        self._outbox.extend(events)

    def deliver(self) -> None:
        """Hand over what was posted, unless another thread is doing so: it then delivers this as well."""
        while self._outbox and self._delivering.acquire(blocking=False):
            try:
                while self._outbox:
                    event = self._outbox.popleft()
                    with self._lock:
                        followers = tuple(self._subscriptions)
                    for follower in followers:
                        follower.offer(event)
            finally:
                self._delivering.release()

    def _forget(self, subscription: MemorySubscription) -> None:
        with self._lock:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)
