"""
One order followed by many: one subscription, one encoding of each event, one wake-up of the event loop.

Everybody here who follows an order shares what it costs to follow it. What a client needs of its own is a
mailbox: a short queue of messages that are already encoded, the same bytes for everybody.
"""

from __future__ import annotations

import asyncio

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.domain.texts import Language
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.live_updates import Subscription
from ordering_entrypoints.wire import OrderEventView


if TYPE_CHECKING:
    from litestar.types import HTTPResponseBodyEvent


class Frame(NamedTuple):
    """An event as a stream carries it, and its cursor."""

    cursor: Cursor
    message: HTTPResponseBodyEvent


def part(text: bytes) -> HTTPResponseBodyEvent:
    """Return the message that sends *text* as one part of a stream."""
    return {"type": "http.response.body", "body": text, "more_body": True}


def frame_of(event: OrderEvent, order_type: OrderType, language: Language) -> Frame:
    """Return *event* of an order of *order_type*, in words of *language*."""
    from litestar.serialization import encode_json  # noqa: PLC0415 - slow to load, and workers stream nothing

    data = encode_json(OrderEventView.of(event, order_type, language=language))
    return Frame(event.cursor, part(b"id: %d\r\ndata: %b\r\n\r\n" % (event.cursor, data)))


class Mailbox:
    """Where the events of one order wait for one client. It belongs to the event loop it was made in."""

    __slots__ = ("_size", "_waiter", "_waiting", "closed", "ended", "language", "loop", "order", "overflowed")

    def __init__(self, order: OrderId, *, language: Language, size: int) -> None:
        """Hold at most *size* events of *order*, in words of *language*."""
        self.order = order
        self.language = language
        self.loop = asyncio.get_running_loop()
        self.overflowed = False
        self.ended = False
        self.closed = False
        self._size = size
        self._waiting: deque[Frame] | None = None  # most clients wait for nothing most of the time
        self._waiter: asyncio.Future[None] | None = None

    def put(self, frame: Frame) -> None:
        """Take *frame*; afterwards the mailbox may have overflowed."""
        if self._waiting is None:
            self._waiting = deque()
        if len(self._waiting) >= self._size:
            self.overflowed = True
        else:
            self._waiting.append(frame)
        self._wake()

    def end(self) -> None:
        """Take nothing more: whoever waits for events has to wait elsewhere."""
        self.ended = True
        self._wake()

    async def next(self, *, within: timedelta) -> Frame | None:
        """Return the next event, or None after *within*."""
        if not self._waiting and not self.ended:
            self._waiter = self.loop.create_future()
            alarm = self.loop.call_later(within.total_seconds(), self._wake)
            try:
                await self._waiter
            finally:
                self._waiter = None
                alarm.cancel()
        if not self._waiting:
            return None
        frame = self._waiting.popleft()
        if not self._waiting:
            self._waiting = None
        return frame

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Followed(NamedTuple):
    """An order that is followed: of which service it is, and what ends it."""

    order_type: OrderType
    subscription: Subscription


Follow: TypeAlias = Callable[[Callable[[OrderEvent], None]], Followed]
"""Has what it is given called with everything that happens to an order from now on."""


class _Channel:
    """Everybody who follows one order here, and what they share."""

    def __init__(self) -> None:
        self.mailboxes: dict[Mailbox, None] = {}  # in the order in which they came
        self.followed: Followed | None = None

    def adopt(self, followed: Followed) -> bool:
        """Share *followed*, unless others came first or all have gone; return whether it is shared."""
        if self.followed is not None or not self.mailboxes:
            return False
        self.followed = followed
        return True


class FanOut:
    """Hands each event of an order to everybody here who follows it."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._channels: dict[OrderId, _Channel] = {}
        self._is_closed = False
        self._lock: Final = Lock()

    @property
    def clients(self) -> int:
        """How many mailboxes there are."""
        with self._lock:
            return sum(len(channel.mailboxes) for channel in self._channels.values())

    def close(self) -> None:
        """End every mailbox, and each that comes: clients resume at another process."""
        with self._lock:
            self._is_closed = True
            mailboxes = [each for channel in self._channels.values() for each in channel.mailboxes]
        for mailbox in mailboxes:
            with suppress(RuntimeError):  # its loop is gone, and so is its client
                mailbox.loop.call_soon_threadsafe(mailbox.end)

    def join(self, mailbox: Mailbox, follow: Follow) -> OrderType:
        """
        Put every event of *mailbox*'s order into it from now on, and return of which service the order is.

        Only the first of an order has to *follow* it. For a thread, for that may wait; a mailbox that has
        left meanwhile is left alone. Whether the order is its client's is the caller's to check.
        """
        with self._lock:
            if self._is_closed:
                mailbox.ended = True
            channel = self._channels.get(mailbox.order) or _Channel()
            if not mailbox.closed:
                self._channels[mailbox.order] = channel
                channel.mailboxes[mailbox] = None
            if channel.followed is not None:
                return channel.followed.order_type
        followed = follow(lambda event: self._offer(channel, event))
        with self._lock:
            is_shared = channel.adopt(followed)
        if not is_shared:
            followed.subscription.close()
        return followed.order_type

    def leave(self, mailbox: Mailbox) -> None:
        """Put nothing more into *mailbox*; with the last mailbox of an order goes the subscription."""
        with self._lock:
            mailbox.closed = True
            channel = self._channels.get(mailbox.order)
            if channel is None or mailbox not in channel.mailboxes:
                return
            del channel.mailboxes[mailbox]
            if channel.mailboxes:
                return
            del self._channels[mailbox.order]
        if channel.followed is not None:
            channel.followed.subscription.close()

    def _offer(self, channel: _Channel, event: OrderEvent) -> None:
        """Take *event* from whichever thread it comes, and wake each event loop once."""
        with self._lock:
            loops = {mailbox.loop for mailbox in channel.mailboxes}
        for loop in loops:
            loop.call_soon_threadsafe(self._hand_out, channel, event, loop)

    def _hand_out(self, channel: _Channel, event: OrderEvent, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            followed = channel.followed
            mailboxes = tuple(mailbox for mailbox in channel.mailboxes if mailbox.loop is loop)
        if followed is None:  # nobody has begun to follow: each will read this event from the log
            return
        frames: dict[Language, Frame] = {}
        for mailbox in mailboxes:
            frame = frames.get(mailbox.language)
            if frame is None:
                frame = frames[mailbox.language] = frame_of(event, followed.order_type, mailbox.language)
            mailbox.put(frame)
