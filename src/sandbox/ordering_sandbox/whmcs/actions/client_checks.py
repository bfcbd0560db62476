"""What a new or changed client must have; each refusal is in WHMCS's own words."""

from __future__ import annotations

import re

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.whmcs.custom_fields import CLIENT
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.serialised import read_fields
from ordering_sandbox.whmcs.tables import Row


_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE: Final = re.compile(r"[0-9 ().+-]+")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
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


def check_new(work: Work, parameters: Parameters) -> None:
    """
    Check what a new client must have.

    Raises:
        Refusal: Something is missing, or cannot be so.

    """
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


def check_mail(work: Work, parameters: Parameters, client: Row) -> None:
    """
    Check the new e-mail of *client*, if there is one.

    Raises:
        Refusal: It is none, or another client's.

    """
    mail = parameters.text("email")
    if not mail:
        return
    if _MAIL.fullmatch(mail) is None:
        raise Refusal("The email address entered is not valid")
    other = with_mail(work, "clients", mail)
    if other is not None and other["id"] != client["id"]:
        raise Refusal("Duplicate Email Address")


def with_mail(work: Work, table: str, mail: str) -> Row | None:
    """Return who has the e-mail *mail*, in any case, among clients or users."""
    return next(iter(work.rows.select(table, ['"email" = ? COLLATE NOCASE'], [mail])), None)
