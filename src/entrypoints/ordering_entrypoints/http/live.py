"""
Following an order live, as server-sent events (DESIGN 6, Live updates).

A client first gets what it missed from the event log, then what happens, each event under its cursor as id.
Events wait for a slow client in a short queue; one that falls behind is let go and resumes from its last
event, so that nothing is lost and nothing piles up here.
"""

from __future__ import annotations

import logging

from collections.abc import Callable
from functools import partial
from typing import Final

from litestar.types import HTTPResponseBodyEvent, Send

from ordering_core.application.ordering import Ordering
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import Cursor, CustomerId, OrderId
from ordering_core.domain.texts import Language
from ordering_core.domain.vocabulary import OrderType
from ordering_core.errors import CursorTooOld
from ordering_entrypoints.http.event_stream import LEAVE, EventStream
from ordering_entrypoints.http.fan_out import FanOut, Followed, Mailbox, frame_of, part
from ordering_entrypoints.http.redaction import log_event
from ordering_entrypoints.http.settings import EventSettings
from ordering_entrypoints.http.threads import in_thread


LAST_CURSOR: Final = 2**63 - 1
"""No event has a larger cursor: logs on SQL number them with 64 bits."""

_STILL_HERE: Final = part(b": still here\r\n\r\n")
_END: Final[HTTPResponseBodyEvent] = {"type": "http.response.body", "body": b"", "more_body": False}

_LOG: Final = logging.getLogger(__name__)


class OrderFeed:
    """What one client follows: one order of its customer's, from a cursor on."""

    __slots__ = ("_customer", "_fan_out", "_language", "_order", "_ordering", "_settings")

    def __init__(
        self,
        ordering: Ordering,
        fan_out: FanOut,
        order: OrderId,
        *,
        customer: CustomerId,
        language: Language,
        settings: EventSettings,
    ) -> None:
        """Get ready to follow *order* with all the others of *fan_out*, in sentences of *language*."""
        self._ordering = ordering
        self._fan_out = fan_out
        self._order = order
        self._customer = customer
        self._language = language
        self._settings = settings

    async def open(self, state: dict[str, object], *, after: Cursor) -> EventStream:
        """
        Return the stream of everything after *after*, for the request of *state*, with which it ends.

        A cursor beyond the order's last event is none of this log's: a backup was restored. One may be so old
        that what followed it was forgotten. The last event is sent again then, so that the client knows where
        the order stands and has a cursor that counts.

        Raises:
            NotFound: There is no such order of this customer.

            Unavailable: The event log cannot be read now.

        """
        mailbox = Mailbox(self._order, language=self._language, size=self._settings.queue)
        state[LEAVE] = partial(self._fan_out.leave, mailbox)
        order_type, missed = await in_thread(self._begin)(mailbox, after)
        return EventStream(partial(self._write, mailbox, [*missed], order_type, after))

    def _begin(self, mailbox: Mailbox, after: Cursor) -> tuple[OrderType, tuple[OrderEvent, ...]]:
        """Follow from now on and return what happened before: what comes between is seen twice."""
        order_type = self._fan_out.join(mailbox, self._follow)
        # With the event at the cursor, if there is one: a log without it and what follows is another log.
        try:
            told = self._happened_since(max(after - 1, 0))
        except CursorTooOld:
            told = ()
        if after and not told:
            last = self._ordering.order(self._order, customer=self._customer).cursor
            return order_type, self._happened_since(max(last - 1, 0))
        return order_type, tuple(event for event in told if event.cursor > after)

    def _follow(self, notify: Callable[[OrderEvent], None]) -> Followed:
        order = self._ordering.order(self._order, customer=self._customer)
        subscription = self._ordering.subscribe(self._order, notify, customer=self._customer)
        return Followed(order.order_type, subscription)

    def _happened_since(self, after: int) -> tuple[OrderEvent, ...]:
        return self._ordering.watch(self._order, customer=self._customer, after=Cursor(after))

    async def _write(
        self, mailbox: Mailbox, missed: list[OrderEvent], order_type: OrderType, after: Cursor, send: Send
    ) -> None:
        """Send what was missed, then what happens, a comment in every silence; end when too much waits."""
        wait = int(self._settings.reconnect.total_seconds() * 1000)
        await send(part(b": following\r\nretry: %d\r\n\r\n" % wait))
        seen = min(after, missed[0].cursor - 1) if missed else after
        for event in missed:
            await send(frame_of(event, order_type, self._language).message)
            seen = event.cursor
        missed.clear()  # a stream is open for hours
        while not mailbox.overflowed and not mailbox.ended:
            frame = await mailbox.next(within=self._settings.heartbeat)
            if frame is None:
                if not mailbox.ended:
                    await send(_STILL_HERE)
            elif frame.cursor > seen:
                await send(frame.message)
                seen = frame.cursor
        if mailbox.overflowed:
            log_event(_LOG, logging.INFO, "a slow client was let go", {})
        await send(_END)
