"""`ordering whmcs check` names what is missing in an installation, and proves that the mark is kept."""

import json

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import attrs
import pytest

from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.whmcs import FieldName, Mark
from ordering_adapters.whmcs.checked import Checked, State
from ordering_adapters.whmcs.checking import ACTIONS, NOT_NEEDED, Wanted, check_installation
from ordering_core.domain.identifiers import ClientId
from ordering_core.domain.vocabulary import BillingCycle
from ordering_entrypoints.cli import main
from tests.contract.whmcs_installation import Installation
from tests.contract.whmcs_process import seed
from tests.contract.whmcs_world import prices


class Checks(Installation):
    @pytest.fixture(autouse=True)
    def _sells_the_small_catalogue(self, installation: None) -> None:
        self.process.admin("POST", "reset", self.seed())

    def seed(self) -> dict[str, object]:
        return seed(
            self.fields,
            monthly=prices(BillingCycle.MONTHLY),
            once=prices(BillingCycle.ONE_TIME),
            switches=self.switches,
        )

    def wanted(self, *, gateway: str = "stripe", prove_with: ClientId | None = None) -> Wanted:
        return Wanted(catalogue=SMALL_CATALOGUE, gateway=gateway, mark_proved=False, prove_with=prove_with)

    def checked(self, *, prove_with: ClientId | None = None) -> dict[str, Checked]:
        wanted = self.wanted(prove_with=prove_with)
        return {each.name: each for each in check_installation(self.connected(), wanted)}

    def failed(self, *, gateway: str = "stripe") -> dict[str, Checked]:
        checks = check_installation(self.connected(), self.wanted(gateway=gateway))
        return {each.name: each for each in checks if each.state is State.FAILED}


