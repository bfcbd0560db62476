"""`ordering doctor` looks at the outside systems too: what their own checks find, and their clocks."""

import json

from datetime import UTC, datetime, timedelta
from typing import TypedDict

import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.salesforce import Field
from ordering_entrypoints.cli import main
from ordering_entrypoints.cli_doctor import CLOCKS_APART
from tests.contract.salesforce_org import SandboxOrg
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
        ready = self.process.ready
        for name, value in {
            "DOMAIN": "sandbox.my.salesforce.com",
            "CLIENT_ID": ready["client_id"],
            "CLIENT_SECRET": ready["client_secret"],
            "PRICE_BOOK": self.price_book,
            "PLAIN_ADDRESS": ready["http"],
        }.items():
            monkeypatch.setenv(f"ORDERING_SALESFORCE_{name}", value)

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


def test_half_a_minute_is_meant() -> None:
    assert timedelta(seconds=30) == CLOCKS_APART
