"""Giving up on a client that does not take what it asked for: its connection would be held for ever."""

from __future__ import annotations

import asyncio
import logging

from datetime import timedelta
from typing import Final

from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ordering_entrypoints.http.redaction import log_event


_LOG: Final = logging.getLogger(__name__)


class Patience(ASGIMiddleware):
    """Breaks off a request whose client takes nothing for too long."""

    def __init__(self, patience: timedelta) -> None:
        """Wait for *patience* each time something is sent."""
        self._seconds = patience.total_seconds()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer one request, or break it off."""
        limit = asyncio.timeout(None)
        watch = Watch(send, limit, self._seconds)
        try:
            async with limit:
                await next_app(scope, receive, watch.send)
        except TimeoutError:
            if not limit.expired():
                raise
            log_event(_LOG, logging.INFO, "a client that takes nothing was let go", {})
        finally:
            watch.end()


class Watch:
    """
    Sends, and notices when that takes too long.

    Streams send often and hardly ever wait, so no alarm is set for each message: one alarm rings when the
    first could be late, and is set again only if something is still on its way then.
    """

    __slots__ = ("_alarm", "_begun", "_is_over", "_limit", "_seconds", "_send")

    def __init__(self, send: Send, limit: asyncio.Timeout, seconds: float) -> None:
        """End *limit* when *send* takes *seconds* for one message."""
        self._send = send
        self._limit = limit
        self._seconds = seconds
        self._is_over = False
        self._begun: float | None = None
        self._alarm: asyncio.TimerHandle | None = None

    async def send(self, message: Message) -> None:
        """Send *message*, however long it takes."""
        loop = asyncio.get_running_loop()
        self._begun = loop.time()
        if self._alarm is None:
            self._alarm = loop.call_later(self._seconds, self._ring, loop)
        try:
            await self._send(message)
        finally:
            self._begun = None

    def break_off(self, _why: object = None) -> None:
        """End the limit now, unless all is over."""
        if not self._is_over:
            self._limit.reschedule(0)

    def end(self) -> None:
        """Let nothing ring any more."""
        self._is_over = True
        if self._alarm is not None:
            self._alarm.cancel()

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._alarm = None
        if self._begun is None:
            return
        late = self._begun + self._seconds
        if loop.time() >= late:
            self.break_off()
        else:
            self._alarm = loop.call_at(late, self._ring, loop)
