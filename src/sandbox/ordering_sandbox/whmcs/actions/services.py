"""Clients' services: read with their custom fields, and written field by field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.actions.orders import gateway_name, product_group
from ordering_sandbox.whmcs.custom_fields import service_fields, set_fields
from ordering_sandbox.whmcs.cycles import CYCLES, cycle_key, price_in, prices_of
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler, equal_to, page
from ordering_sandbox.whmcs.money import written
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.php import to_text
from ordering_sandbox.whmcs.serialised import read_fields
from ordering_sandbox.whmcs.tables import NO_DATE, Row, Value


STATUSES: Final = frozenset(
    {"Pending", "Active", "Completed", "Suspended", "Terminated", "Cancelled", "Fraud"}
)
_DATES: Final = ("regdate", "nextduedate", "terminationdate", "overidesuspenduntil")
_TEXTS: Final = (
    "domain",
    "paymentmethod",
    "subscriptionid",
    "notes",
    "overideautosuspend",
    "ns1",
    "ns2",
    "dedicatedip",
    "assignedips",
)
_NUMBERS: Final = ("serverid", "diskusage", "disklimit", "bwusage", "bwlimit", "promoid")
_AMOUNTS: Final = ("firstpaymentamount", "recurringamount")
_UNSET: Final[Mapping[str, str]] = {
    "domain": "",
    "serviceusername": "",
    "servicepassword": "",
    "subscriptionid": "",
    "ns1": "",
    "ns2": "",
    "dedicatedip": "",
    "assignedips": "",
    "notes": "",
    "suspendreason": "",
}
_COLUMNS: Final[Mapping[str, str]] = {
    "serviceusername": "username",
    "servicepassword": "password",
    "suspendreason": "suspensionreason",
}
"""Parameters whose columns have other names."""


def get_clients_products(work: Work, parameters: Parameters) -> Answer:
    """List services, oldest first; what was searched for comes back as texts, or null."""
    conditions, values = equal_to(parameters, ("clientid", "clientid"), ("serviceid", "id"), ("pid", "pid"))
    for name, column in (("domain", "domain"), ("username2", "username")):
        if wanted := parameters.text(name):
            conditions.append(f'"{column}" = ?')
            values.append(wanted)
    found = page(work, parameters, "services", conditions, values)
    return {
        **{name: parameters.text(name) or None for name in ("clientid", "serviceid", "pid", "domain")},
        **found.counts(),
        "totalresults": str(found.total),
        "products": {"product": [_shown(work, service) for service in found.rows]},
    }


def update_client_product(work: Work, parameters: Parameters) -> Answer:
    """Write fields of one service; no module runs."""
    service = work.rows.get("services", parameters.number("serviceid"))
    if service is None:
        raise Refusal("Service ID Not Found")
    changes: dict[str, Value] = dict(parameters.texts(*_TEXTS))
    changes |= {name: _date(text) for name, text in parameters.texts(*_DATES).items()}
    if "nextduedate" in changes:
        changes["nextinvoicedate"] = changes["nextduedate"]
    changes |= {name: parameters.number(name) for name in _NUMBERS if parameters.given(name)}
    changes |= {name: written(parameters.decimal(name)) for name in _AMOUNTS if parameters.given(name)}
    changes |= {_COLUMNS[name]: value for name, value in parameters.texts(*_COLUMNS).items()}
    if parameters.text("status") in STATUSES:
        changes["status"] = parameters.text("status")
    if cycle := cycle_key(parameters.text("billingcycle")):
        changes["billingcycle"] = CYCLES[cycle].shown
    if work.rows.get("products", parameters.number("pid")) is not None:
        changes["pid"] = parameters.number("pid")
    for name in parameters.array("unset").values():
        if to_text(name) in _UNSET:
            changes[_COLUMNS.get(to_text(name), to_text(name))] = _UNSET[to_text(name)]
    work.rows.update("services", int(service["id"]), changes)
    if parameters.flag("autorecalc"):
        _recalculate(work, int(service["id"]))
    # An array where one text belongs says nothing, like a text that PHP cannot unserialize.
    fields = read_fields(parameters.text("customfields"))
    if fields:
        set_fields(work, int(service["id"]), int(changes.get("pid", service["pid"])), fields)
    return {"serviceid": parameters.text("serviceid")}


def get_clients_addons(work: Work, parameters: Parameters) -> Answer:
    """List addons; ``serviceid`` may name several."""
    conditions, values = equal_to(parameters, ("clientid", "userid"), ("addonid", "addonid"))
    numbers = [number for number in parameters.text("serviceid").split(",") if number.isdigit()]
    if numbers:
        conditions.append(f'"serviceid" IN ({", ".join(numbers)})')
    rows = work.rows.select("addons", conditions, values)
    addons: list[Json] = [
        {
            **{name: str(value) for name, value in row.items()},
            "paymentmethodname": gateway_name(work, str(row["paymentmethod"])),
        }
        for row in rows
    ]
    return {
        "serviceid": parameters.text("serviceid"),
        "clientid": parameters.text("clientid"),
        "totalresults": str(len(addons)),
        "addons": {"addon": addons},
    }


def _date(text: str) -> str:
    """Return *text* if it is a date, else the date that is none, as the database would."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return NO_DATE


def _recalculate(work: Work, service_id: int) -> None:
    service = work.rows.get("services", service_id)
    product = None if service is None else work.rows.get("products", int(service["pid"]))
    if service is None or product is None:
        return
    client = work.rows.get("clients", int(service["clientid"])) or {}
    currency = work.rows.get("currencies", int(client.get("currency", 1))) or {}
    cycle = cycle_key(str(service["billingcycle"]))
    if cycle and CYCLES[cycle].months:
        price, _ = price_in(prices_of(product, str(currency.get("code", ""))), cycle)
        total = price * Decimal(int(service["qty"]))
        work.rows.update("services", service_id, {"recurringamount": written(total)})


def _shown(work: Work, service: Row) -> Json:
    product = work.rows.get("products", int(service["pid"]))
    order = work.rows.get("orders", int(service["orderid"]))
    name = "" if product is None else str(product["name"])
    group = product_group(work, product)
    hidden = ("nextinvoicedate", "terminationdate", "lastupdate")
    return {
        **{column: str(value) for column, value in service.items() if column not in hidden},
        "ordernumber": "" if order is None else order["ordernum"],
        "name": name,
        "translated_name": name,
        "groupname": group,
        "translated_groupname": group,
        "servername": "",
        "serverip": "",
        "serverhostname": "",
        "paymentmethodname": gateway_name(work, str(service["paymentmethod"])),
        "nextduedate": service["nextduedate"] or NO_DATE,
        "lastupdate": service["lastupdate"],
        "customfields": {"customfield": service_fields(work, service)},
        "configoptions": {"configoption": []},
    }


ACTIONS: Final[Mapping[str, Handler]] = {
    "GetClientsProducts": get_clients_products,
    "UpdateClientProduct": update_client_product,
    "GetClientsAddons": get_clients_addons,
}
