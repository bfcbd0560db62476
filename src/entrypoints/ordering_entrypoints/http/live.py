"""
Following an order live, as server-sent events (DESIGN 6, Live updates).

A client first gets what it missed from the event log, then what happens, each event under its cursor as id.
Events wait for a slow client in a short queue; one that falls behind is let go and resumes from its last
event, so that nothing is lost and nothing piles up here.
"""

from __future__ import annotations

import asyncio
import logging

from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from threading import Lock
from typing import Final

from litestar.concurrency import sync_to_thread
from litestar.middleware import ASGIMiddleware
from litestar.response import ServerSentEvent
from litestar.response.sse import ServerSentEventMessage
from litestar.serialization import encode_json
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ordering_core.application.ordering import Ordering
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import Cursor, CustomerId, OrderId
from ordering_core.domain.texts import Language
from ordering_core.domain.vocabulary import OrderType
from ordering_core.errors import OrderingError
from ordering_core.ports.live_updates import Subscription
from ordering_entrypoints.http.redaction import log_event
from ordering_entrypoints.http.settings import EventSettings
from ordering_entrypoints.wire import OrderEventView


LAST_CURSOR: Final = 2**63 - 1
"""No event has a larger cursor: logs on SQL number them with 64 bits."""

_MAILBOX: Final = "ordering_mailbox"
"""Where the mailbox stands in the state of a request."""

_LOG: Final = logging.getLogger(__name__)


class Mailbox:
    """Where events wait between the threads they come from and the one client they are for."""

    def __init__(self, *, size: int) -> None:
        """Hold at most *size* events; made inside the event loop that will read them."""
        self.overflowed = False
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[OrderEvent] = asyncio.Queue(size)
        self._lock = Lock()
        self._closed = False
        self._subscription: Subscription | None = None

    def fill(self, subscribe: Callable[[Callable[[OrderEvent], None]], Subscription]) -> None:
        """Have *subscribe* put events here; for a thread, which a client that goes does not interrupt."""
        subscription = subscribe(self.offer)
        with self._lock:
            self._subscription = subscription
            closed = self._closed
        if closed:
            subscription.close()

    def close(self) -> None:
        """Take no more events, now or when subscribing is done."""
        with self._lock:
            self._closed = True
            subscription = self._subscription
        if subscription is not None:
            subscription.close()

    def offer(self, event: OrderEvent) -> None:
        """Take *event*, from any thread, without waiting; afterwards it may have overflowed."""
        self._loop.call_soon_threadsafe(self._put, event)

    async def next(self, *, within: timedelta) -> OrderEvent | None:
        """Return the next event, or None after *within*."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                return await self._events.get()
        except TimeoutError:
            return None

    def _put(self, event: OrderEvent) -> None:
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self.overflowed = True


class LetGo(ASGIMiddleware):
    """Closes the mailbox of a request when it ends, however it ends: generators may be left as they are."""

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer one request."""
        try:
            await next_app(scope, receive, send)
        finally:
            mailbox: object = scope["state"].get(_MAILBOX)
            if isinstance(mailbox, Mailbox):
                mailbox.close()


class OrderFeed:
    """What one client follows: one order of its customer's, from a cursor on."""

    def __init__(
        self,
        ordering: Ordering,
        order: OrderId,
        *,
        customer: CustomerId,
        language: Language,
        settings: EventSettings,
    ) -> None:
        """Get ready to follow *order*, in sentences of *language*."""
        self._ordering = ordering
        self._order = order
        self._customer = customer
        self._language = language
        self._settings = settings

    async def open(self, state: dict[str, object], *, after: Cursor) -> ServerSentEvent:
        """
        Return the stream of everything after *after*, for the request of *state*; `LetGo` ends it.

        A cursor beyond the order's last event is none of this log's: a backup was restored. The last event is
        sent again then, so that the client knows where the order stands and has a cursor that counts.

        Raises:
            NotFound: There is no such order of this customer.

        """
        order = await sync_to_thread(self._ordering.order, self._order, customer=self._customer)
        mailbox = Mailbox(size=self._settings.queue)
        state[_MAILBOX] = mailbox
        if after > order.cursor and not await self._happened_since(Cursor(after - 1)):
            after = Cursor(max(order.cursor - 1, 0))
        return ServerSentEvent(self._messages(mailbox, order.order_type, after))

    async def _messages(
        self, mailbox: Mailbox, order_type: OrderType, after: Cursor
    ) -> AsyncGenerator[ServerSentEventMessage, None]:
        wait = int(self._settings.reconnect.total_seconds() * 1000)
        yield ServerSentEventMessage(data=None, comment="following", retry=wait)
        try:
            async for event in self._events(mailbox, after):
                if event is None:
                    yield ServerSentEventMessage(data=None, comment="still here")
                else:
                    view = OrderEventView.of(event, order_type, language=self._language)
                    yield ServerSentEventMessage(data=encode_json(view), id=view.cursor)
        except OrderingError as error:  # too late for a problem: the client comes back, and then gets one
            log_event(_LOG, logging.WARNING, "live updates broke off", {"error": type(error).__name__})

    async def _events(self, mailbox: Mailbox, after: Cursor) -> AsyncGenerator[OrderEvent | None, None]:
        """Yield what was missed, then what happens, None after a silence; end when too much is waiting."""
        await sync_to_thread(mailbox.fill, self._subscribe)
        seen = after
        for event in await self._happened_since(after):
            yield event
            seen = event.cursor
        while not mailbox.overflowed:
            happened = await mailbox.next(within=self._settings.heartbeat)
            if happened is None:
                yield None
            elif happened.cursor > seen:
                yield happened
                seen = happened.cursor
        log_event(_LOG, logging.INFO, "a slow client was let go", {})

    async def _happened_since(self, after: Cursor) -> tuple[OrderEvent, ...]:
        return await sync_to_thread(self._ordering.watch, self._order, customer=self._customer, after=after)

    def _subscribe(self, notify: Callable[[OrderEvent], None]) -> Subscription:
        return self._ordering.subscribe(self._order, notify, customer=self._customer)


class Patience(ASGIMiddleware):
    """Gives up on a client that does not take what it asked for: its connection would be held for ever."""

    def __init__(self, patience: timedelta) -> None:
        """Wait for *patience* each time something is sent."""
        self._seconds = patience.total_seconds()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer one request, or break it off."""
        gave_up = False

        async def impatiently(message: Message) -> None:
            nonlocal gave_up
            try:
                async with asyncio.timeout(self._seconds):
                    await send(message)
            except TimeoutError:
                gave_up = True
                raise

        try:
            await next_app(scope, receive, impatiently)
        except Exception:
            if not gave_up:
                raise
            log_event(_LOG, logging.INFO, "a client that takes nothing was let go", {})
