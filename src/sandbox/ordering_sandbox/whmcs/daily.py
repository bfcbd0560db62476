"""The daily job: invoices for what is due soon, and cancellations whose period has ended (reference 3)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.actions.cancellations import IMMEDIATE
from ordering_sandbox.whmcs.cycles import CYCLES, cycle_key, months_later
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.invoices import Item, item_for, make_invoice
from ordering_sandbox.whmcs.tables import NO_DATE, Row


def run_daily(work: Work) -> Json:
    """Run the job for the server's date; return the invoices it made and the services it cancelled."""
    return {"cancelled": _cancel(work), "invoices": _bill(work)}


def _cancel(work: Work) -> Json:
    cancelled: list[Json] = []
    for request in work.rows.find("cancellations"):
        service = work.rows.get("services", int(request["relid"]))
        if service is None or service["status"] not in ("Active", "Suspended", "Pending"):
            continue
        if request["type"] == IMMEDIATE or str(service["nextduedate"]) <= work.today.isoformat():
            changes = {"status": "Cancelled", "terminationdate": work.today.isoformat()}
            work.rows.update("services", int(service["id"]), changes)
            cancelled.append(service["id"])
    return cancelled


def _bill(work: Work) -> Json:
    """Bill each client once for all services whose next invoice is not more than `invoice_days` away."""
    until = (work.today + timedelta(days=work.switches.invoice_days)).isoformat()
    due: defaultdict[tuple[int, str, str], list[Row]] = defaultdict(list)
    for service in work.rows.select("services", ['"status" IN (?, ?)'], ["Active", "Suspended"]):
        day = str(service["nextinvoicedate"])
        if day not in ("", NO_DATE) and day <= until and not _billed(work, service):
            due[int(service["clientid"]), str(service["paymentmethod"]), day].append(service)
    made: list[Json] = []
    for (client_id, gateway, day), services in due.items():
        client = work.rows.get("clients", client_id)
        if client is not None:
            begins = date.fromisoformat(day)
            items = [_item(work, service, begins) for service in services]
            made.append(make_invoice(work, client, items, gateway=gateway, due=begins))
            _move_on(work, services, begins)
    return made


def _billed(work: Work, service: Row) -> bool:
    """Whether the first invoice of *service* still waits to be paid: then nothing is due beyond it."""
    return any(
        (invoice := work.rows.get("invoices", int(item["invoiceid"]))) is not None
        and invoice["status"] == "Unpaid"
        for item in work.rows.find("invoiceitems", relid=service["id"])
    )


def _item(work: Work, service: Row, begins: date) -> Item:
    product = work.rows.get("products", int(service["pid"]))
    name = "" if product is None else str(product["name"])
    return item_for(service, name, Decimal(str(service["recurringamount"])), begins)


def _move_on(work: Work, services: list[Row], begins: date) -> None:
    for service in services:
        months = CYCLES[cycle_key(str(service["billingcycle"])) or "monthly"].months
        work.rows.update(
            "services", int(service["id"]), {"nextinvoicedate": months_later(begins, months).isoformat()}
        )
