"""An answer that goes on until its client is gone: parts are sent as they come, each as it is."""

from __future__ import annotations

import itertools

from asyncio import TaskGroup
from collections.abc import Callable, Coroutine, Iterable
from typing import Final, TypeAlias

from litestar import Litestar, Request
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures.cookie import Cookie
from litestar.datastructures.state import State
from litestar.enums import MediaType
from litestar.response import Stream
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send, TypeEncodersMap

from ordering_entrypoints.http.principals import Principal


Write: TypeAlias = Callable[[Send], Coroutine[None, None, None]]
"""Sends the parts of a body, and the end of it if it ever comes."""

MEDIA_TYPE: Final = "text/event-stream"


class EventStream(Stream):
    """
    Server-sent events that were encoded before.

    The framework's own would encode each event again for each client, and hold twice the memory for it.
    """

    __slots__ = ("_write",)

    def __init__(self, write: Write) -> None:
        """Let *write* send the events."""
        headers = {"Cache-Control": "no-cache", "Connection": "keep-alive", "X-Accel-Buffering": "no"}
        super().__init__((), media_type=MEDIA_TYPE, headers=headers)
        self._write = write

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
            self._write,
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

    async def send_body(self, send: Send, receive: Receive) -> None:
        """Write until there is nothing more to write or nobody to write to."""
        async with TaskGroup() as group:
            writing = group.create_task(self._write(send))
            while (await receive())["type"] != "http.disconnect":
                pass
            writing.cancel()
