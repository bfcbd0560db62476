"""Clients, cards, ends of services and invoices in a WHMCS installation of the sandbox."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import attrs
import pytest

from ordering_adapters.whmcs import (
    NewClient,
    WhmcsBilling,
    WhmcsClients,
    WhmcsInvoices,
    WhmcsProducts,
    WhmcsServices,
)
from ordering_core.domain.identifiers import BillingOrderId, BillingProductId, ServiceId
from ordering_core.domain.invoice import InvoiceFlaw, invoice_flaws
from ordering_core.domain.vocabulary import BillingCycle
from ordering_core.errors import OutcomeUnknown, Refused, Unavailable
from ordering_core.testing.contracts.billing_orders import ORDER, PLAN_ITEM
from ordering_core.testing.contracts.outside import FLAT
from ordering_core.testing.contracts.threads import at_once
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.settings import Settings, SettingsError
from tests.contract.test_whmcs_marks import hands
from tests.contract.whmcs_installation import Installation


SAKURA: Final = NewClient(
    email="sakura@customer.example",
    first_name="さくら",
    last_name="髙橋",
    phone="09012345678",
    address=FLAT,
)


class TestClients(Installation):
    def test_a_client_is_made_once_and_found_by_exactly_its_address(self) -> None:
        clients = WhmcsClients(self.connected())
        assert clients.with_email(SAKURA.email) is None
        made = clients.add(SAKURA)
        assert clients.add(SAKURA) == made
        assert clients.with_email("SAKURA@customer.example") == made
        assert clients.with_email("sakura@customer.exampl") is None
        (row,) = self.process.rows("clients")
        assert (row["firstname"], row["lastname"], row["state"]) == ("さくら", "髙橋", "大阪府")
        assert self.address_of(made) == FLAT

    def test_a_lost_answer_is_looked_for(self) -> None:
        clients = WhmcsClients(self.connected())
        self.process.fault(kind="lost_after_commit", body="action=AddClient&")
        with pytest.raises(OutcomeUnknown):
            clients.add(SAKURA)
        assert clients.add(SAKURA) == clients.with_email(SAKURA.email)
        assert len(self.process.rows("clients")) == 1

    def test_an_installation_that_wants_a_password_gets_one(self) -> None:
        self.process.switch(password_required=True)
        assert WhmcsClients(self.connected()).add(SAKURA)

    def test_a_missing_field_is_a_refusal_without_its_value(self) -> None:
        with pytest.raises(Refused) as refused:
            WhmcsClients(self.connected()).add(attrs.evolve(SAKURA, last_name=""))
        assert refused.value.code == "CLIENT_INVALID"
        assert "sakura" not in f"{refused.value!r} {refused.value}"
        assert "sakura" not in repr(SAKURA)

    def test_a_login_without_a_client_is_not_ours_to_take(self) -> None:
        self.process.plant("users", {"email": SAKURA.email, "firstname": "a", "lastname": "b"})
        with pytest.raises(Refused) as refused:
            WhmcsClients(self.connected()).add(SAKURA)
        assert refused.value.code == "EMAIL_TAKEN"


class TestCardEntry(Installation):
    def test_the_link_leads_to_the_page_for_cards_once(self) -> None:
        url = self.new_billing().card_entry_url(self.new_client())
        (token,) = self.process.rows("tokens")
        assert url.startswith(self.process.ready["https"])
        assert str(token["token"]) in url
        assert token["path"] == "index.php?rp=/account/paymentmethods"

    def test_a_client_who_switched_single_sign_on_off_gets_the_plain_page(self) -> None:
        client = self.new_client()
        self.process.change("clients", client, allow_sso=0)
        url = self.new_billing().card_entry_url(client)
        assert url == self.process.ready["https"].rstrip("/") + "/index.php?rp=/account/paymentmethods"
        assert self.process.rows("tokens") == []

    def test_a_destination_that_is_not_known_leads_to_the_client_area(self) -> None:
        api = self.connected(attrs.evolve(self.settings(), card_page="leads//elsewhere"))
        url = WhmcsBilling(api, WhmcsProducts(api)).card_entry_url(self.new_client())
        (token,) = self.process.rows("tokens")
        assert str(token["token"]) in url
        assert token["path"] == "clientarea.php"

    def test_a_link_is_a_secret_and_in_no_log(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(0):
            url = self.new_billing().card_entry_url(self.new_client())
        assert url.rpartition("=")[2] not in caplog.text
        assert self.process.ready["secret"] not in caplog.text


class TestProducts(Installation):
    def test_products_come_with_price_cycle_and_fields(self) -> None:
        plan, fee, missing = BillingProductId(202), BillingProductId(203), BillingProductId(999)
        found = WhmcsProducts(self.connected()).read([plan, fee, missing])
        assert found.keys() == {plan, fee}
        assert (found[plan].price, found[plan].cycle) == (Decimal(980), BillingCycle.MONTHLY)
        assert (found[fee].price, found[fee].cycle) == (Decimal(3000), BillingCycle.ONE_TIME)
        assert sorted(found[plan].field_numbers.values()) == [2021, 2022, 2023]
        assert sorted(found[fee].field_numbers.values()) == [2031, 2032, 2033]

    def test_fields_are_asked_for_once_in_a_while(self) -> None:
        products = WhmcsProducts(self.connected())
        self.process.actions()
        for _ in range(3):
            products.field_numbers([BillingProductId(202), BillingProductId(203)])
        assert self.process.actions() == ["GetProducts"]


class TestEnding(Installation):
    def billed(self) -> tuple[BillingOrderId, ServiceId]:
        client, billing = self.new_client(), self.new_billing()
        added = billing.add(hands(self).order(client))
        (found,) = billing.find(client, ORDER)
        return added, next(service.id for service in found.services if service.item == PLAN_ITEM)

    @pytest.mark.parametrize("module", ["", "provisioningmodule"])
    @pytest.mark.parametrize("known", [True, False])
    def test_a_service_ends_with_and_without_a_module_once(self, module: str, known: bool) -> None:
        self.process.change("products", 202, module=module)
        self.process.switch(modules_known=known)
        _, service = self.billed()
        self.process.change("services", service, status="Active")
        services = WhmcsServices(self.api, WhmcsProducts(self.api))
        self.process.actions()
        for _ in range(2):
            services.terminate(service, on=date(2026, 6, 30))
        called = self.process.actions()
        assert called.count("ModuleTerminate") == 1
        (row,) = self.process.rows("services", id=service)
        assert row["status"] == "Terminated"
        ended = services.read(service)
        assert ended is not None
        assert ended.status == "Terminated"

    def test_a_service_that_is_not_there_cannot_end(self) -> None:
        api = self.connected()
        services = WhmcsServices(api, WhmcsProducts(api))
        with pytest.raises(Refused) as refused:
            services.terminate(ServiceId(999_999), on=date(2026, 6, 30))
        assert refused.value.code == "SERVICE_NOT_FOUND"
        with pytest.raises(Refused) as refused:
            services.cancel_order(BillingOrderId(999_999))
        assert refused.value.code == "ORDER_NOT_FOUND"

    def test_an_order_is_cancelled_with_its_services_and_again(self) -> None:
        self.process.switch(cancel_items=False)
        order, _ = self.billed()
        services = WhmcsServices(self.api, WhmcsProducts(self.api))
        for _ in range(2):
            services.cancel_order(order)
            assert {row["status"] for row in self.process.rows("services")} == {"Cancelled"}
        assert self.process.rows("orders", id=order)[0]["status"] == "Cancelled"

    def test_an_accepted_order_is_not_cancelled(self) -> None:
        order, _ = self.billed()
        self.process.change("orders", order, status="Active")
        with pytest.raises(Refused) as refused:
            WhmcsServices(self.api, WhmcsProducts(self.api)).cancel_order(order)
        assert refused.value.code == "ORDER_NOT_PENDING"


class TestInvoices(Installation):
    def test_an_invoice_has_its_lines_by_service(self) -> None:
        added = self.new_billing().add(hands(self).order(self.new_client()))
        invoice = WhmcsInvoices(self.api).of_order(added)
        assert invoice is not None
        services = {ServiceId(int(str(row["id"]))) for row in self.process.rows("services")}
        assert {line.service for line in invoice.lines} == services
        assert (invoice.subtotal, invoice.tax, invoice.total) == (Decimal(3110), Decimal(311), Decimal(3421))
        assert all(line.taxed for line in invoice.lines)
        assert invoice.status == "Unpaid"

    @pytest.mark.parametrize("calculation", ["total", "line"])
    @pytest.mark.parametrize("rounding", ["cents", "floor", "half_up"])
    def test_a_yen_of_tax_more_or_less_is_as_quoted(self, calculation: str, rounding: str) -> None:
        self.process.switch(tax_calculation=calculation, tax_rounding=rounding)
        billing = self.new_billing()
        order = hands(self).order(self.new_client())
        invoice = WhmcsInvoices(self.api).of_order(billing.add(order))
        assert invoice is not None
        (found,) = billing.find(order.client, ORDER)
        prices = {line.item: line.price for line in order.lines}
        quoted = {service.id: prices[service.item] for service in found.services if service.item}
        assert invoice_flaws(invoice, quoted) == ()
        dearer = {service: price + 1 for service, price in quoted.items()}
        assert InvoiceFlaw.WRONG_AMOUNT in invoice_flaws(invoice, dearer)

    def test_a_product_that_is_not_taxed_is_found(self) -> None:
        self.process.change("products", 203, tax=0)
        billing = self.new_billing()
        order = hands(self).order(self.new_client())
        invoice = WhmcsInvoices(self.api).of_order(billing.add(order))
        assert invoice is not None
        (found,) = billing.find(order.client, ORDER)
        quoted = {service.id: service.price for service in found.services}
        flaws = invoice_flaws(invoice, quoted)
        assert flaws == (InvoiceFlaw.NOT_TAXED, InvoiceFlaw.WRONG_TAX)

    def test_without_an_invoice_there_is_none(self) -> None:
        invoices = WhmcsInvoices(self.connected())
        assert invoices.of_order(BillingOrderId(999_999)) is None
        assert invoices.read(999_999) is None
        added = self.new_billing().add(hands(self).order(self.new_client()))
        self.process.change("orders", added, invoiceid=0)
        assert invoices.of_order(added) is None


class TestWiring(Installation):
    def env(self) -> dict[str, str]:
        return {
            "ORDERING_WHMCS_URL": self.process.ready["https"],
            "ORDERING_WHMCS_IDENTIFIER": self.process.ready["identifier"],
            "ORDERING_WHMCS_SECRET": self.process.ready["secret"],
            "ORDERING_WHMCS_CA_FILE": self.process.ready["ca_file"],
        }

    def test_a_process_that_is_told_of_an_installation_bills_there(self) -> None:
        client = self.new_client()
        self.store_payment_method(client, gateway="stripe", expires=date(2031, 12, 1))
        with open_ordering(Settings.from_env(self.env())) as ordering:
            assert [method.gateway for method in ordering.billing.payment_methods(client)] == ["stripe"]
            ordering.billing.add(hands(self).order(client))
        assert len(self.orders_of(client)) == 1
        with pytest.raises(RuntimeError, match="closed"):
            ordering.billing.payment_methods(client)

    def test_fields_that_are_called_otherwise_come_from_a_file(self, tmp_path: Path) -> None:
        self.process.switch(custom_fields_listed=False, custom_field_names=False)
        file = tmp_path / "fields.toml"
        file.write_text(
            "".join(
                f"[products.{product}]\nSalesforceOrderItemId = {product}1\nOpportunityId = {product}3\n"
                for product in (202, 203)
            )
        )
        client = self.new_client()
        told = self.env() | {"ORDERING_WHMCS_FIELDS_FILE": str(file)}
        with open_ordering(Settings.from_env(told)) as ordering:
            ordering.billing.add(hands(self).order(client))
            (found,) = ordering.billing.find(client, ORDER)
            assert all(service.item and service.opportunity for service in found.services)

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("[names", "cannot be used"),
            ("[fields]", "fields"),
            ("[names]\nNonsense = 'x'", "Nonsense"),
            ("[products.202]\nNonsense = 5", "Nonsense"),
            ("[products.202]\nOpportunityId = 'five'", "OpportunityId = 5"),
            ("names = 1", "names"),
        ],
        ids=["no toml", "table", "name", "product name", "number", "value"],
    )
    def test_a_fields_file_that_cannot_be_used_says_why(self, tmp_path: Path, text: str, named: str) -> None:
        file = tmp_path / "fields.toml"
        file.write_text(text)
        told = Settings.from_env(self.env() | {"ORDERING_WHMCS_FIELDS_FILE": str(file)})
        with pytest.raises(SettingsError, match=named), open_ordering(told):
            pass

    @pytest.mark.parametrize(
        ("name", "value", "named"),
        [
            ("URL", "http://billing.example/", "https"),
            ("CA_FILE", "/nowhere/ca.pem", "authorities"),
            ("CONCURRENCY", "0", "ORDERING_WHMCS_CONCURRENCY"),
        ],
    )
    def test_a_setting_that_cannot_be_used_says_why(self, name: str, value: str, named: str) -> None:
        env = self.env() | {f"ORDERING_WHMCS_{name}": value}
        with pytest.raises(SettingsError, match=named) as raised, open_ordering(Settings.from_env(env)):
            pass
        assert self.process.ready["secret"] not in str(raised.value)

    def test_a_call_may_not_outlast_the_policys_patience(self) -> None:
        with pytest.raises(SettingsError, match="ORDERING_POLICY_CALL_TIMEOUT"):
            Settings.from_env(self.env() | {"ORDERING_WHMCS_TIMEOUT": "26s"})
        assert Settings.from_env(self.env() | {"ORDERING_WHMCS_TIMEOUT": "25s"}).whmcs is not None


class TestConnections(Installation):
    def test_no_more_calls_than_allowed_are_under_way_and_connections_are_kept(self) -> None:
        api = self.connected(attrs.evolve(self.settings(), concurrency=1, connect_timeout=0.3))
        self.process.fault(kind="delay", seconds=1.0, body="action=GetOrders&")
        raised = at_once(*(lambda: api.read("GetOrders") for _ in range(2)))
        assert sorted(type(error).__name__ for error in raised) == ["NoneType", "Unavailable"]

    def test_an_authority_that_is_not_trusted_is_not_talked_to(self) -> None:
        api = self.connected(attrs.evolve(self.settings(), ca_file=None))
        self.process.actions()
        with pytest.raises(Unavailable):
            api.write("AddOrder", {"clientid": 1})
        assert self.process.actions() == []

    def test_a_proxy_for_the_world_outside_does_not_take_what_is_for_this_machine(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
        assert self.connected().read("WhmcsDetails")["result"] == "success"

    def test_an_answer_that_is_late_is_given_up(self) -> None:
        api = self.connected()
        api.timeout = 0.2
        self.process.fault(kind="delay", seconds=0.6, body="action=GetOrders&")
        with pytest.raises(Unavailable):
            api.read("GetOrders")
