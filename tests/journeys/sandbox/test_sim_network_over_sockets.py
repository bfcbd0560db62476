"""The mobile network as a process: addresses, TLS, mutual TLS, lost and late calls, its end."""

import json
import ssl
import subprocess
import sys

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.stand_in import SOURCES
from tests.unit.sandbox.sim_network.networks import esim


LOGIN: Final = "/emptool/api/authOem/"
OPEN: Final = "/emptool/api/mvno/esim/addAcnt/"
PATIENCE: Final = 0.2


@pytest.fixture(scope="module")
def one_network() -> Iterator[SimNetworkProcess]:
    process = SimNetworkProcess()
    yield process
    process.close()


@pytest.fixture
def network(one_network: SimNetworkProcess) -> SimNetworkProcess:
    one_network.admin("POST", "reset")
    return one_network


def form(record: dict[str, object]) -> dict[str, str]:
    return {"json": json.dumps(record)}


def logged_in(network: SimNetworkProcess, client: httpx.Client) -> str:
    ready = network.ready
    answer = client.post(LOGIN, data=form({"oemId": ready["oem_id"], "oemKey": ready["oem_key"]}))
    key: str = answer.json()["authKey"]
    return key


def opened(network: SimNetworkProcess, client: httpx.Client) -> httpx.Response:
    return client.post(OPEN, data=form({"authKey": logged_in(network, client), **esim()}), timeout=PATIENCE)


def test_the_line_it_prints_says_where_it_is_and_who_may_call(network: SimNetworkProcess) -> None:
    assert network.ready.keys() == {
        "http",
        "https",
        "mutual_tls",
        "admin",
        "ca_file",
        "client_certificate_file",
        "client_key_file",
        "oem_id",
        "oem_key",
        "smdp_address",
        "profiles",
    }
    assert "PASI_10G=898119904000000001+500" in network.ready["profiles"].split(";")


def test_it_is_reached_over_tls_by_who_trusts_its_authority(network: SimNetworkProcess) -> None:
    trusting = ssl.create_default_context(cafile=network.ready["ca_file"])
    with httpx.Client(base_url=network.ready["https"], verify=trusting, trust_env=False) as client:
        assert logged_in(network, client)
    with (
        httpx.Client(base_url=network.ready["https"], trust_env=False) as distrusting,
        pytest.raises(httpx.ConnectError),
    ):
        logged_in(network, distrusting)


def test_mutual_tls_lets_in_who_has_its_certificate(network: SimNetworkProcess) -> None:
    trusting = ssl.create_default_context(cafile=network.ready["ca_file"])
    with (
        httpx.Client(base_url=network.ready["mutual_tls"], verify=trusting, trust_env=False) as nobody,
        pytest.raises(httpx.TransportError),
    ):
        logged_in(network, nobody)
    known = ssl.create_default_context(cafile=network.ready["ca_file"])
    known.load_cert_chain(network.ready["client_certificate_file"], network.ready["client_key_file"])
    with httpx.Client(base_url=network.ready["mutual_tls"], verify=known, trust_env=False) as client:
        assert logged_in(network, client)


@pytest.mark.parametrize(("kind", "lines"), [("lost_before_commit", 0), ("lost_after_commit", 1)])
def test_a_lost_call_has_opened_a_line_or_not(network: SimNetworkProcess, kind: str, lines: int) -> None:
    network.fault(kind=kind, path="addAcnt")
    with httpx.Client(base_url=network.ready["http"], trust_env=False) as client:
        with pytest.raises(httpx.TransportError):
            opened(network, client)
        assert len(network.lines()) == lines
        assert opened(network, client).json()["resultCode"] == "100"
    assert len(network.lines()) == lines + 1


def test_a_call_that_was_delivered_twice_opens_two_lines(network: SimNetworkProcess) -> None:
    network.fault(kind="delivered_twice", path="addAcnt")
    with httpx.Client(base_url=network.ready["http"], trust_env=False) as client:
        opened(network, client)
    assert len(network.lines()) == 2


def test_it_stops_when_its_input_ends_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ordering_sandbox.sim_network", "--port", "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(SOURCES), "PATH": "", "TMPDIR": str(tmp_path)},
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        authority = Path(json.loads(process.stdout.readline())["ca_file"])
        assert authority.is_relative_to(tmp_path)
        process.stdin.close()
        assert process.wait(30) == 0
    assert list(tmp_path.iterdir()) == []
