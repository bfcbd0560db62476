"""
The answers of the API: JSON that is written once, and what an answer has beside its body.

That may be a Location, a Link, or a time to wait.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Final, TypeVar

import msgspec

from litestar import Litestar, Request, Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks
from litestar.datastructures.cookie import Cookie
from litestar.datastructures.headers import MutableScopeHeaders
from litestar.datastructures.state import State
from litestar.enums import MediaType
from litestar.response.base import ASGIResponse
from litestar.serialization import default_serializer
from litestar.types import Receive, Scope, Send, TypeEncodersMap

from ordering_core.application.views import Submitted
from ordering_entrypoints.http.auth import ApiRequest
from ordering_entrypoints.http.links import location, next_page
from ordering_entrypoints.http.principals import Principal
from ordering_entrypoints.wire import CheckoutSessionView, SubmittedView


_ViewT = TypeVar("_ViewT")

_SESSIONS = "checkout-sessions"

_ENCODER: Final = msgspec.json.Encoder(enc_hook=default_serializer)

_WITHOUT_BODY: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class Answer(Response[_ViewT]):
    """A view as JSON; the framework's own response finds out with every request what is always the same."""

    __slots__ = ()

    def to_asgi_response(
        self,
        app: Litestar | None,
        request: Request[Principal, None, State],
        *,
        background: BackgroundTask | BackgroundTasks | None = None,
        cookies: Iterable[Cookie] | None = None,
        encoded_headers: Iterable[tuple[bytes, bytes]] | None = None,
        headers: dict[str, str] | None = None,
        is_head_response: bool = False,
        media_type: MediaType | str | None = None,
        status_code: int | None = None,
        type_encoders: TypeEncodersMap | None = None,
    ) -> ASGIResponse:
        """Return the answer, as the framework asks for it; what a host adds to it is the framework's."""
        if background or self.background or cookies or self.cookies or encoded_headers or is_head_response:
            return super().to_asgi_response(  # pyright: ignore[reportUnknownMemberType]  # of any request
                app,
                request,
                background=background,
                cookies=cookies,
                encoded_headers=encoded_headers,
                headers=headers,
                is_head_response=is_head_response,
                media_type=media_type,
                status_code=status_code,
                type_encoders=type_encoders,
            )
        return _Written(
            self.status_code or status_code or HTTPStatus.OK.value,
            {**(headers or {}), **self.headers},
            self.content,
        )


class _Written(ASGIResponse):
    __slots__ = ()

    def __init__(self, status: int, headers: dict[str, str], content: object) -> None:
        written = [(_name(name), value.encode("latin-1")) for name, value in headers.items()]
        self.body = b""
        if status not in _WITHOUT_BODY:
            self.body = _ENCODER.encode(content)
            written.append((b"content-type", b"application/json"))
            written.append((b"content-length", b"%d" % len(self.body)))
        self.headers = MutableScopeHeaders({"headers": written})
        self.status_code = status
        self.background = None
        self.content_length = len(self.body)
        self.encoding = "utf-8"
        self.is_head_response = False
        self._encoded_cookies = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as the framework calls it
        """Send it."""
        headers = self.headers.headers
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


@lru_cache
def _name(header: str) -> bytes:
    return header.lower().encode("latin-1")


def created(request: ApiRequest, session: CheckoutSessionView) -> Answer[CheckoutSessionView]:
    """Answer with a new session and where it is."""
    return Answer(session, headers={"Location": location(request, _SESSIONS, _SESSIONS, session.id)})


def submitted(request: ApiRequest, outcome: Submitted) -> Answer[SubmittedView]:
    """Answer 201 with where the new order is, 200 for one submitted before, 202 while it is being placed."""
    view = SubmittedView.of(outcome)
    if outcome.order is None:
        wait = str(int(outcome.retry_after.total_seconds()) if outcome.retry_after else 1)
        return Answer(view, status_code=202, headers={"Retry-After": wait})
    place = location(request, _SESSIONS, "orders", outcome.order)
    return Answer(view, status_code=200 if outcome.repeated else 201, headers={"Location": place})


def paged(request: ApiRequest, view: _ViewT, *, after: str | int | None) -> Answer[_ViewT]:
    """Answer with a page, and a Link to the one after *after*, if there is one."""
    return Answer(view, headers={"Link": next_page(request, after=after)} if after else {})
