"""
Writing back what provisioning did: one composite that writes all of it or nothing.

Every condition is asked in the same transaction, as a query whose record the next call refers to: when it
finds nothing, the reference leads nowhere and Salesforce takes everything back (reference 2.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ordering_adapters.salesforce.composite import Call, collection, found_id, query, update
from ordering_adapters.salesforce.fields import Field, Names, Value
from ordering_adapters.salesforce.order_rows import select_orders
from ordering_adapters.salesforce.order_versions import Guard
from ordering_adapters.salesforce.soql import quoted
from ordering_core.domain.identifiers import OrderId, OrderItemId, ServiceId
from ordering_core.domain.orders import OrderWrite


ORDER: Final = "order"
SAME: Final = "same"
ACTIVATION: Final = "activation"
FREE_ITEMS: Final = "free_items"
ITEMS: Final = "items"
FREE_OPPORTUNITY: Final = "free_opportunity"
OPPORTUNITY: Final = "opportunity"
WRITTEN: Final = "written"

CONDITIONS: Final = frozenset({ACTIVATION, OPPORTUNITY, WRITTEN})
"""The calls that refer to the record of a condition."""


def writing_calls(write: OrderWrite, guard: Guard | None, names: Names) -> list[Call]:
    """Return the calls that carry out *write*, under the condition of *guard* if there is one."""
    return [
        *_order(write, guard, names),
        *_items(write.order, write.services, names),
        *_opportunity(write, names),
        query(WRITTEN, f"{select_orders(names)} WHERE {_written(write, names)}"),
    ]


def _order(write: OrderWrite, guard: Guard | None, names: Names) -> list[Call]:
    compared: dict[Field, Value] = {
        Field.ACTIVATION_STATUS: write.activation.status,
        Field.ACTIVATION_SCHEDULED_AT: write.activation.scheduled_at,
        Field.ACTIVATION_ERROR_CODE: write.activation.error_code,
    }
    others: dict[Field, Value] = {Field.ACTIVATION_ERROR_MESSAGE: write.activation.error_message}
    given: dict[Field, Value] = {
        Field.ACTIVATION_LAST_ATTEMPT_AT: write.last_attempt_at,
        Field.BILLING_ORDER: None if write.billing_order is None else str(write.billing_order),
        Field.MNP_APPLICATION: write.mnp_application,
    }
    others.update({field: value for field, value in given.items() if value is not None})
    if guard is None:
        return [update(ORDER, "Order", write.order, names.body({**others, **compared}))]
    # The first write locks the row; only then is what the guard compares sure not to change any more.
    return [
        update(ORDER, "Order", write.order, names.body(others), headers=guard.headers()),
        query(SAME, guard.query(names, write.order)),
        update(ACTIVATION, "Order", found_id(SAME), names.body(compared)),
    ]


def _items(order: OrderId, services: Mapping[OrderItemId, ServiceId], names: Names) -> list[Call]:
    """Return the calls that write each item's service, if all are the order's and none has another one."""
    if not services or not names.has(Field.ITEM_SERVICE):
        return []
    name = names[Field.ITEM_SERVICE]
    ordered = sorted(services)
    free = " OR ".join(
        f"(Id = {quoted(item)} AND ({name} = null OR {name} = {quoted(str(services[item]))}))"
        for item in ordered
    )
    condition = f"{names[Field.ITEM_ORDER]} = {quoted(order)} AND ({free})"
    # By their own ids: in which order Salesforce finds them depends on how it sorts capital letters.
    records = [{"id": item, **names.body({Field.ITEM_SERVICE: str(services[item])})} for item in ordered]
    return [
        query(FREE_ITEMS, f"SELECT Id FROM OrderItem WHERE {condition}"),
        collection(ITEMS, "PATCH", "OrderItem", records),
    ]


def _written(write: OrderWrite, names: Names) -> str:
    """Return the condition of the last query, which leads nowhere unless every item was found free."""
    same = f"Id = {quoted(write.order)}"
    if not write.services or not names.has(Field.ITEM_SERVICE):
        return same
    return f"{same} AND Id != '{found_id(FREE_ITEMS, len(write.services) - 1)}'"


def _opportunity(write: OrderWrite, names: Names) -> list[Call]:
    """Return the calls that move the order's Opportunity, unless another service is linked to it."""
    values: dict[Field, Value] = {}
    if write.stage is not None:
        values[Field.OPPORTUNITY_STAGE] = write.stage.value
    service = write.opportunity_service if names.has(Field.OPPORTUNITY_SERVICE) else None
    if service is not None:
        values[Field.OPPORTUNITY_SERVICE] = str(service)
    if not values:
        return []
    linked = f"SELECT {names[Field.ORDER_OPPORTUNITY]} FROM Order WHERE Id = {quoted(write.order)}"
    condition = f"Id IN ({linked})"
    if service is not None:
        name = names[Field.OPPORTUNITY_SERVICE]
        condition += f" AND ({name} = null OR {name} = {quoted(str(service))})"
    return [
        query(FREE_OPPORTUNITY, f"SELECT Id FROM Opportunity WHERE {condition}"),
        update(OPPORTUNITY, "Opportunity", found_id(FREE_OPPORTUNITY), names.body(values)),
    ]
