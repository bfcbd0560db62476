"""What a running process tells of itself changes with what it does: its clients, its calls, what is left."""

import time

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from prometheus_client.parser import text_string_to_metric_families

from ordering_adapters.clock import SystemClock
from ordering_core.domain.identifiers import ClientId
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.http.tokens import issue_token
from ordering_entrypoints.metrics import Metrics
from ordering_entrypoints.sandboxes import environment
from ordering_entrypoints.settings import Settings
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.whmcs_installation import Installation
from tests.journeys.test_serve import serving
from tests.unit.application.shop import place
from tests.unit.entrypoints.api import TOKENS
from tests.unit.storage.restoring import working


PATIENCE = 60.0
"""Seconds that only a process which hangs exceeds."""


def figures(text: str, name: str, **labels: str) -> float:
    """Return the sum of the figures called *name* that have *labels*, 0 without any."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


@pytest.fixture
def served(tmp_path: Path, salesforce_process: SalesforceProcess) -> Iterator[tuple[str, str, str]]:
    """Serve an order to its customer beside an org; yield the address, the order, and their token."""
    salesforce_process.admin("POST", "reset")
    database = tmp_path / "ordering.db"
    with working(database) as world:
        customer = world.new_customer()
        order = place(world, customer)
    settings = {
        **environment({"salesforce": salesforce_process.ready}),
        "ORDERING_DATABASE": f"sqlite:///{database}",
        "ORDERING_TOKENS_ISSUER": TOKENS.issuer,
        "ORDERING_TOKENS_AUDIENCE": TOKENS.audience,
        "ORDERING_TOKENS_SECRET": TOKENS.secret or "",
        "ORDERING_HTTP_METRICS": "open",
    }
    with serving(**settings) as (_, address):
        yield address, order, issue_token(TOKENS, subject=customer, at=SystemClock().now())


def test_clients_that_follow_an_order_are_counted_as_they_come_and_go(
    served: tuple[str, str, str],
) -> None:
    address, order, token = served

    def clients() -> float:
        return figures(httpx.get(f"{address}/metrics").text, "ordering_live_clients")

    def following() -> httpx.Client:
        return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE)

    path = f"/api/orders/{order}/events"
    assert clients() == 0
    with following() as one, following() as two, one.stream("GET", path) as first:
        assert first.status_code == 200
        eventually(lambda: clients() == 1)
        with two.stream("GET", path):
            eventually(lambda: clients() == 2)
        two.close()
        eventually(lambda: clients() == 1)
    eventually(lambda: clients() == 0)


def test_calls_to_the_org_and_what_is_left_of_them_are_told(served: tuple[str, str, str]) -> None:
    address, _, _ = served

    def told(name: str, **labels: str) -> float:
        return figures(httpx.get(f"{address}/metrics").text, name, **labels)

    # The poll asks the org as soon as the process has begun.
    eventually(lambda: told("ordering_upstream_calls_total", system="salesforce", outcome="ok") > 0)
    eventually(lambda: told("ordering_salesforce_api_calls_used") > 0)
    assert told("ordering_salesforce_api_calls_allowed") > told("ordering_salesforce_api_calls_used")
    assert told("ordering_upstream_call_seconds_sum", system="salesforce") > 0


class TestInstallation(Installation):
    def test_calls_to_whmcs_are_counted_by_what_they_ask(self) -> None:
        metrics = Metrics()

        def called() -> float:
            text = metrics.text().decode()
            return figures(
                text, "ordering_upstream_calls_total", system="whmcs", operation="GetPayMethods", outcome="ok"
            )

        settings = Settings.from_env(environment({"whmcs": self.process.ready}))
        client: ClientId = self.new_client()
        with open_ordering(settings, observer=metrics) as ordering:
            assert called() == 0
            for calls in (1, 2):
                ordering.billing.payment_methods(client)
                assert called() == calls
