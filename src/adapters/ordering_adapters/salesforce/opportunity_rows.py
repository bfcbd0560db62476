"""Opportunities as Salesforce holds them, and how orders take hold of one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from ordering_adapters.salesforce.fields import Field, Names, Value
from ordering_adapters.salesforce.rows import Record
from ordering_adapters.salesforce.soql import among, quoted
from ordering_core.domain.identifiers import AccountId, OpportunityId, ServiceId
from ordering_core.domain.opportunity import OpenNew, Opportunity
from ordering_core.domain.vocabulary import OrderStatusText, OrderType, Stage


COMMODITIES: Final[Mapping[OrderType, str]] = MappingProxyType(
    {
        OrderType.INTERNET: "Personal SonixNet Home Internet",
        OrderType.SIM: "SIM",
        OrderType.VPN: "VPN",
    }
)
"""CommodityType__c of each order type (seed "Salesforce Opportunity Fields to Check")."""

_TYPES: Final = MappingProxyType({text: order_type for order_type, text in COMMODITIES.items()})
_ORDERS: Final = "Orders"
_LONGEST_NAME: Final = 120
_FIELDS: Final = (
    Field.OPPORTUNITY_ACCOUNT,
    Field.OPPORTUNITY_STAGE,
    Field.OPPORTUNITY_CREATED_AT,
    Field.OPPORTUNITY_COMMODITY,
    Field.OPPORTUNITY_SOURCE,
    Field.OPPORTUNITY_SERVICE,
)


def select_opportunities(names: Names) -> str:
    """Return the SELECT of Opportunities of our commodities, up to where its WHERE goes on."""
    commodity = Field.OPPORTUNITY_COMMODITY
    ours = among([names.written(commodity, text) for text in COMMODITIES.values()])
    orders = f"(SELECT Id FROM {_ORDERS} WHERE {_living(names)} LIMIT 1)"
    return f"SELECT {names.selected(*_FIELDS)}, {orders} FROM Opportunity WHERE {names[commodity]} IN {ours}"


def opportunity_of(record: Record) -> Opportunity | None:
    """Return the Opportunity in *record*; None when it is about something that the portal does not sell."""
    order_type = _TYPES.get(record.text(Field.OPPORTUNITY_COMMODITY) or "")
    created = record.instant(Field.OPPORTUNITY_CREATED_AT)
    if order_type is None or created is None:
        return None
    service = record.whole(Field.OPPORTUNITY_SERVICE)
    return Opportunity(
        id=OpportunityId(record.id),
        account=AccountId(record.raw(Field.OPPORTUNITY_ACCOUNT)),
        order_type=order_type,
        stage=record.text(Field.OPPORTUNITY_STAGE) or "",
        created_at=created,
        source=record.text(Field.OPPORTUNITY_SOURCE) or "",
        service=None if service is None else ServiceId(service),
        has_live_order=bool(record.children(_ORDERS)),
    )


def opportunities_of(account: AccountId, names: Names) -> str:
    """Return the query for all Opportunities of *account*, oldest first."""
    return (
        f"{select_opportunities(names)} AND {names[Field.OPPORTUNITY_ACCOUNT]} = {quoted(account)}"
        f" ORDER BY {names[Field.OPPORTUNITY_CREATED_AT]}, Id"
    )


def opportunities_beside(order: str, names: Names) -> str:
    """Return the query for all Opportunities of the Account of *order*, oldest first."""
    accounts = f"SELECT {names[Field.ORDER_ACCOUNT]} FROM Order WHERE Id = {quoted(order)}"
    return (
        f"{select_opportunities(names)} AND {names[Field.OPPORTUNITY_ACCOUNT]} IN ({accounts})"
        f" ORDER BY {names[Field.OPPORTUNITY_CREATED_AT]}, Id"
    )


def free_for(account: AccountId, opportunity: OpportunityId, names: Names) -> str:
    """Return the query that finds *opportunity* while it is the account's and no order lives on it."""
    order = names[Field.ORDER_OPPORTUNITY]
    return (
        f"SELECT Id FROM Opportunity WHERE Id = {quoted(opportunity)}"
        f" AND {names[Field.OPPORTUNITY_ACCOUNT]} = {quoted(account)}"
        f" AND Id NOT IN (SELECT {order} FROM Order"
        f" WHERE {order} = {quoted(opportunity)} AND {_living(names)})"
    )


def new_opportunity(
    wanted: OpenNew, *, account: AccountId, label: str, stage: Stage, closes_on: date
) -> Mapping[Field, Value]:
    """Return what a new Opportunity begins with; probability is left to the stage (DESIGN 3.25)."""
    commodity = COMMODITIES[wanted.order_type]
    return {
        Field.OPPORTUNITY_ACCOUNT: account,
        Field.OPPORTUNITY_NAME: f"{commodity} - {label}"[:_LONGEST_NAME],
        Field.OPPORTUNITY_STAGE: stage.value,
        Field.OPPORTUNITY_CLOSES_ON: closes_on,
        Field.OPPORTUNITY_COMMODITY: commodity,
        Field.OPPORTUNITY_SOURCE: wanted.source,
    }


def closing_day(first: date, closes_after: timedelta) -> date:
    """Return the day on which an Opportunity is expected to close (DESIGN 3.25)."""
    return first + closes_after


def _living(names: Names) -> str:
    """Return the condition that an order is not cancelled."""
    cancelled = names.written(Field.ORDER_STATUS, OrderStatusText.CANCELLED)
    return f"{names[Field.ORDER_STATUS]} != {quoted(cancelled)}"
