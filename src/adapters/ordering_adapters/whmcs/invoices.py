"""Invoices of the installation, as the core compares them with a quote (DESIGN 3.12)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.errors import Code
from ordering_adapters.whmcs.values import Row, amount, day, flag, rows, text, title, whole
from ordering_core.domain.identifiers import BillingOrderId, ServiceId
from ordering_core.domain.invoice import Invoice, InvoiceLine
from ordering_core.errors import Refused


_NOTHING: Final = Decimal(0)
_OF_A_SERVICE: Final = "hosting"
"""The type of a line for a product; its relid is the service (reference 2, GetInvoice)."""


class WhmcsInvoices:
    """The invoices of one installation."""

    def __init__(self, api: WhmcsApi) -> None:
        """Nothing is read before it is asked for."""
        self._api = api

    def of_order(self, order: BillingOrderId) -> Invoice | None:
        """
        Return the first invoice of *order*; None when there is no such order, or it was free of charge.

        Raises:
            Unavailable: It cannot be read now.

            Refused: WHMCS says no.

        """
        answer = self._api.read("GetOrders", {"id": order})
        found = (row for row in rows(answer, "orders", "order") if whole(row, "id") == order)
        invoice = next((whole(row, "invoiceid") for row in found), None)
        return None if invoice is None else self.read(invoice)

    def read(self, invoice: int) -> Invoice | None:
        """
        Return *invoice*, None when it is not there.

        Raises:
            Unavailable: It cannot be read now.

            Refused: WHMCS says no.

        """
        try:
            answer = self._api.read("GetInvoice", {"invoiceid": invoice})
        except Refused as refused:
            if refused.code == Code.INVOICE_NOT_FOUND:
                return None
            raise
        return Invoice(
            id=invoice,
            status=title(answer, "status"),
            due=day(answer, "duedate"),
            subtotal=amount(answer, "subtotal") or _NOTHING,
            tax=(amount(answer, "tax") or _NOTHING) + (amount(answer, "tax2") or _NOTHING),
            total=amount(answer, "total") or _NOTHING,
            lines=tuple(_line(row) for row in rows(answer, "items", "item")),
        )


def _line(row: Row) -> InvoiceLine:
    service = whole(row, "relid") if text(row, "type").casefold() == _OF_A_SERVICE else None
    return InvoiceLine(
        service=ServiceId(service) if service is not None else None,
        amount=amount(row, "amount") or _NOTHING,
        taxed=flag(row, "taxed"),
    )
