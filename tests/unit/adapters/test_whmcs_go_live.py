"""What a go-live asks WHMCS: client by client for a few, all at once for many, and the same answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import httpx
import pytest

from ordering_adapters.whmcs import WhmcsApi, WhmcsProducts, WhmcsSettings
from ordering_adapters.whmcs.go_live import BELIEVED, FEW, MOST_ROWS, WhmcsServicesBefore
from ordering_core.domain.identifiers import ClientId
from ordering_core.testing.clocks import ManualClock


PAGE = 100
SERVICES = "GetClientsProducts"
CLIENTS = "GetClients"


class Installation:
    """Clients 1 to *clients*; every second one has as many services as the rest of its number by three."""

    def __init__(self, clients: int) -> None:
        self.clients = list(range(1, clients + 1))
        self.services: list[dict[str, object]] = []
        for client in self.clients[::2]:
            for _ in range(1 + client % 3):
                self.add(client)
        self.called: Counter[str] = Counter()
        self.refuses = ""
        self.totals = True
        self.hidden = 0
        self.clock = ManualClock(datetime(2026, 6, 3, 3, tzinfo=UTC))
        settings = WhmcsSettings(url="https://billing.example", identifier="i", secret="s", page_size=PAGE)
        self.api = WhmcsApi(settings, self.clock)
        self.api._client = httpx.Client(base_url=settings.base, transport=httpx.MockTransport(self._answer))
        self.before = WhmcsServicesBefore(self.api, WhmcsProducts(self.api))

    def add(self, client: int) -> None:
        made = {"id": str(len(self.services) + 1), "clientid": str(client), "pid": "202", "orderid": "1"}
        self.services.append({**made, "status": "Active", "billingcycle": "Monthly", "customfields": ""})

    def of(self, client: int) -> list[str]:
        return [str(row["id"]) for row in self.services if row["clientid"] == str(client)]

    def told(self, client: int) -> list[str] | None:
        found = self.before.services(ClientId(client))
        return None if found is None else [str(service.id) for service in found]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = dict(httpx.QueryParams(request.content.decode()))
        action = asked["action"]
        self.called[action] += 1
        if action == self.refuses:
            said = {"result": "error", "message": f'Invalid Permissions: API action "{action}"'}
            return httpx.Response(403, json=said)
        if action == SERVICES:
            known = [
                row for row in self.services if asked.get("clientid", row["clientid"]) == row["clientid"]
            ]
            return self._page(asked, "products", "product", known)
        if action == CLIENTS:
            return self._page(asked, "clients", "client", [{"id": client} for client in self.clients])
        if action == "GetClientsDetails" and int(asked["clientid"]) not in self.clients:
            return httpx.Response(200, json={"result": "error", "message": "Client Not Found"})
        answers: Mapping[str, object] = {"products": {"product": [{"pid": 202, "customfields": ""}]}}
        return httpx.Response(200, json={"result": "success", **answers})

    def _page(
        self, asked: Mapping[str, str], container: str, item: str, known: Sequence[object]
    ) -> httpx.Response:
        start = int(asked.get("limitstart", "0"))
        page = known[start : start + int(asked["limitnum"])]
        more = 0 if "clientid" in asked else self.hidden
        total = {"totalresults": len(known) + more} if self.totals else {}
        return httpx.Response(200, json={"result": "success", **total, container: {item: page}})

    @property
    def calls(self) -> int:
        return sum(self.called.values())


def assert_right(whmcs: Installation, clients: Sequence[int]) -> None:
    for client in clients:
        assert whmcs.told(client) == (whmcs.of(client) if client in whmcs.clients else None)


def test_a_few_clients_are_asked_about_one_by_one() -> None:
    whmcs = Installation(1000)
    assert_right(whmcs, range(1, 2 * 8, 2))
    assert whmcs.called == {SERVICES: 8}


def test_a_thousand_clients_take_no_thousand_calls() -> None:
    whmcs = Installation(1000)
    assert_right(whmcs, [*whmcs.clients, 5001, 5002])
    pages = len(whmcs.services) / (PAGE - 1) + len(whmcs.clients) / (PAGE - 1)
    assert whmcs.calls < 2 * pages + FEW
    assert whmcs.calls < 70
    assert whmcs.called["GetClientsDetails"] <= FEW + 2, "those that no list knows, and those before it"


def test_a_client_is_asked_about_while_that_costs_less_than_reading_everything() -> None:
    whmcs = Installation(8000)
    assert_right(whmcs, range(1, 2 * 90, 2))
    assert whmcs.called[CLIENTS] == 1, "they are counted, and not read"
    assert whmcs.called[SERVICES] == 90 + 1


@pytest.mark.parametrize("refused", [CLIENTS, ""])
@pytest.mark.parametrize(
    "problem",
    ["", "no totals", "a service of nobody", "rows that are counted and not shown", "too many"],
)
def test_what_cannot_be_read_at_once_is_asked_about_one_by_one(refused: str, problem: str) -> None:
    whmcs = Installation(80)
    whmcs.refuses = refused
    whmcs.totals = problem != "no totals"
    whmcs.hidden = 1 if problem == "rows that are counted and not shown" else 0
    if problem == "a service of nobody":
        whmcs.services.append({**whmcs.services[0], "id": "9999", "clientid": ""})
    if problem == "too many":
        whmcs.clients += range(10_000, 10_000 + MOST_ROWS)
    assert_right(whmcs, range(1, 81))
    one_by_one = bool(refused or problem)
    assert (whmcs.called["GetClientsDetails"] == 40) is one_by_one
    assert whmcs.called[CLIENTS] <= 3


def test_what_was_read_at_once_is_read_again_after_a_while() -> None:
    whmcs = Installation(200)
    assert_right(whmcs, whmcs.clients)
    listed = whmcs.calls
    whmcs.add(2)
    whmcs.clock.advance(BELIEVED)
    assert whmcs.told(2) == []
    assert whmcs.calls == listed
    whmcs.clock.advance(BELIEVED / 100)
    assert_right(whmcs, whmcs.clients)
    assert whmcs.told(2) == whmcs.of(2) != []
