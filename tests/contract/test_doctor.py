"""`ordering doctor` looks at the outside systems too: what their own checks find, and their clocks."""

import json

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TypedDict

import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.salesforce import Field
from ordering_entrypoints.cli import main
from ordering_entrypoints.cli_doctor import CLOCKS_APART
from tests.contract.salesforce_org import SandboxOrg
from tests.contract.sim_network_lines import STATUS_PATH, Network
from tests.contract.whmcs_installation import Installation


class Told(TypedDict):
    where: str
    state: str
    what: str
    remedy: str


def look(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Told]]:
    status = main(["doctor", "--json"])
    return status, json.loads(capsys.readouterr().out)["found"]


@pytest.fixture(autouse=True)
def _database(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERING_DATABASE", f"sqlite:///{tmp_path}/ordering.db")


class TestOrg(SandboxOrg):
    @pytest.fixture(autouse=True)
    def environment(self, sandbox: None, monkeypatch: pytest.MonkeyPatch) -> None:
        now = datetime.now(UTC).isoformat()  # noqa: TID251 - the machine's own
        self.process.admin("PUT", "clock", {"at": now, "stopped": False})
        ready = self.process.ready
        for name, value in {
            "DOMAIN": "sandbox.my.salesforce.com",
            "CLIENT_ID": ready["client_id"],
            "CLIENT_SECRET": ready["client_secret"],
            "PRICE_BOOK": self.price_book,
            "PLAIN_ADDRESS": ready["http"],
        }.items():
            monkeypatch.setenv(f"ORDERING_SALESFORCE_{name}", value)
        monkeypatch.setenv("ORDERING_IN_MEMORY", "whmcs,sim")

    def test_an_org_that_is_ready_costs_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        status, found = look(capsys)
        assert status == 0
        [org] = [each for each in found if each["where"] == "Salesforce"]
        assert org["state"] == "ok"
        assert "API calls in 24 hours" in org["what"]
        assert {each["what"] for each in found if each["where"] == "clock"} == {"it agrees with Salesforce's"}
        assert any("ORDERING_POLICY_PROVISIONING_NOT_BEFORE" in each["remedy"] for each in found)

    def test_what_its_check_finds_fails_here_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.process.admin("PUT", "fields", {Field.EID: {"access": "none"}})
        status, found = look(capsys)
        assert status == 1
        [failed] = [each for each in found if each["where"] == "Salesforce"]
        assert failed["what"].startswith("Order.EID__c: ")
        assert failed["remedy"]

    def test_clocks_that_differ_by_more_than_half_a_minute_fail(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for apart, state in ((CLOCKS_APART * 2, "failed"), (CLOCKS_APART / 2, "ok")):
            now = datetime.now(UTC) + apart  # noqa: TID251 - the machine's own, moved
            monkeypatch.setattr(SystemClock, "now", lambda _, now=now: now)
            _, found = look(capsys)
            assert [each["state"] for each in found if each["where"] == "clock"] == [state]

    def test_an_org_that_cannot_be_reached_fails_and_the_rest_is_told(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ORDERING_SALESFORCE_PLAIN_ADDRESS", "http://127.0.0.1:9")
        status, found = look(capsys)
        assert status == 1
        assert [each["state"] for each in found if each["where"] == "Salesforce"] == ["failed"]
        assert any(each["where"] == "database" for each in found)


class TestInstallation(Installation):
    @pytest.fixture(autouse=True)
    def environment(self, installation: None, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, key in {"URL": "https", "IDENTIFIER": "identifier", "SECRET": "secret"}.items():
            monkeypatch.setenv(f"ORDERING_WHMCS_{name}", self.process.ready[key])
        monkeypatch.setenv("ORDERING_WHMCS_CA_FILE", self.process.ready["ca_file"])

    def test_what_its_check_finds_is_told_here_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        status, found = look(capsys)  # the installation sells nothing of the shipped catalogue
        assert status == 1
        told = [each for each in found if each["where"] == "WHMCS"]
        assert told
        assert all(each["state"] != "ok" and each["remedy"] for each in told)
        assert [each["state"] for each in found if each["where"] == "clock"] == ["ok"]

    def test_an_installation_that_lets_nobody_in_fails(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ORDERING_WHMCS_SECRET", "wrong")
        status, found = look(capsys)
        assert status == 1
        assert any(each["where"] == "WHMCS" and each["state"] == "failed" for each in found)

    def test_a_catalogue_that_cannot_be_read_is_no_failure_of_the_installation(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ORDERING_CATALOGUE", "/nowhere/catalogue.toml")
        status, found = look(capsys)
        assert status == 1
        [failed] = [each for each in found if each["state"] == "failed" and each["where"] != "database"]
        assert failed["where"] == "catalogue"
        assert "/nowhere/catalogue.toml" in failed["what"]


class TestNetwork(Network):
    @pytest.fixture(autouse=True)
    def environment(self, network: None, monkeypatch: pytest.MonkeyPatch) -> None:
        ready = self.process.ready
        for name, value in {
            "SIM_URL": f"{ready['https']}/emptool/api/",
            "SIM_CA_FILE": ready["ca_file"],
            "SIM_OEM_ID": ready["oem_id"],
            "SIM_OEM_KEY": ready["oem_key"],
            "SIM_STATUS_PATH": STATUS_PATH,
            "ES2PLUS_URL": ready["https"],
            "ES2PLUS_CA_FILE": ready["ca_file"],
            "ES2PLUS_REQUESTER": "1.3.6.1.4.1.99999.1",
            "POLICY_ESIM_PROFILE_DELIVERY": "true",
        }.items():
            monkeypatch.setenv(f"ORDERING_{name}", value)

    def test_networks_that_let_us_in_cost_a_line_each_and_open_nothing(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.process.calls()
        status, found = look(capsys)
        assert status == 0
        told = {each["where"]: each["state"] for each in found}
        assert (told["SIM network"], told["SM-DP+"]) == ("ok", "ok")
        assert "authOem" in self.process.calls()
        assert self.process.lines() == []

    @pytest.mark.parametrize(
        ("name", "text", "where"),
        [
            ("SIM_OEM_KEY", "wrong-key-of-ours", "SIM network"),
            ("SIM_URL", "https://localhost:9/", "SIM network"),
            ("SIM_URL", "http://network.example/", "SIM network"),
            ("ES2PLUS_URL", "https://localhost:9/", "SM-DP+"),
            ("ES2PLUS_CA_FILE", "/nowhere/ca.pem", "SM-DP+"),
        ],
    )
    def test_a_network_that_does_not_let_us_in_fails(
        self,
        name: str,
        text: str,
        where: str,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv(f"ORDERING_{name}", text)
        status, found = look(capsys)
        assert status == 1
        [told] = [each for each in found if each["where"] == where]
        assert told["state"] == "failed"
        assert told["remedy"]
        assert "wrong-key-of-ours" not in told["what"]

    def test_an_sm_dp_plus_that_is_not_trusted_fails(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ORDERING_ES2PLUS_CA_FILE")
        assert look(capsys)[0] == 1

    def test_a_network_that_is_not_asked_how_lines_stand_is_a_warning(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ORDERING_SIM_STATUS_PATH")
        status, found = look(capsys)
        assert status == 0
        [told] = [each for each in found if each["where"] == "SIM network" and each["state"] == "warning"]
        assert "ORDERING_SIM_STATUS_PATH" in told["remedy"]


class Keys(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        key = {"kty": "RSA", "kid": "1", "use": "sig", "n": "w" * 342, "e": "AQAB"}
        self.wfile.write(json.dumps({"keys": [key]}).encode())

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the library's name for it
        """Log nothing."""


def test_who_signs_tokens_is_asked_for_the_keys(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERING_TOKENS_ISSUER", "https://login.example")
    monkeypatch.setenv("ORDERING_TOKENS_AUDIENCE", "ordering")
    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("ORDERING_TOKENS_JWKS_URL", f"http://127.0.0.1:{server.server_port}/keys")
        status, found = look(capsys)
        server.shutdown()
    assert status == 0
    assert [each["state"] for each in found if each["where"] == "tokens"] == ["ok"]
    status, found = look(capsys)
    assert status == 1
    assert [each["state"] for each in found if each["where"] == "tokens"] == ["failed"]


def test_half_a_minute_is_meant() -> None:
    assert timedelta(seconds=30) == CLOCKS_APART
