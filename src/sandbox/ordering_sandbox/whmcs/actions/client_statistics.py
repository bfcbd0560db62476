"""What GetClientsDetails adds about a client with ``stats``: money here comes formatted, with its sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.tables import Row


_STATUSES: Final[Mapping[str, tuple[str, str]]] = {
    "Draft": ("numDraftInvoices", "draftInvoicesBalance"),
    "Unpaid": ("numunpaidinvoices", "unpaidinvoicesamount"),
    "Paid": ("numpaidinvoices", "paidinvoicesamount"),
    "Cancelled": ("numcancelledinvoices", "cancelledinvoicesamount"),
    "Refunded": ("numrefundedinvoices", "refundedinvoicesamount"),
    "Collections": ("numcollectionsinvoices", "collectionsinvoicesamount"),
    "Payment Pending": ("numpaymentpendinginvoices", "paymentpendinginvoicesamount"),
}
_NONE_HERE: Final = (
    "productsnumactivehosting",
    "productsnumhosting",
    "productsnumactivereseller",
    "productsnumreseller",
    "productsnumactiveservers",
    "productsnumservers",
    "numactivedomains",
    "numdomains",
    "numacceptedquotes",
    "numquotes",
    "numtickets",
    "numactivetickets",
    "numaffiliatesignups",
)


def statistics(work: Work, client: Row) -> Json:
    """Return the statistics of *client*."""
    currency = work.rows.get("currencies", int(client["currency"])) or {}
    invoices = work.rows.find("invoices", userid=client["id"])
    services = work.rows.find("services", clientid=client["id"])
    active = sum(service["status"] == "Active" for service in services)
    unpaid = [row for row in invoices if row["status"] == "Unpaid"]
    overdue = [row for row in unpaid if str(row["duedate"]) < work.today.isoformat()]

    def money(rows: Sequence[Row]) -> str:
        total = sum((Decimal(str(row["total"])) for row in rows), Decimal(0))
        return _formatted(total, currency)

    by_status: dict[str, Json] = {}
    for status, (number, sum_of) in _STATUSES.items():
        rows = [row for row in invoices if row["status"] == status]
        by_status |= {number: len(rows), sum_of: money(rows)}
    credit = Decimal(str(client["credit"]))
    income = money([row for row in invoices if row["status"] == "Paid"])
    return {
        "numdueinvoices": len(unpaid),
        "dueinvoicesbalance": money(unpaid),
        "incredit": credit > 0,
        "creditbalance": _formatted(credit, currency),
        "grossRevenue": income,
        "expenses": _formatted(Decimal(0), currency),
        "income": income,
        "numoverdueinvoices": len(overdue),
        "overdueinvoicesbalance": money(overdue),
        **by_status,
        **dict.fromkeys(_NONE_HERE, 0),
        **dict.fromkeys(("productsnumactiveother", "productsnumactive"), active),
        **dict.fromkeys(("productsnumother", "productsnumtotal"), len(services)),
        "isAffiliate": False,
    }


def _formatted(value: Decimal, currency: Row) -> str:
    return f"{currency.get('prefix', '')}{value:,.0f}{currency.get('suffix', '')}"
