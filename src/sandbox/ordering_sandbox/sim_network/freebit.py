"""
The form API of line orders: one field ``json`` in, ``resultCode`` and ``status`` out (reference 3.1).

Every answer has status 200; what was refused says so in its ``resultCode``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

from ordering_sandbox.faults import FaultKind
from ordering_sandbox.json_values import Json, JsonObject, NotJson, parse_object
from ordering_sandbox.sim_network.line_requests import optional
from ordering_sandbox.sim_network.lines import LineDesk
from ordering_sandbox.sim_network.refusals import LineRefusal
from ordering_sandbox.sim_network.site import Site
from ordering_sandbox.web import HttpRequest, HttpResponse


PREFIX: Final = "/emptool/api/"
_LOGIN: Final = "authOem/"
_DETAIL: Final = "mvno/getDetail/"
_EXPIRY: Final = frozenset({FaultKind.EXPIRE_TOKEN})

_FUNCTIONS: Final[Mapping[str, Callable[[LineDesk, JsonObject], Json]]] = MappingProxyType(
    {
        "mvno/esim/addAcnt/": LineDesk.open_esim,
        "mvno/semiblack/addAcnt/": LineDesk.open_card,
        "mvno/talkoption/addOrder/": LineDesk.set_options,
        "mvno/talkoption/changeOrder/": LineDesk.set_options,
        "master/cnclAcnt/": LineDesk.end,
        _DETAIL: LineDesk.detail,
    }
)


class LineApi:
    """Answers the form API of one site."""

    def __init__(self, site: Site) -> None:
        """Answer for *site*."""
        self._site = site

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; a path that does not end with a slash is not known."""
        path = request.path.removeprefix(PREFIX)
        known = path == _LOGIN or (
            path in _FUNCTIONS and (path != _DETAIL or self._site.switches.status_query)
        )
        if not known or not request.path.startswith(PREFIX):
            return HttpResponse.of_html(404, "<html><body>Not Found</body></html>")
        if request.method != "POST":
            return HttpResponse.of_html(405, "<html><body>Method Not Allowed</body></html>")
        try:
            answered = self._answered(path, request)
        except LineRefusal as refusal:
            return self._said("400", refusal.status_code, refusal.message)
        return self._said("100", "200", "OK", answered)

    def _answered(self, path: str, request: HttpRequest) -> JsonObject:
        record = _record(request)
        with self._site.open() as (state, now):
            if path == _LOGIN:
                key = state.keys.issue(
                    optional(record, "oemId"),
                    optional(record, "oemKey"),
                    now=now,
                    seconds=self._site.switches.key_seconds,
                )
                if key is None:
                    raise LineRefusal("401")
                return {"authKey": key}
            if self._site.faults.for_request(request, _EXPIRY):
                state.keys.issued.clear()
            if not state.keys.holds(optional(record, "authKey"), now):
                raise LineRefusal("401")
            desk = LineDesk(network=state.network, switches=self._site.switches, now=now)
            answered = _FUNCTIONS[path](desk, record)
            return answered if isinstance(answered, Mapping) else {}

    def _said(
        self, result: str, status: str, message: str, answered: JsonObject | None = None
    ) -> HttpResponse:
        code: Json = int(result) if self._site.switches.numeric_codes else result
        said: Json = {"statusCode": status, "message": message}
        return HttpResponse.of_json(200, {"resultCode": code, "status": said, **(answered or {})})


def _record(request: HttpRequest) -> JsonObject:
    """
    Return the object in the form field ``json``.

    Raises:
        LineRefusal: There is none.

    """
    texts = [value for name, value in _fields(request) if name == "json"]
    try:
        return parse_object(texts[-1])
    except (IndexError, NotJson):
        raise LineRefusal("400", "json") from None


def _fields(request: HttpRequest) -> Iterator[tuple[str, str]]:
    if request.content_type == "application/x-www-form-urlencoded":
        yield from parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    elif request.content_type == "multipart/form-data":
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode("latin-1")
        for part in message_from_bytes(head + request.body).walk():
            name, payload = (
                part.get_param("name", header="content-disposition"),
                part.get_payload(decode=True),
            )
            if isinstance(name, str) and isinstance(payload, bytes):
                yield name, payload.decode("utf-8", "replace")
