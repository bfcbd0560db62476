"""Invoices as they are listed and read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.invoices import paid
from ordering_sandbox.whmcs.listing import Answer, Handler, page
from ordering_sandbox.whmcs.money import written
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.tables import Row, Value


_LISTED: Final = (
    "invoicenum",
    "date",
    "duedate",
    "datepaid",
    "last_capture_attempt",
    "date_refunded",
    "date_cancelled",
    "subtotal",
    "credit",
    "tax",
    "tax2",
    "total",
    "taxrate",
    "taxrate2",
    "status",
    "paymentmethod",
)
_READ: Final = ("subtotal", "credit", "tax", "tax2", "total")


def get_invoices(work: Work, parameters: Parameters) -> Answer:
    """List invoices without their lines; ``Overdue`` is a filter, no status."""
    conditions: list[str] = []
    values: list[Value] = []
    if parameters.number("userid"):
        conditions.append('"userid" = ?')
        values.append(parameters.number("userid"))
    if status := parameters.text("status"):
        overdue = status.lower() == "overdue"
        conditions.append('"status" = ? COLLATE NOCASE')
        values.append("Unpaid" if overdue else status)
        if overdue:
            conditions.append('"duedate" < ?')
            values.append(work.today.isoformat())
    column = {"invoicenumber": "invoicenum"}.get(parameters.text("orderby"), parameters.text("orderby"))
    order = column if column in ("id", *_LISTED) else "id"
    direction = "ASC" if parameters.text("order").upper() == "ASC" else "DESC"
    found = page(
        work, parameters, "invoices", conditions, values, order=f'"{order}" {direction}, "id" {direction}'
    )
    invoices: list[Json] = [_listed(work, row) for row in found.rows]
    return {**found.counts(), "invoices": {"invoice": invoices}}


def get_invoice(work: Work, parameters: Parameters) -> Answer:
    """Read one invoice with its lines and payments; no payment is an empty text."""
    row = invoice_of(work, parameters)
    items: list[Json] = [
        {name: item[name] for name in ("id", "type", "relid", "description", "amount", "taxed")}
        for item in work.rows.find("invoiceitems", invoiceid=row["id"])
    ]
    payments: list[Json] = [
        {**payment, "currency": 0, "rate": "1.00000", "amountout": "0.00", "refundid": 0}
        for payment in work.rows.find("transactions", invoiceid=row["id"])
    ]
    gateway = work.rows.first("gateways", module=row["paymentmethod"])
    balance = Decimal(str(row["total"])) - paid(work, int(row["id"]))
    return {
        "invoiceid": row["id"],
        "invoicenum": row["invoicenum"],
        "userid": row["userid"],
        **{name: row[name] for name in ("date", "duedate", "datepaid")},
        "lastcaptureattempt": row["last_capture_attempt"],
        **{name: row[name] for name in _READ},
        "balance": written(balance),
        **{name: row[name] for name in ("taxrate", "taxrate2", "status", "paymentmethod", "notes")},
        "ccgateway": gateway is not None and gateway["type"] == "CreditCard",
        "items": {"item": items},
        "transactions": {"transaction": payments} if payments else "",
    }


def invoice_of(work: Work, parameters: Parameters) -> Row:
    """
    Return the invoice that ``invoiceid`` names.

    Raises:
        Refusal: There is none.

    """
    row = work.rows.get("invoices", parameters.number("invoiceid"))
    if row is None:
        raise Refusal("Invoice ID Not Found")
    return row


def _listed(work: Work, row: Row) -> Json:
    client = work.rows.get("clients", int(row["userid"])) or {}
    currency = work.rows.get("currencies", int(client.get("currency", 1))) or {}
    return {
        "id": row["id"],
        "userid": row["userid"],
        **{name: client.get(name, "") for name in ("firstname", "lastname", "companyname")},
        **{name: row[name] for name in _LISTED},
        "paymethodid": None,
        **{name: row[name] for name in ("notes", "created_at", "updated_at")},
        "currencycode": currency.get("code", ""),
        "currencyprefix": currency.get("prefix", ""),
        "currencysuffix": currency.get("suffix", ""),
    }


ACTIONS: Final[Mapping[str, Handler]] = {"GetInvoices": get_invoices, "GetInvoice": get_invoice}
