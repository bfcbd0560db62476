"""What placing writes, field by field (seed "Creates the Order", "Creates Order Items"; DESIGN 3.25)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ordering_adapters.salesforce.addresses import ACCOUNT_ADDRESS, ORDER_ADDRESS, address_values
from ordering_adapters.salesforce.fields import Field, Names, Reference, Value
from ordering_core.domain.calendar import start_of_day
from ordering_core.domain.catalogue import Product
from ordering_core.domain.drafts import InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.orders import NewOrder
from ordering_core.domain.vocabulary import ItemClass


MNP_REQUESTED: Final = "Requested"
"""What MNP_Application__c says while a port is asked for (DESIGN 3.25)."""


def order_body(
    order: NewOrder, names: Names, *, opportunity: Reference, price_book: str, country: str
) -> dict[str, object]:
    """Return what to write for the Order itself."""
    values: dict[Field, Value] = {
        Field.ORDER_ACCOUNT: order.account,
        Field.ORDER_OPPORTUNITY: opportunity,
        Field.ORDER_PRICE_BOOK: price_book,
        Field.ORDER_EFFECTIVE_ON: order.effective_date,
        Field.ORDER_STATUS: order.status.value,
        Field.ORDER_TYPE: order.order_type.value,
        Field.ORDER_KEY: order.request_key,
        Field.ADDRESS_CHANGED: order.address_changed,
        **_configured(order),
        **address_values(ORDER_ADDRESS, order.address, names, country=country),
    }
    return names.body({field: value for field, value in values.items() if value is not None})


def item_body(line: Product, names: Names, *, order: Reference, entry: str) -> dict[str, object]:
    """Return what to write for one line, at the price that was promised; the product follows from *entry*."""
    return names.body(
        {
            Field.ITEM_ORDER: order,
            Field.ITEM_ENTRY: entry,
            Field.ITEM_QUANTITY: 1,
            Field.ITEM_PRICE: line.price,
            Field.ITEM_CYCLE: line.cycle.value,
        }
    )


def account_body(order: NewOrder, names: Names, *, country: str) -> dict[str, object]:
    """Return what the Account takes over from the order, empty when nothing (DESIGN 3.23)."""
    values: dict[Field, Value] = {}
    if order.update_account:
        values.update(address_values(ACCOUNT_ADDRESS, order.address, names, country=country))
    if order.clear_eligibility:
        values.update(
            {
                Field.ELIGIBILITY_STATUS: None,
                Field.ELIGIBILITY_RESULT: None,
                Field.ELIGIBILITY_CHECKED_AT: None,
            }
        )
    return names.body(values)


def _configured(order: NewOrder) -> Mapping[Field, Value]:
    """Return the fields of the configuration."""
    match order.draft:
        case InternetDraft() as draft:
            return {
                Field.ACCESS_MODE: draft.access_mode,
                Field.PLAN_TIER: _tier(order),
                Field.INSTALLATION: draft.installation,
                Field.WEEKEND_INSTALL: draft.weekend_install,
                Field.HIKARI_DENWA: draft.hikari_denwa,
                Field.ORDER_DESCRIPTION: draft.notes or None,
            }
        case SimDraft() as draft:
            return {
                Field.SIM_TYPE: draft.sim_type,
                Field.EID: draft.eid,
                Field.ACTIVATION_TYPE: draft.activation_type,
                Field.ACTIVATION_SCHEDULED_AT: _requested_day(draft),
                Field.VOICE_MAIL: draft.voice_mail,
                Field.CALL_WAITING: draft.call_waiting,
                **(_ported(draft.porting) if draft.porting else {}),
            }
        case VpnDraft() as draft:
            return {Field.VPN_REGION: draft.region}


def _tier(order: NewOrder) -> str | None:
    """Return the tier of the plan."""
    plans = (line.tier for line in order.quote.lines if line.item_class is ItemClass.SERVICE)
    return next((tier.value for tier in plans if tier is not None), None)


def _requested_day(draft: SimDraft) -> datetime | None:
    """Return the customer's day as the one field for it holds it: midnight in Japan (DESIGN 3.4)."""
    return start_of_day(draft.scheduled_on) if draft.scheduled_on else None


def _ported(porting: PortingDraft) -> Mapping[Field, Value]:
    return {
        Field.MNP_APPLICATION: MNP_REQUESTED,
        Field.MNP_RESERVATION_NUMBER: porting.reservation_number,
        Field.MNP_EXPIRES_ON: porting.reservation_expires_on,
        Field.MNP_PHONE_NUMBER: porting.phone_number,
        Field.MVNO_ACCOUNT_NUMBER: porting.mvno_account_number,
        Field.PORTING_LAST_NAME: porting.last_name,
        Field.PORTING_FIRST_NAME: porting.first_name,
        Field.PORTING_LAST_NAME_KATAKANA: porting.last_name_katakana,
        Field.PORTING_FIRST_NAME_KATAKANA: porting.first_name_katakana,
        Field.PORTING_GENDER: porting.gender,
        Field.PORTING_BIRTH_DATE: porting.birth_date,
    }
