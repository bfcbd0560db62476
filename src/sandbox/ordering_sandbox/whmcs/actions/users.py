"""Users, who log in, are not clients, who buy: one may own several (reference 2)."""

from __future__ import annotations

import hashlib
import secrets

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler, page
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.tables import Row, Value


_LISTED: Final = ("id", "firstname", "lastname", "email", "datecreated")
_SALT_LENGTH: Final = 16


def validate_login(work: Work, parameters: Parameters) -> Answer:
    """Check a user's password."""
    mail = parameters.text("email")
    user = next(iter(work.rows.select("users", ['"email" = ? COLLATE NOCASE'], [mail])), None)
    if user is None or not _fits(parameters.text("password2"), str(user["password"])):
        raise Refusal("Email or Password Invalid")
    if user["two_factor"]:
        return {"userid": str(user["id"]), "twoFactorEnabled": "true"}
    return {
        "userid": str(user["id"]),
        "passwordhash": hashlib.sha1(str(user["password"]).encode(), usedforsecurity=False).hexdigest(),
        "twoFactorEnabled": "false",
    }


def get_users(work: Work, parameters: Parameters) -> Answer:
    """List users whose names or e-mail begin with ``search``, with the clients they may act for."""
    conditions: list[str] = []
    values: list[Value] = []
    if search := parameters.text("search"):
        names = ("firstname", "lastname", "email")
        conditions.append("(" + " OR ".join(f'instr(lower("{name}"), lower(?)) = 1' for name in names) + ")")
        values += [search] * len(names)
    direction = "DESC" if parameters.text("sorting").upper() == "DESC" else "ASC"
    found = page(work, parameters, "users", conditions, values, order=f'"id" {direction}')
    users: list[Json] = [_shown(work, user) for user in found.rows]
    return {**found.counts(), "users": users}


def add_user(work: Work, parameters: Parameters) -> int:
    """Make the user who owns a new client; return the number."""
    return work.rows.insert(
        "users",
        {
            **parameters.texts("firstname", "lastname", "email"),
            "password": hidden(parameters.text("password2") or secrets.token_urlsafe(12)),
            "datecreated": work.stamp,
        },
    )


def hidden(password: str) -> str:
    """Return *password* so that it can be checked and not be read."""
    salt = secrets.token_hex(_SALT_LENGTH // 2)
    return f"{salt}{hashlib.sha256(f'{salt}{password}'.encode()).hexdigest()}"


def _fits(password: str, kept: str) -> bool:
    salt = kept[:_SALT_LENGTH]
    wanted = f"{salt}{hashlib.sha256(f'{salt}{password}'.encode()).hexdigest()}"
    return secrets.compare_digest(wanted.encode(), kept.encode())


def _shown(work: Work, user: Row) -> Json:
    links = work.rows.find("clientusers", user=user["id"])
    return {
        **{name: user[name] for name in _LISTED},
        "validationdata": "",
        "clients": [{"id": link["client"], "isOwner": bool(link["owner"])} for link in links],
    }


ACTIONS: Final[Mapping[str, Handler]] = {"ValidateLogin": validate_login, "GetUsers": get_users}
