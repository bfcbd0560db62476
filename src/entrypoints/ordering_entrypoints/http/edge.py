"""
What is done around every request.

From the outside to the inside: a stream goes on when everything else is gone; an id, and a line in the log;
patience with the client. It is one middleware, for each one costs every request and every message of its
answer.
"""

from __future__ import annotations

import asyncio

from collections.abc import Awaitable
from datetime import timedelta
from http import HTTPStatus
from time import perf_counter

from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from ordering_entrypoints.http.access import label, log_request, named
from ordering_entrypoints.http.event_stream import go_on, leave
from ordering_entrypoints.http.machinery import Answered
from ordering_entrypoints.http.patience import Watch


class Edge:
    """The middleware of the API's router."""

    def __init__(self, answered: Answered, patience: timedelta) -> None:
        """
        Tell *answered* of requests, and let a client go after *patience*.

        The first is a function, for objects are copied when their router is mounted.
        """
        self._answered = answered
        self._seconds = patience.total_seconds()

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """Return what answers a request by *app*, as the framework asks for it."""

        async def around(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            state = scope["state"]
            try:
                await self._answer(app, scope, receive, send)
                await go_on(state, receive, send, self._seconds)
            finally:
                leave(state)

        return around

    async def _answer(self, app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request; a stream is answered when it begins."""
        request_id = named(scope)
        watch = Watch(send, self._seconds)
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR
        began = perf_counter()

        def labelled(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                label(message, request_id)
            return watch.send(message)

        try:
            await app(scope, receive, labelled)
        except asyncio.CancelledError:
            if not watch.ended_it():
                raise
        except HTTPException as error:  # of a middleware further in: answered further out
            status = error.status_code
            raise
        finally:
            watch.end()
            seconds = perf_counter() - began
            self._answered(scope["method"], scope["path_template"], status, seconds)
            log_request(scope, status, seconds)
