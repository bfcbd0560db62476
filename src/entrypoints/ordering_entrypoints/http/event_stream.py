"""An answer that goes on until its client is gone: parts are sent as they come, each as it is."""

from __future__ import annotations

import asyncio
import itertools

from collections.abc import Callable, Coroutine, Iterable
from typing import Final, TypeAlias

from litestar import Litestar, Request
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures.cookie import Cookie
from litestar.datastructures.state import State
from litestar.enums import MediaType
from litestar.response import Stream
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send, TypeEncodersMap

from ordering_entrypoints.http.patience import Watch
from ordering_entrypoints.http.principals import Principal


Write: TypeAlias = Callable[[Send], Coroutine[None, None, None]]
"""Sends the parts of a body, and the end of it if it ever comes."""

MEDIA_TYPE: Final = "text/event-stream"

LEAVE: Final = "ordering_leave"
"""Where the state of a request has what is to be called when it ends, however it ends."""

_WRITE: Final = "ordering_write"
"""Where the state of a request has what is still to be written."""


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
        """Begin the answer, and leave the rest to `go_on`."""
        await self.start_response(send)
        scope["state"][_WRITE] = self._write


async def go_on(state: dict[str, object], receive: Receive, send: Send, seconds: float) -> None:
    """
    Write the stream that answers the request of *state*, if one does, until nobody reads it any more.

    Everything further in has done its work by then and is gone: the memory of all that it took to answer the
    request would be held as long as the stream, and each part would pass through it. A client that takes no
    part for *seconds* is given up.
    """
    write: Write | None = state.pop(_WRITE, None)  # type: ignore[assignment]  # nobody else puts it there
    if write is None:
        return
    watch = Watch(send, seconds)
    watch.guard_this_task()
    listening = asyncio.create_task(_until_gone(receive))
    listening.add_done_callback(watch.break_off)
    try:
        await write(watch.send)
    except asyncio.CancelledError:
        if not watch.ended_it():
            raise
    finally:
        watch.end()
        listening.cancel()


def leave(state: dict[str, object]) -> None:
    """Do what the request of *state* left to do when it ends."""
    leaving: Callable[[], None] | None = state.pop(LEAVE, None)  # type: ignore[assignment]  # as above
    if leaving is not None:
        leaving()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
