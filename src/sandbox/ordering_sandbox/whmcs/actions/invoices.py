"""Invoices: read, made, changed, paid."""

from __future__ import annotations

import re

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.invoices import Item, add_item, add_up, make_invoice, paid, settle
from ordering_sandbox.whmcs.listing import Answer, Handler, page
from ordering_sandbox.whmcs.money import amount, written
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.php import is_true, to_decimal, to_int, to_text
from ordering_sandbox.whmcs.tables import Row, Value


_STATUSES: Final = ("Draft", "Unpaid", "Paid", "Cancelled", "Refunded", "Collections", "Payment Pending")
_ITEM: Final = re.compile(r"itemdescription([0-9]+)")
_NOT_FOUND: Final = "Invoice ID Not Found"
_DRAFT: Final = (
    "Cannot create and send a draft invoice in a single API request. Please create and send separately."
)
_MISSING: Final = (
    "Missing Variables: itemdescription, itemamount and itemtaxed are required for each item being changed"
)
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
    row = _invoice(work, parameters)
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


def create_invoice(work: Work, parameters: Parameters) -> Answer:
    """Make a free invoice of ``itemdescription1``, ``itemamount1``, ``itemtaxed1``, and so on."""
    client = work.rows.get("clients", parameters.number("userid"))
    if client is None:
        raise Refusal("Client ID Not Found")
    draft = parameters.flag("draft") or parameters.text("status") == "Draft"
    if draft and parameters.flag("sendinvoice"):
        raise Refusal(_DRAFT)
    places = sorted(int(match[1]) for name in parameters.values if (match := _ITEM.fullmatch(str(name))))
    items = [
        Item(
            type="",
            description=parameters.text(f"itemdescription{place}"),
            amount=amount(parameters.decimal(f"itemamount{place}")),
            taxed=parameters.flag(f"itemtaxed{place}"),
        )
        for place in places
    ]
    gateway = parameters.text("paymentmethod") or str(client["defaultgateway"])
    invoice = make_invoice(work, client, items, gateway=gateway)
    status = "Draft" if draft else parameters.text("status") or "Unpaid"
    changes: dict[str, Value] = {"status": status if status in _STATUSES else "Unpaid"}
    changes |= parameters.texts("date", "duedate", "notes")
    changes |= {
        name: f"{parameters.decimal(name):.3f}" for name in ("taxrate", "taxrate2") if parameters.given(name)
    }
    work.rows.update("invoices", invoice, changes)
    add_up(work, invoice)
    return {"invoiceid": str(invoice), "status": changes["status"]}


def update_invoice(work: Work, parameters: Parameters) -> Answer:
    """Change an invoice and its lines."""
    row = _invoice(work, parameters)
    number = int(row["id"])
    publishing = parameters.flag("publish") or parameters.flag("publishandsendemail")
    if publishing and row["status"] != "Draft":
        raise Refusal("Invoice must be in Draft status to be published")
    status = parameters.text("status") or ("Unpaid" if publishing else "")
    if status and status not in _STATUSES:
        raise Refusal(f"Invalid status {status}")
    _change_lines(work, parameters, number)
    changes: dict[str, Value] = dict(
        parameters.texts("paymentmethod", "date", "duedate", "datepaid", "notes")
    )
    changes |= {
        name: f"{parameters.decimal(name):.3f}" for name in ("taxrate", "taxrate2") if parameters.given(name)
    }
    if parameters.given("credit"):
        changes["credit"] = written(parameters.decimal("credit"))
    work.rows.update("invoices", number, changes)
    add_up(work, number)
    if status == "Paid":
        settle(work, number, str(changes.get("datepaid") or work.stamp))
    elif status:
        stamp = {"Cancelled": "date_cancelled", "Refunded": "date_refunded"}.get(status)
        work.rows.update("invoices", number, {"status": status, **({stamp: work.stamp} if stamp else {})})
    return {"invoiceid": parameters.text("invoiceid")}


