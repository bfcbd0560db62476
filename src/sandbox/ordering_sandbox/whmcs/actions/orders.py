"""Orders as they are listed; there is no filter by notes, date or number, and ``userid`` is a client's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.cycles import ONE_TIME, cycle_key
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler, equal_to, page
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.tables import Row


STATUSES: Final = ("Pending", "Active", "Fraud", "Cancelled")


def get_orders(work: Work, parameters: Parameters) -> Answer:
    """List orders with their services, the newest first."""
    conditions, values = equal_to(
        parameters, ("id", "id"), ("userid", "userid"), ("requestor_id", "requestor_id")
    )
    if status := parameters.text("status"):
        conditions.append('"status" = ? COLLATE NOCASE')
        values.append(status)
    found = page(work, parameters, "orders", conditions, values, order='"id" DESC')
    return {**found.counts(), "orders": {"order": [_shown(work, order) for order in found.rows]}}


def get_order_statuses(work: Work, _parameters: Parameters) -> Answer:
    """List the statuses, with how many orders have each."""
    statuses: list[Json] = [
        {"title": status, "count": work.rows.count("orders", ['"status" = ?'], [status])}
        for status in STATUSES
    ]
    return {"totalresults": len(statuses), "statuses": {"status": statuses}}


def order_fraud_check(work: Work, parameters: Parameters) -> Answer:
    """Refuse: no fraud module is active here."""
    if work.rows.get("orders", parameters.number("orderid")) is None:
        raise Refusal("Order ID Not Found")
    raise Refusal("No Active Fraud Module")


def gateway_name(work: Work, module: str) -> str:
    """Return a gateway as customers read it."""
    gateway = work.rows.first("gateways", module=module)
    return "" if gateway is None else str(gateway["displayname"])


def product_group(work: Work, product: Row | None) -> str:
    """Return the name of a product's group."""
    group = None if product is None else work.rows.get("groups", int(product["gid"]))
    return "" if group is None else str(group["name"])


def _shown(work: Work, order: Row) -> Json:
    client = work.rows.get("clients", int(order["userid"])) or {}
    currency = work.rows.get("currencies", int(client.get("currency", 1))) or {}
    invoice = work.rows.get("invoices", int(order["invoiceid"]))
    services = work.rows.find("services", orderid=order["id"])
    return {
        "id": order["id"],
        "ordernum": int(order["ordernum"] or 0),
        "userid": order["userid"],
        "contactid": order["contactid"],
        "requestor_id": order["requestor_id"],
        "admin_requestor_id": order["admin_requestor_id"],
        "date": order["date"],
        "nameservers": "",
        "transfersecret": "",
        "renewals": "",
        "renewalsByType": {"domains": [], "services": [], "addons": []},
        "promocode": order["promocode"],
        "promotype": "",
        "promovalue": "",
        "orderdata": "{}",
        "amount": order["amount"],
        "paymentmethod": order["paymentmethod"],
        "invoiceid": order["invoiceid"],
        "status": order["status"],
        "ipaddress": order["ipaddress"],
        "fraudmodule": "",
        "fraudoutput": "",
        "notes": order["notes"],
        "paymentmethodname": gateway_name(work, str(order["paymentmethod"])),
        "paymentstatus": "" if invoice is None else invoice["status"],
        "name": f"{client.get('firstname', '')} {client.get('lastname', '')}".strip(),
        "currencyprefix": currency.get("prefix", ""),
        "currencysuffix": currency.get("suffix", ""),
        "frauddata": "",
        "validationdata": "",
        "lineitems": {"lineitem": [_line(work, service) for service in services]},
    }


def _line(work: Work, service: Row) -> Json:
    product = work.rows.get("products", int(service["pid"]))
    name = "" if product is None else str(product["name"])
    one_time = cycle_key(str(service["billingcycle"])) == ONE_TIME
    return {
        "type": "product",
        "relid": service["id"],
        "producttype": "Other Product/Service",
        "product": f"{product_group(work, product)} - {name}",
        "domain": service["domain"],
        # The documented example of this action writes it so; services write "One Time".
        "billingcycle": "One-Time" if one_time else service["billingcycle"],
        "amount": service["firstpaymentamount"],
        "status": service["status"],
    }


ACTIONS: Final[Mapping[str, Handler]] = {
    "GetOrders": get_orders,
    "GetOrderStatuses": get_order_statuses,
    "OrderFraudCheck": order_fraud_check,
}
