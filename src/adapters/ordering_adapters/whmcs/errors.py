"""
What WHMCS's refusals mean: it has no codes, only sentences, so the sentences are the table (reference 1, 2).

Only a code of ours ever leaves this module: sentences echo addresses, payment methods and what modules say.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, PortError, Refused, Unavailable


class Code(StrEnum):
    """What WHMCS said no to, in a word of ours."""

    NOT_AUTHENTICATED = "NOT_AUTHENTICATED"
    IP_NOT_ALLOWED = "IP_NOT_ALLOWED"
    ACTION_NOT_ALLOWED = "ACTION_NOT_ALLOWED"
    ACTION_UNKNOWN = "ACTION_UNKNOWN"
    CLIENT_NOT_FOUND = "CLIENT_NOT_FOUND"
    CLIENT_CLOSED = "CLIENT_CLOSED"
    PAYMENT_METHOD_INVALID = "PAYMENT_METHOD_INVALID"
    NO_ITEMS = "NO_ITEMS"
    ARRAY_EXPECTED = "ARRAY_EXPECTED"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    ORDER_NOT_PENDING = "ORDER_NOT_PENDING"
    SERVICE_NOT_FOUND = "SERVICE_NOT_FOUND"
    NO_MODULE = "NO_MODULE"
    INVOICE_NOT_FOUND = "INVOICE_NOT_FOUND"
    SIGN_ON_BLOCKED = "SIGN_ON_BLOCKED"
    DESTINATION_INVALID = "DESTINATION_INVALID"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    CLIENT_INVALID = "CLIENT_INVALID"
    MARK_FIELD_MISSING = "MARK_FIELD_MISSING"
    LIST_INCOMPLETE = "LIST_INCOMPLETE"
    REFUSED = "REFUSED"


SENTENCES: Final[Mapping[str, Code]] = MappingProxyType(
    {
        "authentication failed": Code.NOT_AUTHENTICATED,
        "invalid or missing credentials": Code.NOT_AUTHENTICATED,
        "access denied": Code.NOT_AUTHENTICATED,
        "administrator account disabled": Code.NOT_AUTHENTICATED,
        "invalid password provided": Code.NOT_AUTHENTICATED,
        "invalid ip": Code.IP_NOT_ALLOWED,
        "invalid permissions": Code.ACTION_NOT_ALLOWED,
        "empty action request": Code.ACTION_UNKNOWN,
        "api function not found": Code.ACTION_UNKNOWN,
        "command not found": Code.ACTION_UNKNOWN,
        "invalid api action": Code.ACTION_UNKNOWN,
        "client not found": Code.CLIENT_NOT_FOUND,
        "client id not found": Code.CLIENT_NOT_FOUND,
        "invalid client_id": Code.CLIENT_NOT_FOUND,
        "invalid client id": Code.CLIENT_NOT_FOUND,
        "a valid client_id or user_id is required": Code.CLIENT_NOT_FOUND,
        "unable to add order when client status is closed": Code.CLIENT_CLOSED,
        "invalid payment method": Code.PAYMENT_METHOD_INVALID,
        "no items added to cart": Code.NO_ITEMS,
        "expecting parameter": Code.ARRAY_EXPECTED,
        "order id not found or status not pending": Code.ORDER_NOT_PENDING,
        "order id not found": Code.ORDER_NOT_FOUND,
        "service id not found": Code.SERVICE_NOT_FOUND,
        "service not assigned to a module": Code.NO_MODULE,
        "module not found": Code.NO_MODULE,
        "invoice id not found": Code.INVOICE_NOT_FOUND,
        "sso authentication blocked": Code.SIGN_ON_BLOCKED,
        "invalid destination": Code.DESTINATION_INVALID,
        "the email address entered is not available": Code.EMAIL_TAKEN,
        "a user already exists with that email": Code.EMAIL_TAKEN,
        "duplicate email address": Code.EMAIL_TAKEN,
        "you did not enter": Code.CLIENT_INVALID,
        "you did not provide required custom field": Code.CLIENT_INVALID,
        "the password field is required": Code.CLIENT_INVALID,
        "the email address you entered was not valid": Code.CLIENT_INVALID,
        "valid country required": Code.CLIENT_INVALID,
        "invalid telephone phone number": Code.CLIENT_INVALID,
    }
)
"""How each sentence begins, in small letters: case and spacing differ between actions and versions."""

NOT_SET_UP: Final = frozenset({Code.NOT_AUTHENTICATED, Code.IP_NOT_ALLOWED})
"""Refusals of whoever we are: asking again only leads to a ban of our address."""

TOO_MANY: Final = 429
_NOBODY_ALLOWED: Final = 403
_MISSING: Final = frozenset({401, 404, 405, 410})


def code_of(message: str) -> Code:
    """Return what *message* says; a sentence nobody wrote down is a refusal of an unknown kind."""
    said = " ".join(message.casefold().split())
    fitting = [start for start in SENTENCES if said.startswith(start)]
    return SENTENCES[max(fitting, key=len)] if fitting else Code.REFUSED


def refusal(code: Code, reason: str = "") -> Refused:
    """Return WHMCS's no under a code of ours."""
    return Refused(System.WHMCS, code, reason)


def unreadable(status: int, *, reading: bool) -> PortError:
    """
    Return what an answer of *status* without JSON means: a page of a proxy, of maintenance, of a crash.

    Whatever stops a read, nothing happened; a write may have been done before the page was made.
    """
    reason = f"HTTP_{status}"
    if status == _NOBODY_ALLOWED:
        return refusal(Code.IP_NOT_ALLOWED, reason)
    if reading or status == TOO_MANY or status in _MISSING:
        return Unavailable(System.WHMCS, reason)
    return OutcomeUnknown(System.WHMCS, reason)
