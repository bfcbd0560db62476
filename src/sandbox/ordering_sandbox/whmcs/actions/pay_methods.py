"""Stored cards and bank accounts; nothing in them says which one is the default (reference 2)."""

from __future__ import annotations

import re
import secrets

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.tables import Row


BANKS: Final = ("BankAccount", "RemoteBankAccount")
_TYPES: Final = ("BankAccount", "CreditCard", "RemoteCreditCard")
_MONTH: Final = re.compile(r"(0[1-9]|1[0-2])/?([0-9]{2})")
_CARD: Final = ("card_last_four", "expiry_date", "start_date", "issue_number", "card_type")


def get_pay_methods(work: Work, parameters: Parameters) -> Answer:
    """List a client's pay methods; the default comes first, without a word."""
    number = parameters.number("clientid")
    if not number:
        raise Refusal("Client ID Is Required")
    wanted = parameters.text("type")
    if wanted not in ("", "BankAccount", "CreditCard"):
        raise Refusal("Invalid Pay Method Type. Should be 'BankAccount' or 'CreditCard'")
    if work.rows.get("clients", number) is None:
        raise Refusal("Client Not Found")
    rows = work.rows.select("paymethods", ['"clientid" = ?'], [number], order='"position", "id"')
    only = parameters.number("paymethodid")
    return {
        "clientid": parameters.text("clientid"),
        "paymethods": [
            _shown(row)
            for row in rows
            if only in (0, row["id"]) and (not wanted or str(row["type"]).endswith(wanted))
        ],
    }


def add_pay_method(work: Work, parameters: Parameters) -> Answer:
    """Store a card or a bank account."""
    if not parameters.number("clientid"):
        raise Refusal("Client ID Is Required")
    client = work.rows.get("clients", parameters.number("clientid"))
    if client is None:
        raise Refusal("Invalid Client ID")
    kind = parameters.text("type") or "CreditCard"
    if kind not in _TYPES:
        raise Refusal(
            "Invalid Pay Method Type. Type should be one of 'BankAccount', 'CreditCard', or"
            " 'RemoteCreditCard'"
        )
    gateway = _gateway(work, kind, parameters.text("gateway_module_name"))
    details = _bank(parameters, gateway) if kind in BANKS else _card(parameters)
    added = store_method(
        work,
        int(client["id"]),
        {"type": kind, "gateway_name": gateway, "description": parameters.text("description"), **details},
        default=parameters.flag("set_as_default"),
    )
    return {"clientid": parameters.text("clientid"), "paymethodid": str(added)}


def update_pay_method(work: Work, parameters: Parameters) -> Answer:
    """Change a stored method."""
    method = _owned(work, parameters)
    changes: dict[str, str] = {}
    if number := parameters.text("card_number"):
        changes["card_last_four"] = number[-4:]
    if parameters.text("card_expiry"):
        changes["expiry_date"] = month_of(parameters.text("card_expiry"), "Expiry Date is invalid")
    if parameters.text("bank_name"):
        changes["bank_name"] = parameters.text("bank_name")
    if not changes and not parameters.flag("set_as_default"):
        raise Refusal("No Details Provided for Update")
    work.rows.update("paymethods", int(method["id"]), {**changes, "last_updated": _shown_stamp(work)})
    if parameters.flag("set_as_default"):
        _move_first(work, int(method["clientid"]), int(method["id"]))
    return {
        "clientid": parameters.text("clientid"),
        "paymethodid": parameters.text("paymethodid"),
    }


def delete_pay_method(work: Work, parameters: Parameters) -> Answer:
    """Delete a stored method."""
    work.rows.delete("paymethods", id=_owned(work, parameters)["id"])
    return {"paymethodid": parameters.text("paymethodid")}


