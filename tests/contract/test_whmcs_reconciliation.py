"""What a WHMCS installation bills, compared with the quote, and what its people change there by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ordering_core import Done, OrderId, RetryAt
from ordering_core.application.reconciliation import RECONCILE_AFTER
from ordering_core.domain.fallout import FindingCode
from ordering_core.ports.order_records import Finding
from tests.contract.stand_in import Row
from tests.contract.whmcs_world import WhmcsWorld


class TestReconciliation(WhmcsWorld):
    @pytest.fixture(autouse=True)
    def _begin(self, installation: None) -> None:
        self.world()

    def active(self) -> OrderId:
        """Return an order that is active, billed and linked."""
        order = self.approved()
        assert isinstance(self.finish(order), Done)
        return order

    def found(self) -> list[Finding]:
        with self.memory.store.transaction() as tx:
            return list(tx.findings.all_open())

    def plan_line(self) -> Row:
        """Return the line of the invoice that costs most."""
        return max(self.process.rows("invoiceitems"), key=lambda row: Decimal(str(row["amount"])))

    def charged(self, line: Row, amount: Decimal) -> None:
        """Let *line* cost *amount*, as an administrator edits an invoice."""
        invoice = self.process.rows("invoices")[0]["id"]
        key = f"[{line['id']}]"
        self.api.write(
            "UpdateInvoice",
            {
                "invoiceid": int(str(invoice)),
                f"itemdescription{key}": str(line["description"]),
                f"itemamount{key}": amount,
                f"itemtaxed{key}": True,
            },
        )

    def test_what_was_quoted_is_billed_and_linked_in_every_place(self) -> None:
        order = self.active()
        self.process.actions()
        assert self.ordering.reconcile_order(order) == Done()
        assert self.found() == []
        assert self.process.actions() == ["GetClientsProducts", "GetOrders", "GetInvoice"]

    def test_it_is_asked_by_itself_once_the_order_is_active(self) -> None:
        self.active()
        self.process.actions()
        self.memory.clock.advance(RECONCILE_AFTER)
        self.memory.run_due()
        assert self.process.actions().count("GetInvoice") == 1

    def test_an_invoice_that_was_edited_by_hand_is_found_and_closed_when_it_is_put_right(self) -> None:
        order = self.active()
        line = self.plan_line()
        right = Decimal(str(line["amount"]))
        self.charged(line, right + 100)
        assert isinstance(self.ordering.reconcile_order(order), RetryAt)
        (found,) = self.found()
        assert found.code is FindingCode.INVOICE_DIFFERS
        assert "wrong_amount" in found.facts["differs"]
        assert Decimal(found.facts["invoiced"]) == Decimal(found.facts["quoted"]) + 100
        self.charged(line, right)
        assert self.ordering.reconcile_order(order) == Done()
        assert self.found() == []

    def test_a_price_that_was_changed_by_hand_is_found_before_it_is_billed(self) -> None:
        order = self.active()
        service = max(self.process.rows("services"), key=lambda row: Decimal(str(row["recurringamount"])))
        price = Decimal(str(service["recurringamount"]))
        self.process.change("services", service["id"], recurringamount=f"{price + 1}")
        self.ordering.reconcile_order(order)
        (found,) = self.found()
        assert found.facts["differs"] == "other_price"
        self.process.change("services", service["id"], recurringamount=f"{price}")
        assert self.ordering.reconcile_order(order) == Done()

    @pytest.mark.parametrize(("yen", "is_found"), [(1, False), (-1, False), (2, True)])
    def test_a_yen_of_tax_is_no_finding_and_two_are(self, yen: int, *, is_found: bool) -> None:
        order = self.active()
        (invoice,) = self.process.rows("invoices")
        self.process.change("invoices", invoice["id"], tax=f"{Decimal(str(invoice['tax'])) + yen}")
        self.ordering.reconcile_order(order)
        assert [found.facts["differs"] for found in self.found()] == ["wrong_tax"] * is_found

    def test_a_cancelled_invoice_is_found(self) -> None:
        order = self.active()
        self.process.change("invoices", self.process.rows("invoices")[0]["id"], status="Cancelled")
        self.ordering.reconcile_order(order)
        assert [found.facts["differs"] for found in self.found()] == ["no_invoice"]

    def test_marks_that_somebody_emptied_are_found_for_each_line(self) -> None:
        order = self.active()
        for value in self.process.rows("fieldvalues"):
            self.process.change("fieldvalues", value["id"], value="")
        self.ordering.reconcile_order(order)
        assert FindingCode.LINKS_DIFFER in {found.code for found in self.found()}
