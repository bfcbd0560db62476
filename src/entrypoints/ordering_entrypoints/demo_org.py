"""
The sandbox's Salesforce org as a browser of its staff uses it: signed in, over the public REST API.

Nothing here is the adapter's: what the demo shows of the org is what another client finds there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final, Self, TypeAlias

import attrs
import httpx

from cattrs import Converter

from ordering_entrypoints.demo_client import Refusal
from ordering_entrypoints.demo_stand_in import SharedClock, StandIn
from ordering_entrypoints.sandboxes import Ready


MOMENT: Final = timedelta(seconds=1)
"""What a person's act takes at least: the org tells two changes of a record apart by their seconds."""

_DATA: Final = "/services/data/v66.0"
_STAFF: Final = {
    "consumer_key": "staff-screens",
    "consumer_secret": "staff-screens-secret",
    "username": "agent@sandbox.example",
}
"""The app that agents work in, and who they are there."""

_READER: Final = Converter()
_READER.register_structure_hook_func(lambda wanted: wanted is object, lambda value, _: value)

Row: TypeAlias = Mapping[str, object]
"""A record as SOQL answers, by the names of its fields."""


@attrs.frozen
class _Rows:
    records: list[dict[str, object]]


@attrs.frozen
class _Made:
    id: str


@attrs.frozen
class _Token:
    access_token: str


class DemoOrg(StandIn):
    """
    The org that *ready* tells of, in an agent's browser; as a context it is closed on leaving.

    Its clock goes with *clock*. Every method raises Refusal, with the org's own words, when it refuses, and
    Unusable when it is gone.
    """

    def __init__(self, ready: Ready, clock: SharedClock) -> None:
        super().__init__("Salesforce", ready, clock)
        self._token = ""

    def __enter__(self) -> Self:
        self._reached(lambda: self._admin.put("clients", json=_STAFF)).raise_for_status()
        super().__enter__()
        self._sign_in()
        return self

    def find(self, kind: str, *fields: str, where: Mapping[str, str | bool]) -> list[dict[str, object]]:
        """Return *fields* of the records of *kind* whose other fields are as *where* says, oldest first."""
        conditions = " AND ".join(f"{field} = {_literal(value)}" for field, value in where.items())
        soql = f"SELECT {', '.join(fields)} FROM {kind} WHERE {conditions} ORDER BY Id"  # noqa: S608 - it is no SQL
        answer: object = self._call("GET", "query", params={"q": soql}).json()
        return _READER.structure(answer, _Rows).records

    def insert(self, kind: str, fields: Row) -> str:
        """Make a record of *kind*, and return its id."""
        answer: object = self._call("POST", f"sobjects/{kind}", body=fields).json()
        return _READER.structure(answer, _Made).id

    def update(self, kind: str, record: str, fields: Row) -> None:
        """Change fields of the record, a moment after everything before."""
        self._clock.move_to(self._clock.now() + MOMENT)
        self._call("PATCH", f"sobjects/{kind}/{record}", body=fields)

    def _call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Row | None = None
    ) -> httpx.Response:
        """Call the REST API, and once more when the session was over."""

        def send() -> httpx.Response:
            login = {"Authorization": f"Bearer {self._token}"}
            return self._api.request(method, f"{_DATA}/{path}", params=params, json=body, headers=login)

        response = self._reached(send)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._sign_in()
            response = self._reached(send)
        return _accepted(response)

    def _sign_in(self) -> None:
        app = (_STAFF["consumer_key"], _STAFF["consumer_secret"])
        form = {"grant_type": "client_credentials"}
        answered = self._reached(lambda: self._api.post("/services/oauth2/token", data=form, auth=app))
        answer: object = _accepted(answered).json()
        self._token = _READER.structure(answer, _Token).access_token


def text_in(row: Row, field: str) -> str:
    """Return the text in *field* of *row*, empty when there is none."""
    value = row.get(field)
    return value if isinstance(value, str) else ""


def instant_text(at: datetime) -> str:
    """Return *at* as the API takes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _literal(value: str | bool) -> str:  # noqa: FBT001 - a value of a field
    """Return *value* as SOQL takes it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            escaped = value.replace("\\", "\\\\").replace("'", "\\'")
            return f"'{escaped}'"


def _accepted(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        raise Refusal(f"Salesforce: {response.request.method} {response.request.url.path}: {response.text}")
    return response
