"""Invoices made, changed and paid."""

from __future__ import annotations

import re

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from ordering_sandbox.whmcs.actions.invoice_reading import invoice_of
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.invoices import Item, add_item, add_up, make_invoice, paid, settle
from ordering_sandbox.whmcs.listing import Answer, Handler
from ordering_sandbox.whmcs.money import amount, written
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.php import is_true, to_decimal, to_int, to_text
from ordering_sandbox.whmcs.tables import Row, Value


_STATUSES: Final = ("Draft", "Unpaid", "Paid", "Cancelled", "Refunded", "Collections", "Payment Pending")
_ITEM: Final = re.compile(r"itemdescription([0-9]+)")
_DRAFT: Final = (
    "Cannot create and send a draft invoice in a single API request. Please create and send separately."
)
_MISSING: Final = (
    "Missing Variables: itemdescription, itemamount and itemtaxed are required for each item being changed"
)


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
    row = invoice_of(work, parameters)
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
    row = invoice_of(work, parameters)
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


ACTIONS: Final[Mapping[str, Handler]] = {
    "CreateInvoice": create_invoice,
    "UpdateInvoice": update_invoice,
    "AddInvoicePayment": add_invoice_payment,
    "CapturePayment": capture_payment,
}
