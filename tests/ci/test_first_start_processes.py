"""
[ci] The first start of `ordering serve` and `ordering worker` in an org that is in use: nothing is written.

500 approved orders stand in the org, none of them ours, put there by a file; somebody has touched each since
the go-live, so that the poll reads them all. Two systems start at once, one on each database, with the event
bus followed. All calls are counted where they arrive, those to the org part by part. One minute; the poll
comes every few seconds here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

import httpx
import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.storage import SqlStore, open_engine
from ordering_core import Fact, Rest, WaitFor
from ordering_core.application.own_orders import reconciled_at
from ordering_core.errors import PortError
from ordering_entrypoints.sandboxes import environment
from tests.ci.live_stage import serving
from tests.contract.postgres_database import Databases
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_lines import STATUS_PATH
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.stand_in import Row, StandIn
from tests.contract.whmcs_process import WhmcsProcess


OLD_ORDERS: Final = 500
CUSTOMERS: Final = 50
POLLS: Final = 2
"""How often everything is polled once more after every order is known."""

HANGS: Final = 900.0
"""Seconds after which nothing will come any more."""

LOOK: Final = 0.2
QUICK_WORKER: Final = """
import sys
from ordering_entrypoints import cli, worker
worker.POLL = "*/5 * * * * *"
worker.SWEEP = "*/5 * * * * *"
sys.exit(cli.main(["worker"]))
"""
"""`ordering worker` that polls and sweeps every five seconds instead of once and twice a minute."""

TOKEN: Final = "/services/oauth2/token"  # a path, not a secret
ONE_HOP: Final = frozenset({"connection", "content-length", "host", "transfer-encoding", "accept-encoding"})
"""What a request and its answer say of one hop only, or what would keep them from being read on their way."""

READING: Final = ("authOem/", STATUS_PATH)
"""The functions of the network that change nothing."""

Outside = Mapping[str, StandIn]


class Watched(ThreadingHTTPServer):
    """The way to an org: hands on what it is asked, and notes what of that is no question."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, org: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handing)
        self.org = urlsplit(org).netloc
        self.asked = 0
        self.written: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def note(self, method: str, path: str, body: bytes) -> None:
        self.asked += 1
        if method != "GET" and path.endswith("/composite"):
            parts: list[dict[str, str]] = json.loads(body)["compositeRequest"]
            self.written += [f"{part['method']} {part['url']}" for part in parts if part["method"] != "GET"]
        elif method != "GET" and path != TOKEN:
            self.written.append(f"{method} {path}")


class _Handing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def way(self) -> Watched:
        assert isinstance(self.server, Watched)
        return self.server

    def setup(self) -> None:
        super().setup()
        self._org = HTTPConnection(self.way.org)

    def finish(self) -> None:
        self._org.close()
        super().finish()

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = {name: value for name, value in self.headers.items() if name.lower() not in ONE_HOP}
        self.way.note(self.command, urlsplit(self.path).path, body)
        self._org.request(self.command, self.path, body, told)
        answer = self._org.getresponse()
        content = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ONE_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = _hand_on  # noqa: N815 - the names that the library looks for


@pytest.fixture
def way(outside: Outside) -> Iterator[Watched]:
    """Yield a way to the org on which nobody has come yet."""
    with Watched(outside["salesforce"].ready["http"]) as way:
        thread = Thread(target=way.serve_forever, daemon=True)
        thread.start()
        yield way
        way.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    with (
        closing(SalesforceProcess()) as salesforce,
        closing(WhmcsProcess()) as whmcs,
        closing(SimNetworkProcess()) as network,
    ):
        salesforce.admin("POST", "records", _in_use())
        assert len(salesforce.query("SELECT Id FROM Order WHERE Status = 'Approved'")) == OLD_ORDERS
        yield {"salesforce": salesforce, "whmcs": whmcs, "sim_network": network}


def _in_use() -> list[Row]:
    """Return the records of an org in use: customers with approved orders of last year, all touched today."""
    now = SystemClock().now()
    old, touched = _instant(now - timedelta(days=300)), _instant(now)
    stamps: Row = {"CreatedDate": old, "LastModifiedDate": touched, "SystemModstamp": touched}
    accounts: list[Row] = []
    orders: list[Row] = []
    for customer in range(CUSTOMERS):
        account = f"001OLD{customer:09d}AAA"
        accounts.append(
            {
                "attributes": {"type": "Account"},
                "Id": account,
                "Name": f"Customer {customer}",
                "AccountNumber": f"C-2{customer:04d}",
                "Id_Verification_Status__c": "Verified",
                "Id_Verification_Method__c": "IC chip",
            }
        )
    for number in range(OLD_ORDERS):
        order = f"801OLD{number:09d}AAA"
        orders.append(
            {
                "attributes": {"type": "Order"},
                "Id": order,
                "AccountId": accounts[number % CUSTOMERS]["Id"],
                "OrderNumber": f"{number:08d}",
                "Pricebook2Id": "01sSD0000000001YAA",
                "EffectiveDate": old[:10],
                "Status": "Approved",
                "StatusCode": "Activated",
                "Type": "VPN",
                "VPN_Region__c": "US",
                **stamps,
            }
        )
    return [*accounts, *orders]


def _instant(at: object) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.000+0000"