class TestCheck(Checks):
    def test_an_installation_that_is_set_up_fails_in_nothing_and_changes_in_nothing(self) -> None:
        tables = ("orders", "services", "clients", "invoices", "tokens")
        before = [self.process.rows(table) for table in tables]
        found = self.checked()
        assert {name for name, each in found.items() if each.state is not State.OK} == {"mark (custom_field)"}
        assert "ordering whmcs check --prove" in found["mark (custom_field)"].remedy
        assert {f"action {action}" for action in ACTIONS} <= found.keys()
        assert [self.process.rows(table) for table in tables] == before

    def test_every_action_that_the_adapter_calls_is_checked(self) -> None:
        package = Path(__file__).parents[2] / "src" / "adapters" / "ordering_adapters" / "whmcs"
        text = "\n".join(
            path.read_text() for path in package.glob("*.py") if not path.name.startswith("checking")
        )
        known = self.process.admin("GET", "actions")
        assert isinstance(known, list)
        called = {str(action) for action in known if f'"{action}"' in text}
        assert called == ACTIONS.keys() - {"GetPaymentMethods"}

    def test_every_action_that_the_role_lacks_is_named_and_no_other(self) -> None:
        assert self.denied(*ACTIONS) == ACTIONS.keys() - NOT_NEEDED
        found = self.checked()
        assert {name for name in NOT_NEEDED if found[f"action {name}"].state is State.WARNING} == NOT_NEEDED
        assert self.denied("AddOrder", "GetInvoice") == {"AddOrder", "GetInvoice"}

    def denied(self, *actions: str) -> set[str]:
        """Return the actions named when the role lacks *actions*."""
        self.process.switch(denied_actions=list(actions))
        found = self.failed()
        named = {name.removeprefix("action ") for name in found if name.startswith("action ")}
        assert all(f"Allow {action}" in found[f"action {action}"].remedy for action in named)
        return named

    def test_the_version_may_be_kept_to_itself(self) -> None:
        self.process.switch(denied_actions=["WhmcsDetails"])
        assert self.failed() == {}

    def test_a_wrong_secret_ends_the_check_with_one_call(self) -> None:
        self.process.actions()
        api = self.connected(attrs.evolve(self.settings(), secret="wrong"))
        (found,) = check_installation(api, self.wanted())
        assert (found.state, found.name) == (State.FAILED, "credentials")
        assert "ORDERING_WHMCS_SECRET" in found.remedy
        assert len(self.process.actions()) == 1

    def test_an_address_that_is_not_on_the_list_is_told_so(self) -> None:
        self.process.switch(allowed_ips=["203.0.113.9"])
        (found,) = self.checked().values()
        assert "IP_NOT_ALLOWED" in found.detail
        assert "ORDERING_WHMCS_ACCESS_KEY" in found.remedy
        self.process.switch(access_key="let-me-in")
        api = self.connected(attrs.evolve(self.settings(), access_key="let-me-in"))
        assert all(each.state is not State.FAILED for each in check_installation(api, self.wanted()))

    def test_a_page_is_not_whmcs(self) -> None:
        self.process.fault(kind="answer", failure="HTML", times=0)
        (found,) = self.checked().values()
        assert found.state is State.FAILED
        assert "ORDERING_WHMCS_URL" in found.remedy

    def test_a_check_that_breaks_off_says_so(self) -> None:
        self.process.fault(kind="answer", failure="HTML", body="pid=1", times=0)
        assert self.failed().keys() >= {"connection"}

    def test_a_gateway_that_is_not_active_is_named(self) -> None:
        found = self.failed(gateway="paypal")
        assert found.keys() == {"gateway"}
        assert "stripe" in found["gateway"].detail

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"pricing": '{"JPY":{"monthly":"5201.00"}}'}, "5201"),
            ({"pricing": '{"JPY":{"monthly":"-1.00"}}'}, "no price"),
            ({"pricing": '{"USD":{"monthly":"5200.00"}}'}, "no price"),
            ({"paytype": "onetime"}, "payment type"),
            ({"paytype": "free"}, "payment type"),
        ],
        ids=["price", "not offered", "currency", "once", "free"],
    )
    def test_a_product_that_differs_from_the_catalogue_is_named(
        self, values: Mapping[str, object], said: str
    ) -> None:
        self.process.change("products", 101, **values)
        (found,) = self.failed().values()
        assert "101" in found.name
        assert "INTERNET-HOME-1G-STANDARD" in found.name
        assert said in found.detail
        assert found.remedy

    def test_a_product_that_is_not_there_is_named(self) -> None:
        self.process.admin("DELETE", "rows", {"table": "products", "values": {"id": 101}})
        assert [each.detail for each in self.failed().values()] == ["not in WHMCS"]

    @pytest.mark.parametrize(
        ("field", "state"),
        [
            (FieldName.ITEM, State.FAILED),
            (FieldName.OPPORTUNITY, State.FAILED),
            (FieldName.ORDER, State.WARNING),
        ],
    )
    def test_a_product_without_a_custom_field_is_named(self, field: FieldName, state: State) -> None:
        self.process.admin(
            "DELETE", "rows", {"table": "customfields", "values": {"relid": 101, "fieldname": field.value}}
        )
        found = self.checked()[f"custom field {field}"]
        assert found.state is state
        assert "products 101" in found.detail
        assert "ORDERING_WHMCS_FIELDS_FILE" in found.remedy


