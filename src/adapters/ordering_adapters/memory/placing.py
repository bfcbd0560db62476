"""What placing an order writes into an org in memory: Opportunity, Order, items, Case and Account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import attrs

from ordering_adapters.memory.salesforce import (
    COMMODITIES,
    CaseRecord,
    MemorySalesforce,
    OpportunityRecord,
    OrderRecord,
)
from ordering_core.domain.calendar import start_of_day
from ordering_core.domain.customers import Account, EligibilityFields
from ordering_core.domain.drafts import Draft, InternetDraft, SimDraft
from ordering_core.domain.identifiers import CaseId, OpportunityId, OrderId, OrderItemId, Version
from ordering_core.domain.opportunity import OpenNew, Opportunity
from ordering_core.domain.orders import ActivationFields, NewOrder, OrderLine, OrderSnapshot
from ordering_core.domain.vocabulary import Stage, System
from ordering_core.errors import Refused
from ordering_core.ports.cases import CaseKind, NewCase


MNP_REQUESTED: Final = "Requested"
"""What MNP_Application__c says while a port is asked for (DESIGN 3.25)."""


def insert_order(org: MemorySalesforce, order: NewOrder, *, close_after: timedelta) -> OrderRecord:
    """
    Write everything of *order*, whose key is new, under the lock of *org*.

    Raises:
        Refused: The Account, the Opportunity or a price book entry does not exist; nothing is written.

    """
    account = org.known_account(order.account)
    if unknown := {line.sku for line in order.quote.lines} - org.price_book.products.keys():
        named = ", ".join(sorted(unknown))
        raise Refused(System.SALESFORCE, "UNKNOWN_SKU", f"not in the price book: {named}")
    linked = _linked(org, order, account, close_after)
    snapshot = _new_snapshot(org, order, linked.opportunity.id)
    case = CaseId(org.new_id("500"))
    org.save_opportunity(linked)
    org.cases[case] = CaseRecord(case=_notice(order, snapshot))
    if order.update_account or order.clear_eligibility:
        org.save_account(
            attrs.evolve(
                account,
                address=order.address if order.update_account else account.address,
                eligibility=EligibilityFields() if order.clear_eligibility else account.eligibility,
            )
        )
    org.save_order(OrderRecord(snapshot=snapshot, modified_at=snapshot.created_at, case=case))
    return org.orders[snapshot.id]


def _linked(
    org: MemorySalesforce, order: NewOrder, account: Account, close_after: timedelta
) -> OpportunityRecord:
    """Return the Opportunity as placing leaves it, new or moved on."""
    if isinstance(order.link, OpenNew):
        return OpportunityRecord(
            opportunity=Opportunity(
                id=OpportunityId(org.new_id("006")),
                account=account.id,
                order_type=order.order_type,
                stage=Stage.POST_PROCESSING,
                created_at=org.now(),
                source=order.link.source,
            ),
            name=f"{COMMODITIES[order.order_type]} - {account.number or account.name}",
            close_date=order.effective_date + close_after,
        )
    record = org.opportunities.get(order.link.opportunity)
    if record is None or record.opportunity.account != account.id:
        raise Refused(System.SALESFORCE, "NOT_FOUND", "the account has no such Opportunity")
    return attrs.evolve(record, opportunity=attrs.evolve(record.opportunity, stage=Stage.POST_PROCESSING))


def _new_snapshot(org: MemorySalesforce, order: NewOrder, opportunity: OpportunityId) -> OrderSnapshot:
    draft = order.draft
    return OrderSnapshot(
        id=OrderId(org.new_id("801")),
        number=f"{org.count():08d}",
        account=order.account,
        opportunity=opportunity,
        order_type=order.order_type,
        status=order.status.value,
        activation=ActivationFields(scheduled_at=_requested_day(draft)),
        draft=draft,
        lines=tuple(
            OrderLine(
                id=OrderItemId(org.new_id("802")),
                sku=product.sku,
                name=product.name,
                item_class=product.item_class,
                cycle=product.cycle,
                unit_price=product.price,
            )
            for product in order.quote.lines
        ),
        request_key=order.request_key,
        mnp_application=MNP_REQUESTED if isinstance(draft, SimDraft) and draft.porting else None,
        address=order.address,
        address_changed=order.address_changed,
        effective_date=order.effective_date,
        created_at=org.now(),
        version=Version(""),
        description=(draft.notes or None) if isinstance(draft, InternetDraft) else None,
    )


def _requested_day(draft: Draft) -> datetime | None:
    """Return the customer's day as the one field for it holds it: midnight in Japan (DESIGN 3.4)."""
    if isinstance(draft, SimDraft) and draft.scheduled_on:
        return start_of_day(draft.scheduled_on)
    return None


def _notice(order: NewOrder, snapshot: OrderSnapshot) -> NewCase:
    """Return the Case that tells the team of a new order."""
    return NewCase(
        key=order.request_key,
        kind=CaseKind.NEW_ORDER,
        account=order.account,
        subject=f"New {order.order_type} order {snapshot.number}",
        description=snapshot.description or "",
        order=snapshot.id,
        opportunity=snapshot.opportunity,
    )
