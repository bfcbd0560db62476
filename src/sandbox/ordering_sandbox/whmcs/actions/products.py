"""Products with prices, currencies and gateways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.json_values import Json, expect_object, parse_object
from ordering_sandbox.whmcs.custom_fields import PRODUCT, fields_of
from ordering_sandbox.whmcs.cycles import CYCLES
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler
from ordering_sandbox.whmcs.parameters import Parameters
from ordering_sandbox.whmcs.tables import Row, Value


def get_products(work: Work, parameters: Parameters) -> Answer:
    """List products: all, those of ``pid`` (several with commas), a group's or a module's."""
    conditions: list[str] = []
    values: list[Value] = []
    if wanted := parameters.text("pid"):
        numbers = [number.strip() for number in wanted.split(",") if number.strip().isdigit()]
        conditions.append(f'"id" IN ({", ".join(numbers or ["0"])})')
    if parameters.number("gid"):
        conditions.append('"gid" = ?')
        values.append(parameters.number("gid"))
    if module := parameters.text("module"):
        conditions.append('"module" = ?')
        values.append(module)
    found: list[Json] = [_shown(work, row) for row in work.rows.select("products", conditions, values)]
    return {
        "totalresults": len(found),
        "startnumber": 0,
        "numreturned": len(found),
        "products": {"product": found},
    }


def get_currencies(work: Work, _parameters: Parameters) -> Answer:
    """List currencies."""
    rows = work.rows.find("currencies")
    names = ("id", "code", "prefix", "suffix", "format", "rate")
    currencies: list[Json] = [{name: str(row[name]) for name in names} for row in rows]
    return {"totalresults": str(len(rows)), "currencies": {"currency": currencies}}


def get_payment_methods(work: Work, _parameters: Parameters) -> Answer:
    """List the active gateways."""
    rows = work.rows.find("gateways", active=1)
    methods: list[Json] = [{"module": row["module"], "displayname": row["displayname"]} for row in rows]
    return {"totalresults": len(rows), "paymentmethods": {"paymentmethod": methods}}


def _shown(work: Work, product: Row) -> Json:
    fields = fields_of(work, PRODUCT, int(product["id"])) if work.switches.custom_fields_listed else []
    names = ("gid", "type", "name", "slug")
    return {
        "pid": product["id"],
        **{name: product[name] for name in names},
        "product-url": f"{work.base_url}/index.php?rp=/store/{product['slug']}",
        "description": product["description"],
        "module": product["module"],
        "paytype": product["paytype"],
        "allowqty": product["allowqty"],
        "quantity_available": 0,
        "pricing": _pricing(work, product),
        "customfields": {
            "customfield": [
                {
                    "id": field["id"],
                    "name": field["fieldname"],
                    "description": field["description"],
                    "required": field["required"],
                }
                for field in fields
                if field["showorder"]
            ]
        },
        "configoptions": {"configoption": []},
    }


def _pricing(work: Work, product: Row) -> Json:
    """Return every price of every currency; what is not sold on a cycle costs -1.00."""
    pricing = parse_object(str(product["pricing"]))
    fees = {cycle.fee: "0.00" for cycle in CYCLES.values() if cycle.fee}
    cycles = {key: "-1.00" for key, cycle in CYCLES.items() if cycle.months}
    shown: dict[str, Json] = {}
    for currency in work.rows.find("currencies"):
        prices = pricing.get(str(currency["code"]))
        if prices is not None:
            affixes = {"prefix": currency["prefix"], "suffix": currency["suffix"]}
            shown[str(currency["code"])] = {**affixes, **fees, **cycles, **expect_object(prices)}
    return shown or []


ACTIONS: Final[Mapping[str, Handler]] = {
    "GetProducts": get_products,
    "GetCurrencies": get_currencies,
    "GetPaymentMethods": get_payment_methods,
}
