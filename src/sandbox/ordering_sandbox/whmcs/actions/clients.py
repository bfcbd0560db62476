"""Clients: found by prefix, read, made with their owner, changed."""

from __future__ import annotations

import uuid

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.json_values import Json, parse_object
from ordering_sandbox.whmcs.actions.client_checks import check_mail, check_new, with_mail
from ordering_sandbox.whmcs.actions.client_details import FLAGS, client_details
from ordering_sandbox.whmcs.actions.client_statistics import statistics
from ordering_sandbox.whmcs.actions.users import add_user
from ordering_sandbox.whmcs.custom_fields import CLIENT, set_fields
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler, page
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.php import is_true, to_text
from ordering_sandbox.whmcs.serialised import read_fields
from ordering_sandbox.whmcs.tables import Row, Value


_SEARCHED: Final = ("firstname", "lastname", "companyname", "email")
_LISTED: Final = ("id", *_SEARCHED, "datecreated", "groupid", "status")
_TEXTS: Final = (
    "firstname",
    "lastname",
    "companyname",
    "email",
    "address1",
    "address2",
    "city",
    "state",
    "postcode",
    "country",
    "phonenumber",
    "tax_id",
    "language",
    "notes",
)
_PREFERENCES: Final = ("general", "product", "domain", "invoice", "support", "affiliate")
_STATUSES: Final = ("Active", "Inactive", "Closed")


def get_clients(work: Work, parameters: Parameters) -> Answer:
    """List clients whose names or e-mail begin with ``search``."""
    conditions: list[str] = []
    values: list[Value] = []
    if search := parameters.text("search"):
        escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        tested = (*(f'"{name}"' for name in _SEARCHED), '"firstname" || \' \' || "lastname"')
        conditions.append("(" + " OR ".join(f"{name} LIKE ? ESCAPE '\\'" for name in tested) + ")")
        values += [escaped] * len(tested)
    if status := parameters.text("status"):
        conditions.append('"status" = ? COLLATE NOCASE')
        values.append(status)
    order = parameters.text("orderby") if parameters.text("orderby") in _LISTED else "lastname"
    direction = "DESC" if parameters.text("sorting").upper() == "DESC" else "ASC"
    found = page(
        work, parameters, "clients", conditions, values, order=f'"{order}" {direction}, "id" {direction}'
    )
    clients: list[Json] = [{name: row[name] for name in _LISTED} for row in found.rows]
    return {**found.counts(), "clients": {"client": clients}}


def get_clients_details(work: Work, parameters: Parameters) -> Answer:
    """Read one client, by number or by exact e-mail."""
    if not (parameters.text("clientid") or parameters.text("email")):
        raise Refusal("Either clientid Or email Is Required")
    client = _found(work, parameters.number("clientid"), parameters.text("email"))
    if client is None:
        raise Refusal("Client Not Found")
    details = client_details(work, client)
    stats: Answer = {"stats": statistics(work, client)} if parameters.flag("stats") else {}
    # The fields stand at the top level as well, as they did before there was "client".
    return {**details, "client": details, **stats}


def add_client(work: Work, parameters: Parameters) -> Answer:
    """Make a client and the user who owns it."""
    owner = parameters.number("owner_user_id")
    if owner and work.rows.get("users", owner) is None:
        raise Refusal("Invalid Owner User ID")
    if not parameters.flag("skipvalidation"):
        check_new(work, parameters)
    mail = parameters.text("email")
    if with_mail(work, "clients", mail) is not None:
        raise Refusal("The email address entered is not available for use.")
    if not owner and with_mail(work, "users", mail) is not None:
        raise Refusal("A user already exists with that email address")
    client = work.rows.insert(
        "clients",
        {
            **parameters.texts(*_TEXTS),
            "uuid": str(uuid.uuid4()),
            "currency": parameters.number("currency") or 1,
            "groupid": parameters.number("groupid"),
            "marketing_emails_opt_in": int(parameters.flag("marketingoptin")),
            "datecreated": work.today.isoformat(),
            "ip": parameters.text("clientip"),
        },
    )
    work.rows.insert("clientusers", {"client": client, "user": owner or add_user(work, parameters)})
    set_fields(work, client, 0, read_fields(parameters.text("customfields")) or {}, kind=CLIENT)
    return {"clientid": str(client)}


def update_client(work: Work, parameters: Parameters) -> Answer:
    """Change what was sent of a client, found by ``clientid`` or ``clientemail``."""
    client = _found(work, parameters.number("clientid"), parameters.text("clientemail"))
    if client is None:
        raise Refusal("Client ID Not Found")
    changes: dict[str, Value] = dict(parameters.texts(*_TEXTS))
    if not parameters.flag("skipvalidation"):
        check_mail(work, parameters, client)
    if work.switches.phone_digits_only and "phonenumber" in changes:
        changes["phonenumber"] = "".join(sign for sign in str(changes["phonenumber"]) if sign.isdigit())
    changes |= {name: int(parameters.flag(name)) for name in FLAGS if parameters.given(name)}
    changes |= {name: parameters.number(name) for name in ("currency", "groupid") if parameters.given(name)}
    if parameters.given("marketingoptin"):
        changes["marketing_emails_opt_in"] = int(parameters.flag("marketingoptin"))
    if parameters.text("status") in _STATUSES:
        changes["status"] = parameters.text("status")
    if parameters.given("paymentmethod"):
        changes["defaultgateway"] = parameters.text("paymentmethod")
    work.rows.update("clients", int(client["id"]), changes)
    _prefer(work, parameters, client)
    fields = read_fields(parameters.text("customfields")) or {}
    set_fields(work, int(client["id"]), 0, fields, kind=CLIENT)
    return {"clientid": parameters.text("clientid") or str(client["id"])}


def close_client(work: Work, parameters: Parameters) -> Answer:
    """Close a client: nothing can be ordered for it any more."""
    client = work.rows.get("clients", parameters.number("clientid"))
    if client is None:
        raise Refusal("Client ID Not Found")
    work.rows.update("clients", int(client["id"]), {"status": "Closed"})
    return {"clientid": parameters.text("clientid")}


def _found(work: Work, number: int, mail: str) -> Row | None:
    return work.rows.get("clients", number) if number else with_mail(work, "clients", mail)


def _prefer(work: Work, parameters: Parameters, client: Row) -> None:
    sent = parameters.array("email_preferences")
    if sent:
        kept = parse_object(str(client["email_preferences"]))
        preferred = {
            name: str(int(is_true(sent[name]))) if name in sent else to_text(str(kept.get(name, "1")))
            for name in _PREFERENCES
        }
        text = ",".join(f'"{name}":"{value}"' for name, value in preferred.items())
        work.rows.update("clients", int(client["id"]), {"email_preferences": f"{{{text}}}"})


ACTIONS: Final[Mapping[str, Handler]] = {
    "GetClients": get_clients,
    "GetClientsDetails": get_clients_details,
    "AddClient": add_client,
    "UpdateClient": update_client,
    "CloseClient": close_client,
}
