"""The daily job bills what is due once, and ends what was asked to end when its period does."""

from datetime import datetime

import pytest

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.daily import run_daily
from tests.unit.sandbox.orgs import at
from tests.unit.sandbox.whmcs.installations import Caller


pytestmark = pytest.mark.whmcs_sim


def on(whmcs: Caller, day: str) -> Json:
    """Run the job on *day*."""
    whmcs.installation.clock.set(datetime.fromisoformat(f"{day}T03:00:00+09:00"), stopped=True)
    with whmcs.installation.work() as work:
        return run_daily(work)


def active(whmcs: Caller, *, paid: bool) -> str:
    """Order a service on 22 November 2026 and activate it; return its number."""
    whmcs.installation.clock.set(datetime.fromisoformat("2026-11-22T09:00:00+09:00"), stopped=True)
    order = whmcs.order(101)
    if paid:
        whmcs.done("CapturePayment", invoiceid=str(order["invoiceid"]))
    number = str(order["serviceids"])
    whmcs.done("UpdateClientProduct", serviceid=number, status="Active")
    return number


@pytest.mark.parametrize(("day", "invoices"), [("2026-12-07", 0), ("2026-12-08", 1), ("2026-12-22", 1)])
def test_a_service_is_billed_fourteen_days_before_it_is_due(whmcs: Caller, day: str, invoices: int) -> None:
    active(whmcs, paid=True)
    made = at(on(whmcs, day), "invoices")
    assert isinstance(made, list)
    assert len(made) == invoices
    assert at(on(whmcs, day), "invoices") == []


def test_nothing_is_billed_beyond_a_first_invoice_that_waits_to_be_paid(whmcs: Caller) -> None:
    active(whmcs, paid=False)
    assert at(on(whmcs, "2026-12-22"), "invoices") == []
    assert len(whmcs.rows("invoices")) == 1


@pytest.mark.parametrize(
    ("kind", "day", "status"),
    [
        ("End of Billing Period", "2026-12-21", "Active"),
        ("End of Billing Period", "2026-12-22", "Cancelled"),
        ("Immediate", "2026-11-22", "Cancelled"),
    ],
)
def test_a_request_to_cancel_is_carried_out_at_its_time(
    whmcs: Caller, kind: str, day: str, status: str
) -> None:
    number = active(whmcs, paid=True)
    whmcs.done("AddCancelRequest", serviceid=number, type=kind)
    on(whmcs, day)
    assert whmcs.services(serviceid=number)[0]["status"] == status