class TestProof(Checks):
    def test_the_mark_is_proved_by_an_order_that_bills_nobody_and_is_cancelled(self) -> None:
        client = self.new_client()
        found = self.checked(prove_with=client)["mark (custom_field)"]
        assert found.state is State.OK
        assert "BILLING_MARK_PROVED=true" in found.remedy
        (order,) = self.process.rows("orders")
        assert (order["status"], order["invoiceid"], order["userid"]) == ("Cancelled", 0, client)
        assert {row["status"] for row in self.process.rows("services")} == {"Cancelled"}
        assert self.process.rows("invoices") == []

    def test_it_is_cancelled_wholly_where_cancelling_leaves_services(self) -> None:
        self.process.switch(cancel_items=False)
        assert self.checked(prove_with=self.new_client())["mark (custom_field)"].state is State.OK
        assert {row["status"] for row in self.process.rows("services")} == {"Cancelled"}

    def test_what_cannot_be_cancelled_is_named(self) -> None:
        self.process.switch(denied_actions=["CancelOrder"])
        found = self.checked(prove_with=self.new_client())["mark (custom_field)"]
        (order,) = self.process.rows("orders")
        assert found.state is State.WARNING
        assert f"order {order['id']} could not be cancelled" in found.detail

    def test_a_mark_that_is_not_kept_is_not_proved_and_the_other_is(self) -> None:
        self.process.switch(custom_fields_at_order=False)
        client = self.new_client()
        found = self.checked(prove_with=client)["mark (custom_field)"]
        assert found.state is State.FAILED
        assert "ORDERING_WHMCS_MARK=domain" in found.remedy
        api = self.connected(attrs.evolve(self.settings(), mark=Mark.DOMAIN))
        proved = {each.name: each for each in check_installation(api, self.wanted(prove_with=client))}
        assert proved["mark (domain)"].state is State.OK
        assert {row["status"] for row in self.process.rows("orders")} == {"Cancelled"}

    def test_a_client_that_cannot_order_proves_nothing(self) -> None:
        client = self.new_client()
        self.process.change("clients", client, status="Closed")
        assert self.checked(prove_with=client)["mark (custom_field)"].state is State.FAILED

    def test_a_proof_whose_answer_is_lost_says_where_to_look(self) -> None:
        client = self.new_client()
        self.process.fault(kind="lost_after_commit", body=f"clientid={client}&paymentmethod=stripe")
        found = self.checked(prove_with=client)["mark (custom_field)"]
        assert found.state is State.FAILED
        assert "pending order" in found.remedy


class TestProofInTheDomain(Checks):
    mark: ClassVar[Mark] = Mark.DOMAIN
    fields: ClassVar[tuple[str, ...]] = (FieldName.OPPORTUNITY.value,)

    @pytest.mark.parametrize("kept", [True, False])
    def test_it_is_proved_where_the_domain_is_kept(self, kept: bool) -> None:
        self.process.switch(domain_at_order=kept)
        found = self.checked(prove_with=self.new_client())["mark (domain)"]
        assert found.state is (State.OK if kept else State.FAILED)


class TestProofWithTheDesignsFieldsAlone(Checks):
    fields: ClassVar[tuple[str, ...]] = (FieldName.OPPORTUNITY.value, FieldName.ITEM.value)

    def test_notes_carry_the_order(self) -> None:
        assert self.checked(prove_with=self.new_client())["mark (custom_field)"].state is State.OK

    def test_without_notes_nothing_tells_the_order(self) -> None:
        self.process.switch(notes_at_order=False)
        assert self.checked(prove_with=self.new_client())["mark (custom_field)"].state is State.FAILED


class TestCommand(Checks):
    @pytest.fixture(autouse=True)
    def _environment(self, monkeypatch: pytest.MonkeyPatch, installation: None) -> None:
        for name in ("url", "identifier", "secret"):
            key = "https" if name == "url" else name
            monkeypatch.setenv(f"ORDERING_WHMCS_{name.upper()}", self.process.ready[key])
        monkeypatch.setenv("ORDERING_WHMCS_CA_FILE", self.process.ready["ca_file"])

    def seed(self) -> dict[str, object]:
        path = Path(__file__).parents[2] / "src" / "sandbox" / "ordering_sandbox" / "seeds" / "whmcs.json"
        shipped: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
        return shipped

    def test_the_shipped_sandbox_sells_the_shipped_catalogue(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["whmcs", "check", "--prove", "9001", "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer["passed"] is True
        states = {check["name"]: check["state"] for check in answer["checks"]}
        assert states.pop("mark (custom_field)") == "ok"
        assert {name for name, state in states.items() if state != "ok"} == set()

    def test_what_is_missing_is_told_to_a_person_and_to_a_shell(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.process.switch(denied_actions=["AcceptOrder"])
        assert main(["whmcs", "check"]) == 1
        shown = capsys.readouterr().out
        assert "Allow AcceptOrder" in shown
        assert "WHMCS is not set up yet" in shown
        assert self.process.ready["secret"] not in shown

    def test_without_settings_it_says_which(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("URL", "IDENTIFIER", "SECRET", "CA_FILE"):
            monkeypatch.delenv(f"ORDERING_WHMCS_{name}")
        assert main(["whmcs", "check"]) == 2
        assert "ORDERING_WHMCS_URL" in capsys.readouterr().err
