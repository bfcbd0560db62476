"""Clients: found by prefix, read, made with their owner, changed."""

from __future__ import annotations

import re
import uuid

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.json_values import Json, parse_object
from ordering_sandbox.whmcs.actions.client_statistics import statistics
from ordering_sandbox.whmcs.actions.users import add_user
from ordering_sandbox.whmcs.custom_fields import CLIENT, field_values, set_fields
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler, page
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.php import is_true, to_text
from ordering_sandbox.whmcs.serialised import read_fields
from ordering_sandbox.whmcs.tables import Row, Value


_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE: Final = re.compile(r"[0-9 ().+-]+")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_SEARCHED: Final = ("firstname", "lastname", "companyname", "email")
_LISTED: Final = ("id", *_SEARCHED, "datecreated", "groupid", "status")
_NEEDED: Final[Mapping[str, str]] = {
    "firstname": "You did not enter your first name",
    "lastname": "You did not enter your last name",
    "email": "You did not enter your email address",
    "address1": "You did not enter your  address line 1",
    "city": "You did not enter your city",
    "state": "You did not enter your state",
    "postcode": "You did not enter your postcode",
    "phonenumber": "You did not enter your phone number",
}
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
_FLAGS: Final = (
    "taxexempt",
    "latefeeoveride",
    "overideduenotices",
    "separateinvoices",
    "disableautocc",
    "overrideautoclose",
)
_SHOWN: Final = ("firstname", "lastname", "companyname", "email", "address1", "address2", "city")
_PREFERENCES: Final = ("general", "product", "domain", "invoice", "support", "affiliate")
_STATUSES: Final = ("Active", "Inactive", "Closed")
_JAPAN: Final = "81"


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
        _check(work, parameters)
    mail = parameters.text("email")
    if _with_mail(work, "clients", mail) is not None:
        raise Refusal("The email address entered is not available for use.")
    if not owner and _with_mail(work, "users", mail) is not None:
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
    return {"clientid": client}


def update_client(work: Work, parameters: Parameters) -> Answer:
    """Change what was sent of a client, found by ``clientid`` or ``clientemail``."""
    client = _found(work, parameters.number("clientid"), parameters.text("clientemail"))
    if client is None:
        raise Refusal("Client ID Not Found")
    changes: dict[str, Value] = dict(parameters.texts(*_TEXTS))
    if not parameters.flag("skipvalidation"):
        _check_mail(work, parameters, client)
    if work.switches.phone_digits_only and "phonenumber" in changes:
        changes["phonenumber"] = "".join(sign for sign in str(changes["phonenumber"]) if sign.isdigit())
    changes |= {name: int(parameters.flag(name)) for name in _FLAGS if parameters.given(name)}
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


def client_details(work: Work, client: Row) -> Answer:
    """Return one client with fields and users."""
    number = int(client["id"])
    currency = work.rows.get("currencies", int(client["currency"])) or {}
    owner = work.rows.first("clientusers", client=number, owner=1) or {}
    fields = field_values(work, CLIENT, 0, number)
    phone = str(client["phonenumber"])
    digits = "".join(sign for sign in phone if sign.isdigit()).removeprefix("0")
    formatted = f"+{_JAPAN}.{digits}" if digits else ""
    opted_in = bool(client["marketing_emails_opt_in"])
    return {
        "client_id": number,
        "owner_user_id": owner.get("user", 0),
        "userid": number,
        "id": number,
        "uuid": client["uuid"],
        **{name: client[name] for name in _SHOWN},
        "fullname": f"{client['firstname']} {client['lastname']}",
        **dict.fromkeys(("fullstate", "state", "statecode"), client["state"]),
        "postcode": client["postcode"],
        **dict.fromkeys(("countrycode", "country"), client["country"]),
        "countryname": "Japan" if client["country"] == "JP" else client["country"],
        "phonecc": _JAPAN,
        "phonenumber": phone,
        **dict.fromkeys(("phonenumberformatted", "telephoneNumber"), formatted),
        "tax_id": client["tax_id"],
        "email_preferences": parse_object(str(client["email_preferences"])),
        "billingcid": 0,
        **{name: client[name] for name in ("notes", "currency", "defaultgateway", "groupid", "status")},
        "credit": client["credit"],
        **{name: bool(client[name]) for name in _FLAGS},
        "emailoptout": not opted_in,
        **dict.fromkeys(("marketing_emails_opt_in", "isOptedInToMarketingEmails"), opted_in),
        "allowSingleSignOn": client["allow_sso"],
        "email_verified": True,
        "language": client["language"],
        "lastlogin": "No Login Logged",
        "currency_code": currency.get("code", ""),
        "customfields": [{"id": field, "value": value} for field, value in fields.items()],
        **{f"customfields{place}": value for place, value in enumerate(fields.values(), start=1)},
        "users": {"user": _users(work, number)},
    }


def _users(work: Work, client: int) -> list[Json]:
    links = [
        (link, work.rows.get("users", int(link["user"])))
        for link in work.rows.find("clientusers", client=client)
    ]
    return [
        {
            "id": user["id"],
            "name": f"{user['firstname']} {user['lastname']}",
            "email": user["email"],
            "is_owner": bool(link["owner"]),
        }
        for link, user in links
        if user is not None
    ]


def _found(work: Work, number: int, mail: str) -> Row | None:
    return work.rows.get("clients", number) if number else _with_mail(work, "clients", mail)


def _with_mail(work: Work, table: str, mail: str) -> Row | None:
    return next(iter(work.rows.select(table, ['"email" = ? COLLATE NOCASE'], [mail])), None)


def _check(work: Work, parameters: Parameters) -> None:
    for name, message in _NEEDED.items():
        if not parameters.text(name):
            raise Refusal(message)
    if _MAIL.fullmatch(parameters.text("email")) is None:
        raise Refusal("The email address you entered was not valid")
    if _COUNTRY.fullmatch(parameters.text("country")) is None:
        raise Refusal("Valid country required")
    if _PHONE.fullmatch(parameters.text("phonenumber")) is None:
        raise Refusal("Invalid telephone phone number")
    if work.switches.password_required and not parameters.text("password2"):
        raise Refusal("The Password field is required.")
    fields = read_fields(parameters.text("customfields")) or {}
    for field in work.rows.find("customfields", type=CLIENT, required="on"):
        if not fields.get(int(field["id"])):
            message = f"You did not provide required custom field value for {field['fieldname']}"
            raise Refusal(message)


def _check_mail(work: Work, parameters: Parameters, client: Row) -> None:
    mail = parameters.text("email")
    if not mail:
        return
    if _MAIL.fullmatch(mail) is None:
        raise Refusal("The email address entered is not valid")
    other = _with_mail(work, "clients", mail)
    if other is not None and other["id"] != client["id"]:
        raise Refusal("Duplicate Email Address")


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
