"""
Placing an order: one composite that writes all of it or nothing (DESIGN 5; reference 2).

Opportunity, Order, items, the team's Case and the Account, in this order; it ends with the order as it then
is. The Order is inserted, never upserted: a repeated upsert would put an order that an agent approved back to
Draft.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from ordering_adapters.salesforce.case_rows import case_body
from ordering_adapters.salesforce.composite import (
    Answers,
    Call,
    collection,
    found_id,
    insert,
    new_id,
    query,
    update,
)
from ordering_adapters.salesforce.fields import Field, Reference
from ordering_adapters.salesforce.opportunity_rows import closing_day, free_for, new_opportunity
from ordering_adapters.salesforce.order_bodies import account_body, item_body, order_body
from ordering_adapters.salesforce.order_rows import select_orders
from ordering_adapters.salesforce.settings import SalesforceSettings
from ordering_core.domain.identifiers import OpportunityId, OrderId, Sku
from ordering_core.domain.opportunity import OpenNew
from ordering_core.domain.orders import NewOrder
from ordering_core.domain.vocabulary import Stage
from ordering_core.ports.cases import CaseKind, NewCase


OPPORTUNITY: Final = "opportunity"
FREE: Final = "free"
ORDER: Final = "order"
ITEMS: Final = "items"
CASE: Final = "case"
ACCOUNT: Final = "account"
PLACED: Final = "placed"


def placing_calls(
    order: NewOrder, settings: SalesforceSettings, *, entries: Mapping[Sku, str], label: str
) -> list[Call]:
    """
    Return the calls that place *order*.

    *entries* are the price book entries of its SKUs, *label* is what a new Opportunity is named after.
    """
    names = settings.names
    opportunity = found_id(FREE)
    if isinstance(order.link, OpenNew):
        opportunity = new_id(OPPORTUNITY)
    account = account_body(order, names, country=settings.country)
    placed = f"{select_orders(names)} WHERE Id = '{new_id(ORDER)}'"
    return [
        *_linking(order, settings, label),
        insert(
            ORDER,
            "Order",
            order_body(
                order,
                names,
                opportunity=opportunity,
                price_book=settings.price_book,
                country=settings.country,
            ),
        ),
        collection(
            ITEMS,
            "POST",
            "OrderItem",
            [
                item_body(line, names, order=new_id(ORDER), entry=entries[line.sku])
                for line in order.quote.lines
            ],
        ),
        insert(CASE, "Case", case_body(_notice(order, opportunity), names)),
        *([update(ACCOUNT, "Account", order.account, account)] if account else []),
        query(PLACED, placed),
    ]


def _linking(order: NewOrder, settings: SalesforceSettings, label: str) -> list[Call]:
    """Return the calls that open the Opportunity, or take one that is free."""
    names, stage = settings.names, Stage.POST_PROCESSING
    if isinstance(order.link, OpenNew):
        closes_on = closing_day(order.effective_date, settings.closes_after)
        opened = new_opportunity(
            order.link, account=order.account, label=label, stage=stage, closes_on=closes_on
        )
        return [insert(OPPORTUNITY, "Opportunity", names.body(opened))]
    moved = names.body({Field.OPPORTUNITY_STAGE: stage.value})
    # Moving it first locks its row, so that of two orders at once the second finds it taken.
    return [
        update(OPPORTUNITY, "Opportunity", order.link.opportunity, moved),
        query(FREE, free_for(order.account, order.link.opportunity, names)),
    ]


def _notice(order: NewOrder, opportunity: Reference) -> NewCase:
    """Return the Case that tells the team of a new order; the order's number is not known yet."""
    return NewCase(
        key=order.request_key,
        kind=CaseKind.NEW_ORDER,
        account=order.account,
        subject=f"New {order.order_type} order",
        order=OrderId(new_id(ORDER)),
        opportunity=OpportunityId(opportunity),
    )


def case_in(answers: Answers) -> str:
    """Return the id of the Case that was opened."""
    return answers.made(CASE)


def missing(order: NewOrder, entries: Collection[Sku]) -> list[Sku]:
    """Return the SKUs of *order* that *entries* lack."""
    return sorted({line.sku for line in order.quote.lines} - set(entries))
