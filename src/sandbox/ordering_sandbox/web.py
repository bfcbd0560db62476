"""One HTTP request and one HTTP response, as the stand-ins see them: complete, and without a connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self
from urllib.parse import parse_qsl

import attrs

from ordering_sandbox.json_values import Json, render_json


@attrs.frozen(kw_only=True)
class HttpRequest:
    """
    A request whose body has arrived.

    *path* is decoded, *raw_path* as it was sent, *query* raw, header names are in lower case, *base_url* is
    how the client reached us (scheme and host), *size* counts its line, headers and body.
    """

    method: str
    path: str
    raw_path: str
    query: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    body: bytes = attrs.field(default=b"", repr=False)
    base_url: str = ""
    head_size: int = 0

    @property
    def content_type(self) -> str:
        """The media type of the body, without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def query_values(self) -> Mapping[str, str]:
        """Return the query's parameters, the last of each name."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def form_values(self) -> Mapping[str, str]:
        """Return the body's form fields, the last of each name."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@attrs.frozen(kw_only=True)
class HttpResponse:
    """A response."""

    status: int
    body: bytes = attrs.field(default=b"", repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    @classmethod
    def of_json(cls, status: int, value: Json, headers: Mapping[str, str] | None = None) -> Self:
        """Answer with a JSON text."""
        kind = {"Content-Type": "application/json;charset=UTF-8"}
        return cls(status=status, body=render_json(value), headers={**kind, **(headers or {})})

    @classmethod
    def of_html(cls, status: int, text: str, headers: Mapping[str, str] | None = None) -> Self:
        """Answer with a page, as load balancers do."""
        kind = {"Content-Type": "text/html;charset=utf-8"}
        return cls(status=status, body=text.encode(), headers={**kind, **(headers or {})})
