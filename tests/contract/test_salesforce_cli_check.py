"""`ordering salesforce check`, as an admin runs it against an org."""

import json

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import attrs
import pytest

from ordering_adapters.memory import MemoryWorld
from ordering_adapters.salesforce import (
    Field,
    SalesforceCustomers,
    SalesforceOpportunities,
    SalesforceOrders,
)
from ordering_core.application.record import order_subject
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.domain.journal import Done
from ordering_core.testing.clocks import ManualClock
from ordering_entrypoints.cli import main
from tests.contract.salesforce_org import BEGIN, SandboxOrg


CHECK: Final = ["salesforce", "check"]


class TestCheckCommand(SandboxOrg):
    @pytest.fixture(autouse=True)
    def environment(self, sandbox: None, monkeypatch: pytest.MonkeyPatch) -> None:
        ready = self.process.ready
        for name, value in {
            "DOMAIN": "sandbox.my.salesforce.com",
            "CLIENT_ID": ready["client_id"],
            "CLIENT_SECRET": ready["client_secret"],
            "PRICE_BOOK": self.price_book,
            "PLAIN_ADDRESS": ready["http"],
            "EVENTS_ADDRESS": ready["grpc"],
            "EVENTS_PLAINTEXT": "true",
        }.items():
            monkeypatch.setenv(f"ORDERING_SALESFORCE_{name}", value)

    def test_a_good_org_is_ready(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(CHECK) == 0
        said = capsys.readouterr().out
        assert "The org is ready for ordering: nothing is missing; 13 objects and" in said
        assert "API calls of the last 24 hours: " in said

    def test_what_is_missing_is_a_line_with_its_way_out_and_status_1(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.process.admin("PUT", "fields", {Field.EID: {"access": "none"}})
        assert main(CHECK) == 1
        said = capsys.readouterr().out
        lines = [line for line in said.splitlines() if "Order." in line]
        assert len(lines) == 1
        assert lines[0].startswith("error  Order.EID__c  there is no field EID__c")
        assert 'fields."Order.EID__c" = ""' in lines[0]
        assert "The org is not ready for ordering yet" in said

    def test_the_names_file_turns_it_into_a_degradation(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        self.process.admin("PUT", "fields", {Field.EID: {"access": "none"}})
        names = tmp_path / "names.toml"
        names.write_text('[fields]\n"Order.EID__c" = ""\n')
        monkeypatch.setenv("ORDERING_SALESFORCE_NAMES_FILE", str(names))
        assert main([*CHECK, "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["passed"] is True
        assert [(problem["gravity"], problem["where"]) for problem in said["problems"]] == [
            ("degraded", "Order.EID__c")
        ]

    def test_json_tells_all_of_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.process.admin("PUT", "fields", {Field.ACCESS_MODE: {"values": ["PPPoE"]}})
        assert main([*CHECK, "--json"]) == 1
        said = json.loads(capsys.readouterr().out)
        assert said["fields"] == len(Field)
        assert said["allowance"]["used"] > 0
        assert said["event_seconds"] is None
        assert [problem["code"] for problem in said["problems"]] == ["CHOICE_MISSING"] * 2
        assert set(said["problems"][0]) == {"gravity", "code", "where", "what", "remedy"}

    def test_a_field_that_ordering_cannot_do_without_is_a_settings_error(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        names = tmp_path / "names.toml"
        names.write_text('[fields]\n"Order.Status" = ""\n')
        monkeypatch.setenv("ORDERING_SALESFORCE_NAMES_FILE", str(names))
        assert main(CHECK) == 2
        assert "Order.Status: an approval could not be seen" in capsys.readouterr().err

    def test_an_org_that_cannot_be_reached_is_no_verdict(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ORDERING_SALESFORCE_CLIENT_SECRET", "wrong")
        assert main(CHECK) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "signing in failed" in said.err
        assert "wrong" not in said.err

    def test_an_event_arrives(self, capsys: pytest.CaptureFixture[str]) -> None:
        before = self.process.query("SELECT COUNT() FROM Order")
        assert main([*CHECK, "--events"]) == 0
        assert " s after it was published." in capsys.readouterr().out
        assert self.process.query("SELECT COUNT() FROM Order") == before

    def test_an_event_that_does_not_arrive_is_one_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.process.fault(kind="lose_events", target="OrderProvisionRequested__e", times=0)
        assert main([*CHECK, "--events", "0.3", "--json"]) == 1
        (problem,) = json.loads(capsys.readouterr().out)["problems"]
        assert problem["code"] == "EVENT_NOT_RECEIVED"
        assert "in 0.3 s" in problem["what"]
        assert "ORDERING_SALESFORCE_EVENTS_ADDRESS" in problem["remedy"]

    def test_an_event_that_may_not_be_published_is_one_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.process.admin("PUT", "fields", {"OrderProvisionRequested__e": {"access": "read"}})
        assert main([*CHECK, "--events", "--json"]) == 1
        (problem,) = json.loads(capsys.readouterr().out)["problems"]
        assert problem["code"] == "EVENT_NOT_PUBLISHED"
        assert "Ordering_Integration" in problem["remedy"]

    def test_a_bus_that_is_not_there_is_one_line(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ORDERING_SALESFORCE_EVENTS_ADDRESS", "127.0.0.1:1")
        assert main([*CHECK, "--events", "2", "--json"]) == 1
        (problem,) = json.loads(capsys.readouterr().out)["problems"]
        assert problem["code"] == "EVENT_NOT_RECEIVED"
        assert "the bus says UNAVAILABLE" in problem["what"]

    @pytest.mark.parametrize("seconds", ["0", "-1", "soon", "601"])
    def test_a_time_that_is_none_is_refused(self, seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            main([*CHECK, "--events", seconds])
        assert "give seconds" in capsys.readouterr().err


def test_without_an_org_it_says_what_to_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ORDERING_SALESFORCE_DOMAIN", raising=False)
    assert main(CHECK) == 2
    assert "ORDERING_SALESFORCE_DOMAIN" in capsys.readouterr().err


class TestOrderOfNobody(SandboxOrg):
    """The event of a check names an order that nobody has; whoever follows the bus passes on."""

    def test_it_is_looked_for_a_few_times_and_leaves_nothing_behind(self) -> None:
        clock = ManualClock(datetime.fromisoformat(BEGIN))
        world = MemoryWorld(clock=clock)
        org = self.connected()
        ordering = attrs.evolve(
            world.ordering,
            orders=SalesforceOrders(org, self.attributes),
            customers=SalesforceCustomers(org),
            opportunities=SalesforceOpportunities(org),
        )
        nobodys = OrderId("801abcdefghijkL")
        ordering.provision_requested(nobodys, event="event-1")
        for _ in range(4):
            world.queue.run_due(clock.now(), ordering.run)
            clock.advance(timedelta(minutes=1))
        assert ordering.changes(after=Cursor(0)) == ()
        with ordering.store.transaction() as tx:
            known = tx.journal.case_file(order_subject(nobodys))
            assert known is not None
            assert known.rest == Done()
            assert tx.journal.rows(order_subject(nobodys)) == ()
            assert tx.projection.get(nobodys) is None
        assert len(self.process.data_calls()) <= 8
