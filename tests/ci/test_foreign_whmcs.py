"""
The WHMCS stand-in serves a client of others as it is: whmcs-js on Node, over TLS with its own authority. [ci]

On the budget of tests/ci for WHMCS and the SIM network.
"""

from __future__ import annotations

import json
import os
import subprocess

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ordering_sandbox.json_values import Json
from tests.journeys.sandbox.whmcs_process import API, RunningWhmcs, running_whmcs
from tests.unit.sandbox.orgs import at, listed


pytestmark = pytest.mark.whmcs_sim

CLIENT: Final = Path(__file__).with_name("whmcs_js_client.cjs")
MARK: Final = "注文-801A"


@pytest.fixture(scope="module")
def whmcs() -> Iterator[RunningWhmcs]:
    with running_whmcs() as running:
        yield running


def said(whmcs: RunningWhmcs, modules: Path, *pids: int) -> Json:
    """Run the client, trusting the installation's authority, and return what it says."""
    told = {
        "url": f"{whmcs.addresses['https']}{API}",
        "identifier": whmcs.addresses["identifier"],
        "secret": whmcs.addresses["secret"],
        "client": 9001,
        "pids": pids,
        "mark": MARK,
    }
    done = subprocess.run(
        ["node", str(CLIENT)],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "NODE_PATH": str(modules),
            "NODE_EXTRA_CA_CERTS": whmcs.addresses["ca_file"],
        },
    )
    assert done.returncode == 0, done.stderr
    answer: Json = json.loads(done.stdout)
    return answer


def test_whmcs_js_reads_prices_places_an_order_and_reads_it_back(whmcs: RunningWhmcs, modules: Path) -> None:
    pids = (101, 201)
    answer = said(whmcs, modules, *pids)
    assert at(answer, "name") == "太郎 山田"
    assert at(answer, "version") == "8.13.1"
    assert at(answer, "accepted") == "success"
    assert at(answer, "again") == "Order ID not found or Status not Pending"
    assert at(answer, "denied") == "Authentication Failed"
    assert str(at(answer, "link")).startswith(whmcs.addresses["https"])
    services = listed(answer, "services")
    assert [(at(service, "pid"), at(service, "mark")) for service in services] == [
        (str(pid), f"{MARK}-{pid}") for pid in pids
    ]
    assert at(answer, "serviceids") == ",".join(str(at(service, "id")) for service in services)
    assert at(answer, "order", "notes") == MARK
    assert at(answer, "order", "amount") == at(answer, "invoice", "total")
    [order] = listed(whmcs.admin("GET", "rows", table="orders"))
    assert (at(order, "id"), at(order, "status")) == (at(answer, "order", "id"), "Active")
