"""The calls inside a composite: read, checked, and their references put in."""

from __future__ import annotations

import re

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from ordering_sandbox.json_values import Json, JsonObject, NotJson, text_of
from ordering_sandbox.salesforce.api.messages import ApiCall, object_in, objects_in
from ordering_sandbox.salesforce.api.references import (
    invalid_reference_id,
    is_reference_id,
    referred_names,
    resolve,
    resolve_text,
)
from ordering_sandbox.salesforce.errors import refuse, unreadable


_METHODS: Final = frozenset({"POST", "PUT", "PATCH", "GET", "DELETE"})
_PATH: Final = re.compile(r"/services/data/v\d+\.\d/")
_FORBIDDEN_HEADERS: Final = frozenset({"accept", "authorization", "content-type"})
_MOST_CALLS: Final = 25
_MOST_QUERIES: Final = 5


@attrs.frozen(kw_only=True)
class Subrequest:
    """One call of a composite, with its references still in it."""

    method: str
    url: str
    name: str
    body: Json = attrs.field(default=None, repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)

    @property
    def refers_to(self) -> frozenset[str]:
        """The names of the calls it refers to."""
        return frozenset((*referred_names(self.url), *referred_names(self.body)))

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts of its path after the version."""
        return segments_of(urlsplit(self.url).path)

    @property
    def counted(self) -> bool:
        """Whether it is one of the few queries and collections that a composite may hold."""
        return self.segments[0] in ("query", "queryAll") or self.segments[:2] == ("composite", "sobjects")

    def call(self, answers: Mapping[str, Json]) -> ApiCall:
        """
        Return the call, with what its references point to in *answers*.

        Raises:
            Refusal: PROCESSING_HALTED, or a resource that composites do not offer.

        """
        parts = urlsplit(resolve_text(self.url, answers))
        segments = segments_of(parts.path)
        offered = segments[:1] in (("sobjects",), ("query",), ("queryAll",)) or self.counted
        if not offered or segments[-1] == "VersionData":
            raise refuse(
                400, "INVALID_INPUT", f"The url {parts.path} is not supported in a composite request"
            )
        return ApiCall(
            method=self.method,
            segments=segments,
            parameters=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=self.headers,
            body=resolve(self.body, answers),
        )


def segments_of(path: str) -> tuple[str, ...]:
    """Return the parts of a path after ``/services/data/vXX.X``, decoded; a slash at the end is nothing."""
    return tuple(unquote(part) for part in path.split("/")[4:] if part)


def read_subrequests(value: Json) -> list[Subrequest]:
    """
    Read the calls of a composite.

    Raises:
        Refusal: One of them is wrong; then none is run.

    """
    records = objects_in(value)
    if not records:
        raise refuse(400, "INVALID_INPUT", "compositeRequest is required and cannot be empty")
    if len(records) > _MOST_CALLS:
        message = f"Limit exceeded: the composite request can contain up to {_MOST_CALLS} subrequests"
        raise refuse(400, "LIMIT_EXCEEDED", message)
    calls = [_read(record) for record in records]
    if sum(call.counted for call in calls) > _MOST_QUERIES:
        message = f"Limit exceeded: up to {_MOST_QUERIES} subrequests can be queries or sObject Collections"
        raise refuse(400, "LIMIT_EXCEEDED", message)
    names = [call.name for call in calls]
    for name in names:
        if names.count(name) > 1:
            raise unreadable(f"Provided referenceId ('{name}') is not unique.")
    return calls


def _read(record: JsonObject) -> Subrequest:
    try:
        method, url, name = (text_of(record, field) for field in ("method", "url", "referenceId"))
    except NotJson as error:
        raise unreadable(error.message) from None
    if not is_reference_id(name):
        raise unreadable(invalid_reference_id(name))
    if method not in _METHODS:
        raise refuse(400, "INVALID_INPUT", f"HTTP method '{method}' is not supported")
    if not _PATH.match(url):
        raise refuse(400, "INVALID_INPUT", f"The url {url} has to start with /services/data/vXX.X/")
    return Subrequest(
        method=method,
        url=url,
        name=name,
        body=record.get("body"),
        headers=_headers(record.get("httpHeaders")),
    )


def _headers(value: Json) -> Mapping[str, str]:
    given: JsonObject = {} if value is None else object_in(value)
    headers = {name.casefold(): str(text) for name, text in given.items()}
    if forbidden := headers.keys() & _FORBIDDEN_HEADERS:
        raise refuse(400, "INVALID_INPUT", f"Header {min(forbidden)} cannot be set in a subrequest")
    return headers