@contextmanager
def started(outside: Outside, way: Watched, url: str, directory: Path, *, not_before: str) -> Iterator[None]:
    """Have the API served on the database at *url*, and a worker work there, for what came *not_before*."""
    variables = {
        **environment({name: process.ready for name, process in outside.items()}),
        "ORDERING_SALESFORCE_PLAIN_ADDRESS": way.address,
        "ORDERING_SALESFORCE_FOLLOW_EVENTS": "true",
        "ORDERING_POLICY_BILLING_MARK_PROVED": "true",
        "ORDERING_POLICY_PROVISIONING_NOT_BEFORE": not_before,
    }
    of_serving = {name.removeprefix("ORDERING_"): value for name, value in variables.items()}
    told = {**os.environ, **variables, "ORDERING_DATABASE": url, "ORDERING_WORKER_WHERE": "apart"}
    log = directory / f"worker-{url.partition(':')[0]}.log"
    with serving(url, directory, **of_serving), log.open("wb") as written:
        worker = subprocess.Popen(
            [sys.executable, "-c", QUICK_WORKER],
            env=told,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )
        try:
            yield
            assert worker.poll() is None, log.read_text()[-4000:]
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait()


def writes(outside: Outside, way: Watched) -> dict[str, list[str]]:
    """Return what was asked of each system, since it began to count, that may have changed anything there."""
    found = {"salesforce": [*way.written]}
    for system, reads in (("whmcs", _asks_whmcs), ("sim_network", _asks_network)):
        counted = outside[system].admin("GET", "calls")
        assert isinstance(counted, dict)
        paths = [str(row["path"]) for row in counted["by_path"]]
        found[system] = [path for path in paths if not reads(path)]
    return found


def _asks_whmcs(path: str) -> bool:
    return path.startswith("Get")


def _asks_network(path: str) -> bool:
    return path.endswith(READING)


def until(happened: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < HANGS, "it never happened"
        time.sleep(LOOK)


class Seen:
    """What one system knows."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._store = SqlStore(self._engine, SystemClock())

    def close(self) -> None:
        self._engine.dispose()

    def rests(self) -> list[Rest | None]:
        try:
            with self._store.transaction() as tx:
                return [kept.rest for kept in tx.journal.unfinished()]
        except PortError:  # the processes still make its tables
            return []

    def has_polled(self, times: int) -> None:
        """Wait until everything was polled so often from now on."""
        for _ in range(times):
            before = self._polled()
            until(lambda before=before: self._polled() != before)  # type: ignore[misc]  # bound at once

    def _polled(self) -> object:
        with self._store.transaction() as tx:
            return reconciled_at(tx)


def test_500_old_approved_orders_are_read_by_both_processes_on_both_databases_and_nothing_is_written(
    outside: Outside, way: Watched, postgres: Databases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for process in outside.values():
        process.admin("DELETE", "calls")
    before = _pictures(outside)
    go_live = (SystemClock().now() - timedelta(days=1)).isoformat()
    urls = [f"sqlite:///{tmp_path / 'ordering.db'}", postgres.new()]
    with ExitStack() as opened:
        for url in urls:
            opened.enter_context(started(outside, way, url, tmp_path, not_before=go_live))
        systems = [opened.enter_context(closing(Seen(url))) for url in urls]
        for seen in systems:
            until(lambda seen=seen: len(rests := seen.rests()) == OLD_ORDERS and None not in rests)  # type: ignore[misc]  # bound at once
        for seen in systems:
            seen.has_polled(POLLS)
        for seen in systems:
            assert seen.rests() == [WaitFor(Fact.ADOPTION)] * OLD_ORDERS
    assert writes(outside, way) == {"salesforce": [], "whmcs": [], "sim_network": []}
    assert _pictures(outside) == before
    assert way.asked > 2 * OLD_ORDERS, "they came this way"
    with capsys.disabled():
        sys.stdout.write(f"\n{OLD_ORDERS} orders read twice in {way.asked} calls: 0 writing calls\n")


def test_what_may_write_is_counted_and_no_question(outside: Outside, way: Watched) -> None:
    for process in outside.values():
        process.admin("DELETE", "calls")
    data = f"{way.address}/services/data/v66.0"
    parts = [{"method": "GET", "url": "/read"}, {"method": "PATCH", "url": "/written"}]
    httpx.post(f"{data}/composite", json={"compositeRequest": parts})
    httpx.get(f"{data}/query", params={"q": "SELECT Id FROM Order"})
    httpx.patch(f"{data}/sobjects/Order/801", json={})
    for action in ("GetOrders", "AddOrder"):
        httpx.post(f"{outside['whmcs'].ready['http']}/includes/api.php", data={"action": action})
    for function in ("authOem/", STATUS_PATH, "mvno/esim/addAcnt/"):
        httpx.post(f"{outside['sim_network'].ready['http']}/emptool/api/{function}")
    assert writes(outside, way) == {
        "salesforce": ["PATCH /written", "PATCH /services/data/v66.0/sobjects/Order/801"],
        "whmcs": ["AddOrder"],
        "sim_network": ["/emptool/api/mvno/esim/addAcnt/"],
    }


def _pictures(outside: Outside) -> tuple[object, ...]:
    """Return what a write would change: records of the org, orders of the installation, lines, profiles."""
    org, whmcs, network = outside["salesforce"], outside["whmcs"], outside["sim_network"]
    assert isinstance(org, SalesforceProcess)
    assert isinstance(whmcs, WhmcsProcess)
    assert isinstance(network, SimNetworkProcess)
    kinds = ("Order", "OrderItem", "Opportunity", "Account", "Case")
    return (
        [sorted(map(str, org.query(f"SELECT Id, SystemModstamp FROM {kind}"))) for kind in kinds],
        whmcs.rows("orders"),
        whmcs.rows("services"),
        network.lines(),
        network.profiles(),
    )
