"""
The rules of standard objects that no field definition tells: categories and locks, price books, stages.

Each rule sees the row as it was (None for a new one) and as it would be, completes what follows from other
fields, and returns what is wrong (reference 2.5).
"""

from __future__ import annotations

import sqlite3

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from ordering_sandbox.salesforce.database import Row, Value, fetch_row
from ordering_sandbox.salesforce.errors import ApiError
from ordering_sandbox.salesforce.work import Work


Rule: TypeAlias = Callable[[Work, "Row | None", "dict[str, Value]"], list[ApiError]]
"""Completes the row it is given, and says what is wrong with it."""

_STAMPS: Final = frozenset({"LastModifiedDate", "LastModifiedById", "SystemModstamp"})
_FREE_WHEN_ACTIVATED: Final = _STAMPS | {"Status", "StatusCode", "ActivatedDate", "ActivatedById"}
_FIXED_WHEN_ACTIVATED: Final = frozenset({"AccountId", "Pricebook2Id", "Quantity", "UnitPrice"})
LOCKED: Final = ApiError(
    "ENTITY_IS_LOCKED",
    "Unable to modify activated or superseded Order: cannot delete Order, or add or remove Order Products",
    (),
)
_WRONG_BOOK: Final = ApiError(
    "FIELD_INTEGRITY_EXCEPTION",
    "Order Products must have a Price Book Entry that belongs to the Price Book related to the parent Order.:"
    " Price Book Entry ID",
    ("PricebookEntryId",),
)
_NO_LIST_PRICE: Final = ApiError(
    "FIELD_INTEGRITY_EXCEPTION", "Enter a List Price.: List Price", ("ListPrice",)
)


def has_items(connection: sqlite3.Connection, order_id: Value) -> bool:
    """Whether an order has at least one product."""
    found = connection.execute(
        'SELECT 1 FROM "OrderItem" WHERE "OrderId" = ? AND "IsDeleted" = 0 LIMIT 1', (order_id,)
    )
    return found.fetchone() is not None


def _order(work: Work, before: Row | None, after: dict[str, Value]) -> list[ApiError]:
    was = None if before is None else before["StatusCode"]
    category = work.connection.execute(
        'SELECT "StatusCode" FROM "OrderStatus" WHERE "ApiName" = ? AND "IsDeleted" = 0',
        (after.get("Status"),),
    ).fetchone()
    after["StatusCode"] = "Draft" if category is None else category[0]
    wrong: list[ApiError] = []
    if was == "Activated" and before is not None:
        wrong = _edited_while_activated(work, before, after)
    if after["StatusCode"] == "Activated" and was != "Activated":
        after["ActivatedDate"], after["ActivatedById"] = work.stamp, work.caller.user_id
        if before is None or not has_items(work.connection, before["Id"]):
            wrong.append(ApiError("FAILED_ACTIVATION", "An order must have at least one product.", ()))
    return wrong


def _edited_while_activated(work: Work, before: Row, after: Row) -> list[ApiError]:
    changed = {name for name, value in after.items() if before.get(name) != value} - _FREE_WHEN_ACTIVATED
    if fixed := changed & _FIXED_WHEN_ACTIVATED:
        return [ApiError("ENTITY_IS_LOCKED", LOCKED.message, tuple(sorted(fixed)))]
    return [LOCKED] if changed and not work.may_edit_activated else []


def _order_item(work: Work, before: Row | None, after: dict[str, Value]) -> list[ApiError]:
    order_id, entry_id = after.get("OrderId"), after.get("PricebookEntryId")
    order = _referred(work, "Order", order_id)
    if order is None:
        return []
    if order["StatusCode"] == "Activated":
        return [LOCKED] if before is None else _edited_while_activated(work, before, after)
    if before is not None:
        return []
    entry = _referred(work, "PricebookEntry", entry_id)
    if entry_id is None:
        return [_WRONG_BOOK, _NO_LIST_PRICE]
    if entry is None:
        return []
    after["Product2Id"], after["ListPrice"] = entry["Product2Id"], entry["UnitPrice"]
    if entry["Pricebook2Id"] != order["Pricebook2Id"]:
        return [_WRONG_BOOK]
    if not entry["IsActive"]:
        message = "field integrity exception: PricebookEntryId (pricebook entry is inactive)"
        return [ApiError("FIELD_INTEGRITY_EXCEPTION", message, ("PricebookEntryId",))]
    return []


def _pricebook_entry(work: Work, before: Row | None, after: dict[str, Value]) -> list[ApiError]:
    product = _referred(work, "Product2", after.get("Product2Id"))
    book = _referred(work, "Pricebook2", after.get("Pricebook2Id"))
    if product is None or book is None:
        return []
    after["Name"], after["ProductCode"] = product["Name"], product["ProductCode"]
    if before is not None or book["IsStandard"]:
        return []
    standard = work.connection.execute(
        'SELECT 1 FROM "PricebookEntry" e JOIN "Pricebook2" b ON b."Id" = e."Pricebook2Id"'
        ' WHERE b."IsStandard" = 1 AND e."Product2Id" = ? AND e."IsDeleted" = 0',
        (after["Product2Id"],),
    ).fetchone()
    message = "Before creating a custom price, create a standard price."
    return [] if standard else [ApiError("STANDARD_PRICE_NOT_DEFINED", message, ())]


def _opportunity(work: Work, before: Row | None, after: dict[str, Value]) -> list[ApiError]:
    if before is None or before["StageName"] != after.get("StageName"):
        stage = work.connection.execute(
            'SELECT * FROM "OpportunityStage" WHERE "ApiName" = ? AND "IsDeleted" = 0',
            (after.get("StageName"),),
        ).fetchone()
        given = after.get("Probability") != (None if before is None else before["Probability"])
        if stage is not None:
            after["IsClosed"], after["IsWon"] = stage["IsClosed"], stage["IsWon"]
            if not given:
                after["Probability"] = stage["DefaultProbability"]
    return []


def _case(work: Work, before: Row | None, after: dict[str, Value]) -> list[ApiError]:
    closed = after.get("Status") == "Closed"
    was = before is not None and before["Status"] == "Closed"
    if closed != was:
        after["ClosedDate"] = work.stamp if closed else None
    return []


def _referred(work: Work, object_name: str, record_id: Value) -> dict[str, Value] | None:
    if not isinstance(record_id, str):
        return None
    return fetch_row(work.connection, work.stored.known(object_name), record_id)


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "Order": _order,
        "OrderItem": _order_item,
        "PricebookEntry": _pricebook_entry,
        "Opportunity": _opportunity,
        "Case": _case,
    }
)
"""The rule of each object that has one."""


def refuse_delete(work: Work, object_name: str, row: Row) -> list[ApiError]:
    """Return what speaks against deleting *row*: nothing goes from or with an activated order."""
    order = row if object_name == "Order" else None
    if object_name == "OrderItem":
        order = _referred(work, "Order", row["OrderId"])
    return [LOCKED] if order is not None and order["StatusCode"] == "Activated" else []
