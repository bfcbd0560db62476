"""
Handing committed events to followers, whichever process wrote them: one reader, however many follow.

The reader asks whether anybody has committed (`storage.news`), and reads the event log only then. Events come
in the order of the log, which is that of commits.
"""

from __future__ import annotations

import logging

from collections.abc import Callable
from threading import Event, Lock, RLock, Thread, current_thread
from typing import Final

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from ordering_adapters.storage import schema
from ordering_adapters.storage.events import AFTER, read_event
from ordering_adapters.storage.news import READ_AGAIN, news
from ordering_adapters.storage.patience import READING
from ordering_adapters.storage.prepared import Found
from ordering_adapters.storage.statements import failures, reason
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.errors import PortError
from ordering_core.ports.live_updates import LiveUpdates, Subscription


INTERVAL: Final = 0.05
"""Seconds between two looks at whether anything was committed, or whether to stop listening."""

PAGE: Final = 500
"""Events read at once."""

_log = logging.getLogger(__name__)


class SqlSubscription(Subscription):
    """One follower; once closed it is never called again, not even by a reader that was about to."""

    def __init__(
        self, notify: Callable[[OrderEvent], None], forget: Callable[[SqlSubscription], None]
    ) -> None:
        self._notify = notify
        self._forget = forget
        self._lock = RLock()  # a follower may close its own subscription while it is called
        self._open = True

    def offer(self, event: OrderEvent) -> None:
        """Call the follower; what it raises is its own affair."""
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


class SqlLiveUpdates(LiveUpdates):
    """Live updates of the database behind *engine*; the first follower starts the reader."""

    def __init__(self, engine: Engine, *, interval: float = INTERVAL) -> None:
        """Look every *interval* seconds."""
        self._engine = engine
        self._interval = interval
        self._pause = interval
        self._lock = Lock()
        self._followers: dict[OrderId | None, list[SqlSubscription]] = {}
        self._reader: Thread | None = None
        self._place = Cursor(0)
        self._closing = Event()

    def subscribe(self, order: OrderId | None, notify: Callable[[OrderEvent], None], /) -> SqlSubscription:
        """
        As the port says.

        Raises:
            RuntimeError: `close` was called.

            Unavailable: The event log cannot be reached.

        """

        def forget(gone: SqlSubscription) -> None:
            with self._lock:
                followers = self._followers.get(order, [])
                if gone in followers:
                    followers.remove(gone)
                if not followers:
                    self._followers.pop(order, None)

        subscription = SqlSubscription(notify, forget)
        with self._lock:
            if self._closing.is_set():
                raise RuntimeError("the live updates are closed")
            if self._reader is None:
                self._place = self._end_of_log()
                self._reader = Thread(target=self._read, name="ordering live updates", daemon=True)
                self._reader.start()
            self._followers.setdefault(order, []).append(subscription)
        return subscription

    def close(self) -> None:
        """Let the reader end and wait for it; nobody is called afterwards. Closing twice changes nothing."""
        with self._lock:
            self._closing.set()
            reader = self._reader
        if reader is not None and reader is not current_thread():
            reader.join()

    def _end_of_log(self) -> Cursor:
        with failures(), self._connect() as connection:
            return Cursor(connection.scalar(select(func.max(schema.events.c.cursor))) or 0)

    def _connect(self) -> Connection:
        return self._engine.connect().execution_options(**{READING: True})

    def _read(self) -> None:
        """Follow the log until closed; one that cannot be read is tried again."""
        while not self._closing.is_set():
            try:
                with self._connect() as connection:
                    self._follow(connection)
            except SQLAlchemyError as error:
                _log.warning("the event log cannot be read now: %(error)s", {"error": reason(error)})
                self._closing.wait(self._pause)
                self._pause = min(2 * self._pause, READ_AGAIN)

    def _follow(self, connection: Connection) -> None:
        has_news = news(connection, self._interval, self._closing)
        while not self._closing.is_set():
            if has_news():
                self._catch_up(connection)
                self._pause = self._interval

    def _catch_up(self, connection: Connection) -> None:
        while rows := connection.execute(AFTER, {"place": self._place, "most": PAGE}).mappings().all():
            for row in (Found(**each) for each in rows):
                if self._closing.is_set():
                    return
                try:
                    self._offer(read_event(row))
                except PortError as error:
                    _log.warning(
                        "event %(cursor)s cannot be read: %(error)s",
                        {"cursor": row.cursor, "error": type(error).__name__},
                    )
                self._place = Cursor(row.cursor)

    def _offer(self, event: OrderEvent) -> None:
        with self._lock:
            followers = (*self._followers.get(event.order, ()), *self._followers.get(None, ()))
        for follower in followers:
            follower.offer(event)
