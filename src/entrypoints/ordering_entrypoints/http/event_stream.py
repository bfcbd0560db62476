"""An answer that goes on until its client is gone: parts are sent as they come, each as it is."""

from __future__ import annotations

import asyncio
import itertools
import logging

from collections.abc import Callable, Coroutine, Iterable
from datetime import timedelta
from typing import Final, TypeAlias

from litestar import Litestar, Request
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures.cookie import Cookie
from litestar.datastructures.state import State
from litestar.enums import MediaType
from litestar.middleware import ASGIMiddleware
from litestar.response import Stream
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send, TypeEncodersMap

from ordering_entrypoints.http.patience import Watch
from ordering_entrypoints.http.principals import Principal
from ordering_entrypoints.http.redaction import log_event


Write: TypeAlias = Callable[[Send], Coroutine[None, None, None]]
"""Sends the parts of a body, and the end of it if it ever comes."""

MEDIA_TYPE: Final = "text/event-stream"

LEAVE: Final = "ordering_leave"
"""Where the state of a request has what is to be called when it ends, however it ends."""

_WRITE: Final = "ordering_write"
"""Where the state of a request has what is still to be written."""

_LOG: Final = logging.getLogger(__name__)


class EventStream(Stream):
    """
    Server-sent events that were encoded before.

    The framework's own would encode each event again for each client, and hold twice the memory for it.
    """

    __slots__ = ("write",)

    def __init__(self, write: Write) -> None:
        """Let *write* send the events."""
        headers = {"Cache-Control": "no-cache", "Connection": "keep-alive", "X-Accel-Buffering": "no"}
        super().__init__((), media_type=MEDIA_TYPE, headers=headers)
        self.write = write

    def to_asgi_response(
        self,
        app: Litestar | None,  # noqa: ARG002 - what it takes is the framework's to say
        request: Request[Principal, None, State],  # noqa: ARG002
        *,
        background: BackgroundTask | BackgroundTasks | None = None,
        cookies: Iterable[Cookie] | None = None,
        encoded_headers: Iterable[tuple[bytes, bytes]] | None = None,
        headers: dict[str, str] | None = None,
        is_head_response: bool = False,
        media_type: MediaType | str | None = None,  # noqa: ARG002
        status_code: int | None = None,
        type_encoders: TypeEncodersMap | None = None,  # noqa: ARG002
    ) -> _Answer:
        """Return the answer, as the framework asks for it."""
        return _Answer(
            self.write,
            background=background,
            cookies=itertools.chain(self.cookies, cookies or ()),
            encoded_headers=encoded_headers,
            headers={**(headers or {}), **self.headers},
            is_head_response=is_head_response,
            status_code=status_code,
        )


class _Answer(ASGIResponse):
    __slots__ = ("_write",)

    _should_set_content_length = False  # nobody knows how much will come

    def __init__(
        self,
        write: Write,
        *,
        background: BackgroundTask | BackgroundTasks | None,
        cookies: Iterable[Cookie],
        encoded_headers: Iterable[tuple[bytes, bytes]] | None,
        headers: dict[str, str],
        is_head_response: bool,
        status_code: int | None,
    ) -> None:
        super().__init__(
            background=background,
            cookies=cookies,
            encoded_headers=encoded_headers,
            headers=headers,
            is_head_response=is_head_response,
            media_type=MEDIA_TYPE,
            status_code=status_code,
        )
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as the framework calls it
        """Begin the answer, and leave the rest to `GoesOn`."""
        await self.start_response(send)
        scope["state"][_WRITE] = self._write


class GoesOn(ASGIMiddleware):
    """
    Writes streams when everything further in has done its work and is gone.

    The memory of all that it took to answer the request would be held as long as the stream, and each part
    would pass through it: this middleware comes first.
    """

    def __init__(self, patience: timedelta) -> None:
        """Give up a client that takes no part for *patience*."""
        self._seconds = patience.total_seconds()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer one request, and go on with it if its answer is a stream."""
        state = scope["state"]
        try:
            await next_app(scope, receive, send)
            write: Write | None = state.pop(_WRITE, None)
            if write is not None:
                await self._go_on(write, receive, send)
        finally:
            leave: Callable[[], None] | None = state.pop(LEAVE, None)
            if leave is not None:
                leave()

    async def _go_on(self, write: Write, receive: Receive, send: Send) -> None:
        """Write until there is nothing more to write, or nobody to write to, or nobody who reads it."""
        limit = asyncio.timeout(None)
        watch = Watch(send, limit, self._seconds)
        listening = asyncio.create_task(_until_gone(receive))
        listening.add_done_callback(watch.break_off)
        try:
            async with limit:
                await write(watch.send)
        except TimeoutError:
            if not limit.expired():
                raise
            if not listening.done():
                log_event(_LOG, logging.INFO, "a client that takes nothing was let go", {})
        finally:
            watch.end()
            listening.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