def add_invoice_payment(work: Work, parameters: Parameters) -> Answer:
    """Record a payment; what is too much becomes the client's credit."""
    row = _invoice(work, parameters)
    number = int(row["id"])
    if row["status"] == "Cancelled":
        raise Refusal("It is not possible to add a payment to an invoice that is Cancelled")
    balance = Decimal(str(row["total"])) - paid(work, number)
    value = amount(parameters.decimal("amount")) if parameters.text("amount") else balance
    work.rows.insert(
        "transactions",
        {
            "invoiceid": number,
            "userid": row["userid"],
            "gateway": parameters.text("gateway") or row["paymentmethod"],
            "date": parameters.text("date") or work.stamp,
            "description": "Invoice Payment",
            "amountin": written(value),
            "fees": written(parameters.decimal("fees")),
            "transid": parameters.text("transid"),
        },
    )
    if value >= balance and row["status"] != "Paid":
        settle(work, number, parameters.text("date") or work.stamp)
    client = work.rows.get("clients", int(row["userid"]))
    if value > balance and client is not None:
        credit = Decimal(str(client["credit"])) + value - max(balance, Decimal(0))
        work.rows.update("clients", int(client["id"]), {"credit": written(credit)})
    return {}


def capture_payment(work: Work, parameters: Parameters) -> Answer:
    """Charge an unpaid invoice to the client's first card at its gateway that has not expired."""
    row = work.rows.get("invoices", parameters.number("invoiceid"))
    if row is None or row["status"] != "Unpaid":
        raise Refusal("Invoice Not Found or Not Unpaid")
    work.rows.update("invoices", int(row["id"]), {"last_capture_attempt": work.stamp})
    month = f"{work.today:%y%m}"
    methods = work.rows.find("paymethods", clientid=row["userid"], gateway_name=row["paymentmethod"])
    if not any(_until(str(method["expiry_date"])) >= month for method in methods):
        return {"result": "error", "message": "Payment Attempt Failed"}
    sent: dict[int | str, str] = {"invoiceid": str(row["id"]), "transid": f"ch_{row['id']}"}
    return add_invoice_payment(work, Parameters({**sent}))


def _until(expiry: str) -> str:
    """Return ``MM/YY`` as ``YYMM``; what never expires lasts longest."""
    month, slash, year = expiry.partition("/")
    return f"{year}{month}" if slash else "9999"


def _invoice(work: Work, parameters: Parameters) -> Row:
    row = work.rows.get("invoices", parameters.number("invoiceid"))
    if row is None:
        raise Refusal(_NOT_FOUND)
    return row


def _change_lines(work: Work, parameters: Parameters, invoice: int) -> None:
    texts, amounts, taxed = (
        parameters.array(name) for name in ("itemdescription", "itemamount", "itemtaxed")
    )
    if not texts.keys() == amounts.keys() == taxed.keys():
        raise Refusal(_MISSING)
    for key, text in texts.items():
        changes: Row = {
            "description": to_text(text),
            "amount": written(to_decimal(amounts[key])),
            "taxed": int(is_true(taxed[key])),
        }
        if work.rows.first("invoiceitems", id=to_int(str(key)), invoiceid=invoice) is not None:
            work.rows.update("invoiceitems", to_int(str(key)), changes)
    new_amounts, new_taxed = parameters.array("newitemamount"), parameters.array("newitemtaxed")
    for key, text in parameters.array("newitemdescription").items():
        add_item(
            work,
            invoice,
            Item(
                type="",
                description=to_text(text),
                amount=amount(to_decimal(new_amounts.get(key))),
                taxed=is_true(new_taxed.get(key)),
            ),
        )
    for number in parameters.array("deletelineids").values():
        work.rows.delete("invoiceitems", id=to_int(number), invoiceid=invoice)


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


ACTIONS: Final[Mapping[str, Handler]] = {
    "GetInvoices": get_invoices,
    "GetInvoice": get_invoice,
    "CreateInvoice": create_invoice,
    "UpdateInvoice": update_invoice,
    "AddInvoicePayment": add_invoice_payment,
    "CapturePayment": capture_payment,
}
