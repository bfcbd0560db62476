"""One id and one log line for every request."""

from __future__ import annotations

import logging
import re

from collections.abc import Callable
from time import perf_counter
from typing import Final

from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ordering_entrypoints.http.machinery import Answered
from ordering_entrypoints.http.principals import Principal
from ordering_entrypoints.http.redaction import REQUEST_ID, REQUEST_ID_HEADER, log_event


_LOG: Final = logging.getLogger(__name__)

# Any other text could be somebody's phone number, and it would be logged.
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class RequestLog(ASGIMiddleware):
    """
    Gives every request an id and writes one line when it is answered.

    A caller's own id is kept if it is a UUID. The line has the route's pattern and not the path: whoever
    knows the id of an anonymous checkout session may change it, so it is not for logs.
    """

    def __init__(self, new_id: Callable[[], str], answered: Answered) -> None:
        """
        Make ids with *new_id*, and tell *answered* of every request.

        Both are functions, for objects are copied when their router is mounted.
        """
        self._new_id = new_id
        self._answered = answered

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        given = Headers.from_scope(scope).get(REQUEST_ID_HEADER, "")
        request_id = given if _UUID.fullmatch(given) else self._new_id()
        REQUEST_ID.set(request_id)
        began = perf_counter()
        status = 500

        async def labelled(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableScopeHeaders.from_message(message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            await next_app(scope, receive, labelled)
        except HTTPException as error:  # of a middleware further in: answered further out
            status = error.status_code
            raise
        finally:
            seconds = perf_counter() - began
            self._answered(scope["method"], scope["path_template"], status, seconds)
            who: object = dict(scope).get("user")  # none when it was answered before the gate
            log_event(
                _LOG,
                logging.INFO,
                "request answered",
                {
                    "method": scope["method"],
                    "route": scope["path_template"],
                    "principal": who.kind if isinstance(who, Principal) else None,
                    "status": status,
                    "duration_ms": round(seconds * 1000, 1),
                },
            )
