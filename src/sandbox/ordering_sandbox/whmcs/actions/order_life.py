"""What becomes of an order: accepted, put back, cancelled, called fraud, erased (reference 2d)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.whmcs.actions.modules import run_module
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.tables import Row


_NOT_PENDING: Final = "Order ID not found or Status not Pending"
_NO_SUBSCRIPTION: Final = (
    "Subscription Cancellation Failed - Please check the gateway log for further information"
)


def accept_order(work: Work, parameters: Parameters) -> Answer:
    """Accept a pending order; services without a module stay as they are."""
    order = _order(work, parameters, _NOT_PENDING)
    if order["status"] != "Pending":
        raise Refusal(_NOT_PENDING)
    for service in work.rows.find("services", orderid=order["id"], status="Pending"):
        product = work.rows.get("products", int(service["pid"]))
        if product is not None and product["module"] and parameters.flag("autosetup"):
            message = run_module(work, service, "CreateAccount")
            if message:
                # Not a refusal: what the modules of other services have done is done.
                return {"result": "error", "message": message}
        elif work.switches.accept_activates:
            work.rows.update("services", int(service["id"]), {"status": "Active"})
    work.rows.update("orders", int(order["id"]), {"status": "Active"})
    return {}


def pending_order(work: Work, parameters: Parameters) -> Answer:
    """Put an order and its services back."""
    order = _order(work, parameters, "Order ID Not Found")
    _set_status(work, order, "Pending", services=True)
    return {}


def cancel_order(work: Work, parameters: Parameters) -> Answer:
    """Cancel a pending order."""
    order = _order(work, parameters, _NOT_PENDING)
    if order["status"] != "Pending":
        raise Refusal(_NOT_PENDING)
    _take_back(work, parameters, order, "Cancelled")
    return {}


def fraud_order(work: Work, parameters: Parameters) -> Answer:
    """Call an order fraud."""
    _take_back(work, parameters, _order(work, parameters, "Order ID Not Found"), "Fraud")
    return {}


def delete_order(work: Work, parameters: Parameters) -> Answer:
    """Erase a cancelled or fraudulent order with its services and its invoice."""
    order = _order(work, parameters, "Order ID not found")
    if order["status"] not in ("Cancelled", "Fraud"):
        raise Refusal("The order status must be in Cancelled or Fraud to be deleted")
    for service in work.rows.find("services", orderid=order["id"]):
        work.rows.delete("fieldvalues", relid=service["id"])
        work.rows.delete("services", id=service["id"])
    work.rows.delete("invoiceitems", invoiceid=order["invoiceid"])
    work.rows.delete("invoices", id=order["invoiceid"])
    work.rows.delete("orders", id=order["id"])
    return {}


def _order(work: Work, parameters: Parameters, message: str) -> Row:
    order = work.rows.get("orders", parameters.number("orderid"))
    if order is None:
        raise Refusal(message)
    return order


def _take_back(work: Work, parameters: Parameters, order: Row, status: str) -> None:
    if parameters.flag("cancelsub") and not work.switches.cancel_subscriptions:
        raise Refusal(_NO_SUBSCRIPTION)
    _set_status(work, order, status, services=work.switches.cancel_items)
    invoice = work.rows.get("invoices", int(order["invoiceid"]))
    if work.switches.cancel_invoice and invoice is not None and invoice["status"] == "Unpaid":
        changes = {"status": "Cancelled", "date_cancelled": work.stamp, "updated_at": work.stamp}
        work.rows.update("invoices", int(invoice["id"]), changes)


def _set_status(work: Work, order: Row, status: str, *, services: bool) -> None:
    work.rows.update("orders", int(order["id"]), {"status": status})
    if services:
        for service in work.rows.find("services", orderid=order["id"]):
            work.rows.update("services", int(service["id"]), {"status": status})


ACTIONS: Final[Mapping[str, Handler]] = {
    "AcceptOrder": accept_order,
    "PendingOrder": pending_order,
    "CancelOrder": cancel_order,
    "FraudOrder": fraud_order,
    "DeleteOrder": delete_order,
}
