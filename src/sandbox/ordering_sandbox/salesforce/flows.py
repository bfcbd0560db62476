"""The org's record-triggered flows: approval publishes an event, a SIM card's news touches its order."""

from __future__ import annotations

import uuid

from typing import Final

from ordering_sandbox.salesforce.database import Row, Value, fetch_row, update_row
from ordering_sandbox.salesforce.work import Announcement, Change, Work, changed_names


_APPROVED: Final = "Approved"
_CARD_NEWS: Final = frozenset({"Status__c", "Order__c", "Shipped_At__c", "Delivered_At__c"})


def after_save(work: Work, change: Change) -> None:
    """Run the flows that *change* triggers."""
    if change.object == "Order" and work.switches.approval_flow and _became_approved(change):
        announce(work, "OrderProvisionRequested__e", {"Order_Id__c": change.id})
    if (
        change.object == "SIM_Inventory__c"
        and work.switches.sim_flow
        and _CARD_NEWS & {*changed_names(change)}
    ):
        _touch_orders(work, change)


def announce(work: Work, object_name: str, values: dict[str, str | None]) -> str:
    """Publish an event of the kind *object_name* when the work commits; return its id."""
    event_id = str(uuid.uuid4())
    user_id = work.caller.user_id
    work.announcements.append(
        Announcement(object=object_name, event_id=event_id, user_id=user_id, values=values)
    )
    return event_id


def _became_approved(change: Change) -> bool:
    was = None if change.before is None else change.before["Status"]
    return change.after["Status"] == _APPROVED and was != _APPROVED


def _touch_orders(work: Work, change: Change) -> None:
    """Give the card's orders a new SystemModstamp, so that whoever watches orders learns of the card."""
    orders = work.stored.known("Order")
    assigned = work.connection.execute(
        'SELECT "Id" FROM "Order" WHERE "Assign_Physical_SIM__c" = ? AND "IsDeleted" = 0', (change.id,)
    ).fetchall()
    for order_id in sorted({*(str(row[0]) for row in assigned), *_named_orders(change)}):
        before = fetch_row(work.connection, orders, order_id)
        if before is not None and not before["IsDeleted"]:
            stamps: dict[str, Value] = {
                "LastModifiedDate": work.stamp,
                "LastModifiedById": work.caller.user_id,
                "SystemModstamp": work.stamp,
            }
            update_row(work.connection, orders, order_id, stamps)
            work.changes.append(
                Change(object="Order", id=order_id, before=before, after={**before, **stamps})
            )


def _named_orders(change: Change) -> set[str]:
    rows: tuple[Row, ...] = (change.after,) if change.before is None else (change.before, change.after)
    return {str(row["Order__c"]) for row in rows if row["Order__c"] is not None}
