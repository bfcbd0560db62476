"""What can be wrong with how an org is set up, in an admin's words, and the way out of each."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs

from ordering_adapters.salesforce.fields import Field
from ordering_adapters.salesforce.needs import DEGRADATIONS, INDISPENSABLE


DEPLOY: Final = "deploy deploy/salesforce"
PERMISSION_SET: Final = "the permission set Ordering_Integration"
EVENT: Final = "OrderProvisionRequested__e"
"""The event that the approval flow publishes (seed "Order Approval Flow")."""

EVENT_ORDER: Final = "Order_Id__c"
"""The field of the event that names the order."""


class Gravity(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    """Calls fail, or what they write is wrong."""

    WARNING = "warning"
    """It works, and somebody may wonder about the result."""

    DEGRADED = "degraded"
    """It is as the settings say: something is done without."""


class Problem(StrEnum):
    """Stable codes of what can be wrong."""

    OBJECT_MISSING = "OBJECT_MISSING"
    OBJECT_NOT_ALLOWED = "OBJECT_NOT_ALLOWED"
    FIELD_MISSING = "FIELD_MISSING"
    FIELD_DONE_WITHOUT = "FIELD_DONE_WITHOUT"
    FIELD_TYPE = "FIELD_TYPE"
    FIELD_NOT_CREATEABLE = "FIELD_NOT_CREATEABLE"
    FIELD_NOT_UPDATEABLE = "FIELD_NOT_UPDATEABLE"
    FIELD_NOT_FILTERABLE = "FIELD_NOT_FILTERABLE"
    KEY_NOT_UNIQUE = "KEY_NOT_UNIQUE"
    KEY_NOT_EXTERNAL_ID = "KEY_NOT_EXTERNAL_ID"
    KEY_IGNORES_CASE = "KEY_IGNORES_CASE"
    CHOICE_MISSING = "CHOICE_MISSING"
    STATES_LISTED = "STATES_LISTED"
    STATUS_MISSING = "STATUS_MISSING"
    STATUS_CATEGORY = "STATUS_CATEGORY"
    EVENT_MISSING = "EVENT_MISSING"
    PRICE_BOOK_MISSING = "PRICE_BOOK_MISSING"
    PRICE_BOOK_INACTIVE = "PRICE_BOOK_INACTIVE"
    PRICE_BOOK_EMPTY = "PRICE_BOOK_EMPTY"
    ALLOWANCE_LOW = "ALLOWANCE_LOW"
    EVENT_NOT_PUBLISHED = "EVENT_NOT_PUBLISHED"
    EVENT_NOT_RECEIVED = "EVENT_NOT_RECEIVED"


@attrs.frozen(kw_only=True)
class OrgProblem:
    """One thing that is wrong with an org: *where* it is, *what* is wrong and the way out (*remedy*)."""

    code: Problem
    where: str
    what: str
    remedy: str
    gravity: Gravity = Gravity.ERROR


def missing_field(field: Field, name: str) -> OrgProblem:
    """Return the problem that the org has no *field*, called *name* there, or hides it."""
    # A field that the user may not see looks just like one that is not there.
    remedy = f"{DEPLOY}; if it is there, give the user {PERMISSION_SET}"
    if not field.endswith("__c"):
        remedy = "let the user's profile see it"
    if field in INDISPENSABLE:
        remedy += f'; or name another field of yours: fields."{field}" = "..." ({INDISPENSABLE[field]})'
    else:
        without = DEGRADATIONS[field]
        remedy += f'; or do without: fields."{field}" = "" ({without.name}: {without.happens})'
    return OrgProblem(
        code=Problem.FIELD_MISSING,
        where=field,
        what=f"there is no field {name}, or the user may not see it",
        remedy=remedy,
    )


def done_without(field: Field) -> OrgProblem:
    """Return what it costs that the settings name *field* empty."""
    without = DEGRADATIONS[field]
    return OrgProblem(
        gravity=Gravity.DEGRADED,
        code=Problem.FIELD_DONE_WITHOUT,
        where=field,
        what=f"{without.name}: {without.happens}",
        remedy=f'{DEPLOY} and take fields."{field}" = "" out of the names file',
    )