def store_method(work: Work, client: int, details: Row, *, default: bool) -> int:
    """Write a pay method of *client*; return its id."""
    remote = str(details["type"]).startswith("Remote")
    token = f'{{"customer":"cus_{secrets.token_hex(7)}","method":"pm_{secrets.token_hex(7)}"}}'
    position = work.rows.count("paymethods", ['"clientid" = ?'], [client])
    added = work.rows.insert(
        "paymethods",
        {
            "clientid": client,
            "remote_token": token if remote else "",
            "last_updated": _shown_stamp(work),
            "position": position,
            **details,
        },
    )
    if default:
        _move_first(work, client, added)
    return added


def month_of(text: str, message: str) -> str:
    """
    Return ``MMYY`` as ``MM/YY``.

    Raises:
        Refusal: It is no month.

    """
    match = _MONTH.fullmatch(text)
    if match is None:
        raise Refusal(message)
    return f"{match[1]}/{match[2]}"


def _gateway(work: Work, kind: str, name: str) -> str:
    active = {str(row["module"]): row for row in work.rows.find("gateways", active=1)}
    if name and name not in active:
        raise Refusal(f"Invalid Gateway Module Name. Must be one of: {', '.join(active)}")
    if kind == "RemoteCreditCard" and not name:
        raise Refusal("Gateway is Required for RemoteCreditCard type")
    if kind == "CreditCard" and not any(
        row["type"] == "CreditCard" and not row["remote"] for row in active.values()
    ):
        raise Refusal("No Local Credit Card Payment Gateways Enabled")
    if name and kind != "BankAccount" and active[name]["type"] != "CreditCard":
        raise Refusal("Unsupported Gateway Type for Storage")
    return name


def _card(parameters: Parameters) -> dict[str, str]:
    number, expiry = parameters.text("card_number"), parameters.text("card_expiry")
    if not number:
        raise Refusal("Card Number is required for 'CreditCard' or 'RemoteCreditCard' type")
    if not expiry:
        raise Refusal("Expiry Date is required for 'CreditCard' or 'RemoteCreditCard' type")
    start = parameters.text("card_start")
    return {
        "card_last_four": number[-4:],
        "expiry_date": month_of(expiry, "Expiry Date is invalid"),
        "start_date": month_of(start, "Start Date is invalid") if start else "",
        "issue_number": parameters.text("card_issue_number"),
        "card_type": "Visa" if number.startswith("4") else "MasterCard",
    }


def _bank(parameters: Parameters, gateway: str) -> dict[str, str]:
    if not parameters.text("bank_code"):
        raise Refusal("Routing number is required")
    if not parameters.text("bank_account"):
        raise Refusal("Account number is required")
    if not gateway:
        raise Refusal("Gateway is Required for Bank Account Storage")
    return {"bank_name": parameters.text("bank_name")}


def _owned(work: Work, parameters: Parameters) -> Row:
    if not parameters.number("clientid"):
        raise Refusal("Client ID is Required")
    if not parameters.number("paymethodid"):
        raise Refusal("Pay Method ID is Required")
    method = work.rows.get("paymethods", parameters.number("paymethodid"))
    if method is None:
        raise Refusal("Invalid Pay Method ID")
    if method["clientid"] != parameters.number("clientid"):
        raise Refusal("Pay Method does not belong to passed Client ID")
    return method


def _move_first(work: Work, client: int, method: int) -> None:
    for row in work.rows.find("paymethods", clientid=client):
        work.rows.update("paymethods", int(row["id"]), {"position": int(row["position"]) + 1})
    work.rows.update("paymethods", method, {"position": 0})


def _shown(row: Row) -> Json:
    details = ("bank_name",) if row["type"] in BANKS else _CARD
    return {
        **{name: row[name] for name in ("id", "type", "description", "gateway_name")},
        "contact_type": "Client",
        "contact_id": row["clientid"],
        **{name: row[name] for name in details},
        "remote_token": row["remote_token"],
        "last_updated": row["last_updated"],
    }


def _shown_stamp(work: Work) -> str:
    return work.local.strftime("%d/%m/%Y %H:%M")


ACTIONS: Final[Mapping[str, Handler]] = {
    "GetPayMethods": get_pay_methods,
    "AddPayMethod": add_pay_method,
    "UpdatePayMethod": update_pay_method,
    "DeletePayMethod": delete_pay_method,
}
