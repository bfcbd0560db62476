"""Invoices that the installation makes by itself, and what is kept of every one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import attrs

from ordering_sandbox.whmcs.cycles import CYCLES, cycle_key, months_later
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.money import Totals, totals, written
from ordering_sandbox.whmcs.tables import NO_DATE, Row


HOSTING: Final = "Hosting"
"""The type of an item that bills a service, however little it is hosted."""

_DAY: Final = "%d/%m/%Y"


@attrs.frozen(kw_only=True)
class Item:
    """One line of an invoice."""

    type: str
    description: str
    amount: Decimal
    relid: int = 0
    taxed: bool = True


def make_invoice(
    work: Work, client: Row, items: Sequence[Item], *, gateway: str, due: date | None = None
) -> int:
    """Write an unpaid invoice for *client*; return its id."""
    rate = Decimal(0) if client["taxexempt"] else Decimal(work.switches.tax_rate)
    sums = totals([(item.amount, item.taxed) for item in items], work.switches, rate)
    due = due or work.today + timedelta(days=work.switches.order_grace_days)
    invoice = work.rows.insert(
        "invoices",
        {
            "userid": client["id"],
            "date": work.today.isoformat(),
            "duedate": due.isoformat(),
            "taxrate": f"{rate:.3f}",
            "paymentmethod": gateway,
            "created_at": work.stamp,
            "updated_at": work.stamp,
            **_sums(sums),
        },
    )
    for item in items:
        add_item(work, invoice, item)
    return invoice


def add_item(work: Work, invoice: int, item: Item) -> None:
    """Write one line of *invoice*."""
    work.rows.insert(
        "invoiceitems",
        {
            "invoiceid": invoice,
            "type": item.type,
            "relid": item.relid,
            "description": item.description,
            "amount": written(item.amount),
            "taxed": int(item.taxed),
        },
    )


def add_up(work: Work, invoice: int) -> None:
    """Write what *invoice* comes to, from its lines and its rate."""
    row = work.rows.get("invoices", invoice)
    if row is None:
        return
    lines = [
        (Decimal(str(item["amount"])), bool(item["taxed"]))
        for item in work.rows.find("invoiceitems", invoiceid=invoice)
    ]
    sums = totals(lines, work.switches, Decimal(str(row["taxrate"])))
    left = sums.total - Decimal(str(row["credit"]))
    work.rows.update("invoices", invoice, {**_sums(sums), "total": written(left), "updated_at": work.stamp})


def item_for(service: Row, name: str, amount: Decimal, begins: date) -> Item:
    """Return the line that bills *service* for the cycle that *begins*."""
    months = CYCLES[cycle_key(str(service["billingcycle"]))].months
    ends = months_later(begins, months) - timedelta(days=1)
    span = f" ({begins.strftime(_DAY)} - {ends.strftime(_DAY)})" if months else ""
    where = f" - {service['domain']}" if service["domain"] else ""
    return Item(type=HOSTING, relid=int(service["id"]), description=f"{name}{where}{span}", amount=amount)


def paid(work: Work, invoice: int) -> Decimal:
    """Return what was paid on *invoice* so far."""
    rows = work.rows.find("transactions", invoiceid=invoice)
    return sum((Decimal(str(row["amountin"])) for row in rows), Decimal(0))


def settle(work: Work, invoice: int, moment: str) -> None:
    """Mark *invoice* as paid at *moment*; the services it bills are due again a cycle later."""
    work.rows.update("invoices", invoice, {"status": "Paid", "datepaid": moment, "updated_at": work.stamp})
    for item in work.rows.find("invoiceitems", invoiceid=invoice, type=HOSTING):
        service = work.rows.get("services", int(item["relid"]))
        if service is None or service["nextduedate"] == NO_DATE:
            continue
        months = CYCLES[cycle_key(str(service["billingcycle"])) or "monthly"].months
        due = months_later(date.fromisoformat(str(service["nextduedate"])), months).isoformat()
        work.rows.update("services", int(service["id"]), {"nextduedate": due, "nextinvoicedate": due})


def _sums(sums: Totals) -> dict[str, str]:
    return {
        "subtotal": written(sums.subtotal),
        "tax": written(sums.tax),
        "total": written(sums.total),
    }
