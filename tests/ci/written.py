"""What our own adapters write outside, seen on the wire to all three systems; reading is not writing."""

from __future__ import annotations

import json

from functools import wraps
from typing import Final
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx

from requests import PreparedRequest, Response, Session

from ordering_adapters.salesforce import SalesforceOrders
from ordering_adapters.salesforce.org import SalesforceOrg
from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_adapters.whmcs import WhmcsBilling
from ordering_core import Ordering
from tests.contract.sim_network_lines import STATUS_PATH


READING: Final = ("authOem/", STATUS_PATH)
"""The functions of the network that change nothing."""


@attrs.frozen
class Written:
    """The writing calls since the last `clear`, and how many calls there were of any kind, by system."""

    salesforce: list[str] = attrs.field(factory=list[str])
    whmcs: list[str] = attrs.field(factory=list[str])
    network: list[str] = attrs.field(factory=list[str])
    asked: list[str] = attrs.field(factory=list[str])

    def clear(self) -> None:
        for noted in (self.salesforce, self.whmcs, self.network, self.asked):
            noted.clear()

    @property
    def nothing(self) -> bool:
        return not (self.salesforce or self.whmcs or self.network)


def watch(ordering: Ordering) -> Written:
    """Return what *ordering*, which has not asked anybody yet, writes from now on."""
    assert isinstance(ordering.orders, SalesforceOrders)
    assert isinstance(ordering.billing, WhmcsBilling)
    assert isinstance(ordering.lines, FreebitLines)
    written = Written()
    _watch_org(ordering.orders._org, written)
    _watch_http(ordering.billing._api._client, written)
    _watch_http(ordering.lines._api.connection._client, written)
    return written


def _watch_org(org: SalesforceOrg, written: Written) -> None:
    make = org.transport.session

    @wraps(make)
    def session() -> Session:
        made = make()
        adapter = made.get_adapter("https://")
        send = adapter.send

        def noted(request: PreparedRequest, **how: object) -> Response:
            path = urlsplit(request.url or "").path
            if path.startswith("/services/data"):
                written.asked.append("salesforce")
                written.salesforce.extend(_writes_in(request, path))
            return send(request, **how)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - handed on as it came

        vars(adapter)["send"] = noted
        return made

    vars(org.transport)["session"] = session


def _writes_in(request: PreparedRequest, path: str) -> list[str]:
    """Return what *request* changes: the parts of a composite that do, or the call itself."""
    if not path.endswith("/composite"):
        return [] if request.method == "GET" else [f"{request.method} {path}"]
    assert isinstance(request.body, str | bytes)
    body = json.loads(request.body)
    parts: list[dict[str, str]] = body["compositeRequest"]
    return [f"{part['method']} {part['url']}" for part in parts if part["method"] != "GET"]


def _watch_http(client: httpx.Client, written: Written) -> None:
    def note(request: httpx.Request) -> None:
        action = parse_qs(request.content.decode("utf-8", "replace")).get("action")
        if action is not None:
            written.asked.append("whmcs")
            if not action[0].startswith("Get"):
                written.whmcs.append(action[0])
        else:
            written.asked.append("network")
            if not request.url.path.endswith(READING):
                written.network.append(request.url.path)

    hooks = client.event_hooks
    client.event_hooks = {"request": [*hooks["request"], note], "response": hooks["response"]}
