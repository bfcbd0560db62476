"""One client as it is read, with custom fields and users."""

from __future__ import annotations

from typing import Final

from ordering_sandbox.json_values import Json, parse_object
from ordering_sandbox.whmcs.custom_fields import CLIENT, field_values
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer
from ordering_sandbox.whmcs.tables import Row


FLAGS: Final = (
    "taxexempt",
    "latefeeoveride",
    "overideduenotices",
    "separateinvoices",
    "disableautocc",
    "overrideautoclose",
)
"""What of a client is yes or no."""

_SHOWN: Final = ("firstname", "lastname", "companyname", "email", "address1", "address2", "city")
_JAPAN: Final = "81"


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
        **{name: bool(client[name]) for name in FLAGS},
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
