"""
The HTTP side of a stand-in: whole requests go to a plain function in a thread, and faults strike around it.

A fault of the network is not an answer: the connection ends without one. Such a fault needs the connection,
which `DroppableProtocol` hands to the application.
"""

from __future__ import annotations

import asyncio

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import format_datetime
from typing import Final, TypeAlias, TypedDict

import attrs

from ordering_sandbox.calls import Call, CallLog
from ordering_sandbox.clock import machine_time
from ordering_sandbox.faults import Fault, FaultKind, Switchboard
from ordering_sandbox.web import HttpRequest, HttpResponse


class HttpScope(TypedDict):
    """What a server says of a request."""

    type: str
    method: str
    scheme: str
    path: str
    raw_path: bytes
    query_string: bytes
    headers: list[tuple[bytes, bytes]]
    state: dict[str, object]


Message: TypeAlias = MutableMapping[str, object]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Answer: TypeAlias = Callable[[HttpRequest], HttpResponse]
"""What answers a request; it may block."""

CallName: TypeAlias = Callable[[HttpRequest], str]
"""What the call log calls a request."""

_NETWORK: Final = frozenset(
    {
        FaultKind.LOST_BEFORE_COMMIT,
        FaultKind.LOST_AFTER_COMMIT,
        FaultKind.DELAY,
        FaultKind.SLOW_THEN_COMMITTED,
        FaultKind.DELIVERED_TWICE,
    }
)
_THREADS: Final = 16
_LINE_AND_ENDS: Final = 16


CONNECTION: Final = "ordering_sandbox.connection"
"""Where the server's state holds the `Connection` of a request."""


@attrs.frozen
class Connection:
    """The connection a request came by."""

    abort: Callable[[], None]


class HttpApplication:
    """An ASGI application around one function."""

    def __init__(
        self,
        answer: Answer,
        *,
        faults: Switchboard | None = None,
        calls: CallLog | None = None,
        name: CallName | None = None,
        now: Callable[[], datetime] = machine_time,
    ) -> None:
        """
        Serve *answer*, dated *now*.

        *faults* may lose or delay calls, *calls* counts them by *name* or by path.
        """
        self._answer = answer
        self._now = now
        self._name = name or _path
        self._faults = faults or Switchboard()
        self._calls = calls
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="sandbox")

    async def __call__(self, scope: HttpScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        request = await _read(scope, receive)
        faults = self._faults.for_request(request, _NETWORK)
        response = await self._performed(request, faults)
        size = 0 if response is None else len(response.body)
        if self._calls is not None:
            self._calls.add(
                Call(
                    method=request.method,
                    path=self._name(request),
                    status=0 if response is None else response.status,
                    bytes_in=request.head_size + len(request.body),
                    bytes_out=size,
                )
            )
        if response is None:
            _drop(scope)
        else:
            dated = attrs.evolve(response, headers={"Date": _http_date(self._now()), **response.headers})
            await _write(dated, send, head=request.method == "HEAD")

    async def _performed(self, request: HttpRequest, faults: Iterable[Fault]) -> HttpResponse | None:
        """Return the response, or None when it gets lost; *faults* say when and whether anything happens."""
        kinds = {fault.kind: fault for fault in faults}
        if FaultKind.SLOW_THEN_COMMITTED in kinds:
            await asyncio.sleep(kinds[FaultKind.SLOW_THEN_COMMITTED].seconds)
        if FaultKind.LOST_BEFORE_COMMIT in kinds:
            await asyncio.sleep(kinds[FaultKind.LOST_BEFORE_COMMIT].seconds)
            return None
        loop = asyncio.get_running_loop()
        if FaultKind.DELIVERED_TWICE in kinds:
            await loop.run_in_executor(self._threads, self._answer, request)
        response = await loop.run_in_executor(self._threads, self._answer, request)
        if FaultKind.DELAY in kinds:
            await asyncio.sleep(kinds[FaultKind.DELAY].seconds)
        if FaultKind.LOST_AFTER_COMMIT in kinds:
            await asyncio.sleep(kinds[FaultKind.LOST_AFTER_COMMIT].seconds)
            return None
        return response

    def close(self) -> None:
        """Let no further request begin."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _path(request: HttpRequest) -> str:
    return request.path


def _http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


async def _read(scope: HttpScope, receive: Receive) -> HttpRequest:
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    parts: list[bytes] = []
    while True:
        message = await receive()
        part = message.get("body", b"")
        if isinstance(part, bytes):
            parts.append(part)
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    headers = {name.lower(): value for name, value in pairs}
    raw_path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return HttpRequest(
        method=scope["method"],
        path=scope["path"],
        raw_path=raw_path,
        query=query,
        headers=headers,
        body=b"".join(parts),
        base_url=f"{scope['scheme']}://{headers.get('host', 'localhost')}",
        head_size=len(raw_path)
        + len(query)
        + _LINE_AND_ENDS
        + sum(len(name) + len(value) + 4 for name, value in pairs),
    )


async def _write(response: HttpResponse, send: Send, *, head: bool) -> None:
    headers = {**response.headers, "Content-Length": str(len(response.body))}
    if response.status in (204, 304):
        del headers["Content-Length"]
    await send(
        {
            "type": "http.response.start",
            "status": response.status,
            "headers": _raw_headers(headers),
        }
    )
    await send({"type": "http.response.body", "body": b"" if head else response.body})


def _raw_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _drop(scope: HttpScope) -> None:
    connection = scope["state"].get(CONNECTION)
    if isinstance(connection, Connection):
        connection.abort()
