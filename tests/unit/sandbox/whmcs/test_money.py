"""Consumption tax: on the total or line by line, on top or contained, in cents or in whole yen."""

from datetime import datetime
from decimal import Decimal

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_sandbox.whmcs.money import totals, written
from ordering_sandbox.whmcs.switches import Switches
from tests.unit.sandbox.whmcs.installations import Caller


pytestmark = pytest.mark.whmcs_sim

TEN = Decimal(10)
YEN = st.integers(0, 100_000).map(Decimal)
LINES = st.lists(st.tuples(YEN, st.booleans()), max_size=8)
SWITCHES = st.builds(
    Switches,
    tax_calculation=st.sampled_from(["total", "line"]),
    tax_rounding=st.sampled_from(["cents", "floor", "half_up"]),
    tax_inclusive=st.booleans(),
)


@given(LINES, SWITCHES)
def test_subtotal_and_tax_make_the_total(lines: list[tuple[Decimal, bool]], switches: Switches) -> None:
    sums = totals(lines, switches, TEN)
    assert sums.subtotal + sums.tax == sums.total
    net = sum((value for value, _ in lines), Decimal(0))
    assert (sums.total if switches.tax_inclusive else sums.subtotal) == net


@given(LINES, SWITCHES)
def test_without_a_rate_nothing_is_added(lines: list[tuple[Decimal, bool]], switches: Switches) -> None:
    assert totals(lines, switches, Decimal(0)).tax == 0


@given(LINES)
def test_rounding_line_by_line_differs_by_less_than_a_yen_a_line(lines: list[tuple[Decimal, bool]]) -> None:
    whole = totals(lines, Switches(tax_rounding="floor"), TEN)
    by_line = totals(lines, Switches(tax_rounding="floor", tax_calculation="line"), TEN)
    assert 0 <= whole.tax - by_line.tax < max(len(lines), 1)


def test_ten_per_cent_of_amounts_that_do_not_divide() -> None:
    lines = [(Decimal(4505), True), (Decimal(4505), True), (Decimal(1000), False)]
    cases = {
        ("total", "cents"): "901.00",
        ("total", "floor"): "901.00",
        ("line", "cents"): "901.00",
        ("line", "floor"): "900.00",
        ("line", "half_up"): "902.00",
    }
    for (calculation, rounding), tax in cases.items():
        switches = Switches(tax_calculation=calculation, tax_rounding=rounding)
        assert written(totals(lines, switches, TEN).tax) == tax


def test_prices_with_tax_contain_it() -> None:
    sums = totals([(Decimal(1100), True), (Decimal(500), False)], Switches(tax_inclusive=True), TEN)
    assert [str(sums.subtotal), str(sums.tax), str(sums.total)] == ["1500.00", "100.00", "1600.00"]


def test_an_order_is_billed_at_once_with_a_line_for_each_service(whmcs: Caller) -> None:
    order = whmcs.order(201, 101, **{"priceoverride[1]": "4505"})
    invoice = whmcs.invoice(order)
    price = whmcs.services(pid="201")[0]["firstpaymentamount"]
    net = Decimal(str(price)) + 4505
    assert Decimal(str(invoice["subtotal"])) == net
    assert Decimal(str(invoice["total"])) == net * 11 / 10
    assert (invoice["status"], invoice["taxrate"], invoice["transactions"]) == ("Unpaid", "10.000", "")
    assert [order["amount"] for order in whmcs.rows("orders")] == [invoice["total"]]


def test_an_order_without_invoice_or_without_price_is_not_billed(whmcs: Caller) -> None:
    assert whmcs.order(101, noinvoice="false")["invoiceid"] == ""
    assert whmcs.order(101, **{"priceoverride[0]": "0"})["invoiceid"] == ""
    assert whmcs.order(101, noinvoice="0")["invoiceid"]


def test_an_invoice_that_is_paid_moves_the_due_date_of_its_services(whmcs: Caller) -> None:
    whmcs.installation.clock.set(datetime.fromisoformat("2026-01-31T09:00:00+09:00"))
    order = whmcs.order(101)
    whmcs.done("CapturePayment", invoiceid=str(order["invoiceid"]))
    assert whmcs.services()[0]["nextduedate"] == "2026-02-28"
    assert whmcs.invoice(order)["status"] == "Paid"
    assert whmcs.invoice(order)["balance"] == "0.00"
    message = whmcs.refused("CapturePayment", invoiceid=str(order["invoiceid"]))
    assert message == "Invoice Not Found or Not Unpaid"


def test_nothing_is_captured_from_an_expired_card(whmcs: Caller) -> None:
    order = whmcs.order(101, clientid="9003")
    assert whmcs.refused("CapturePayment", invoiceid=str(order["invoiceid"])) == "Payment Attempt Failed"
    assert whmcs.invoice(order)["lastcaptureattempt"] != "0000-00-00 00:00:00"


def test_an_invoice_can_be_made_changed_and_paid_too_much(whmcs: Caller) -> None:
    made = whmcs.done(
        "CreateInvoice",
        userid="9002",
        itemdescription1="Router",
        itemamount1="1000",
        itemtaxed1="1",
        itemdescription2="Shipping",
        itemamount2="500",
    )
    number = str(made["invoiceid"])
    assert whmcs.done("GetInvoice", invoiceid=number)["total"] == "1600.00"
    whmcs.done(
        "UpdateInvoice",
        invoiceid=number,
        **{"newitemdescription[0]": "Fee", "newitemamount[0]": "100", "newitemtaxed[0]": "1"},
    )
    assert whmcs.done("GetInvoice", invoiceid=number)["total"] == "1710.00"
    whmcs.done("AddInvoicePayment", invoiceid=number, transid="t1", gateway="stripe", amount="2000")
    assert whmcs.done("GetInvoice", invoiceid=number)["status"] == "Paid"
    details = whmcs.done("GetClientsDetails", clientid="9002", stats="1")
    assert details["credit"] == "290.00"
