"""
What ordering does with each field of the table, and so what the field has to be.

Types are those of describe; several do where Salesforce writes and reads them alike (a picklist is a text).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from ordering_adapters.salesforce.case_rows import ORIGIN
from ordering_adapters.salesforce.fields import PORTING, Field
from ordering_adapters.salesforce.opportunity_rows import COMMODITIES
from ordering_core.domain.texts import StopReason
from ordering_core.domain.vocabulary import (
    AccessMode,
    ActivationStatusText,
    ActivationType,
    BillingCycle,
    Gender,
    InstallmentPlan,
    InternetTier,
    ItemClass,
    OrderType,
    SimType,
    Stage,
    VpnRegion,
)


_TEXTS: Final = frozenset(
    {"string", "textarea", "picklist", "combobox", "phone", "email", "url", "encryptedstring"}
)
_NUMBERS: Final = frozenset({"double", "currency", "percent", "int", "long"})


class Holds(Enum):
    """What a field holds; its value are the types of describe that do."""

    TEXT = _TEXTS
    FLAG = frozenset({"boolean"})
    DAY = frozenset({"date"})
    MOMENT = frozenset({"datetime"})
    NUMBER = _NUMBERS
    NUMBER_OR_TEXT = _NUMBERS | _TEXTS
    RECORD = frozenset({"reference"})


_HELD: Final[Mapping[Holds, frozenset[Field]]] = MappingProxyType(
    {
        Holds.FLAG: frozenset(
            {
                Field.WEEKEND_INSTALL,
                Field.HIKARI_DENWA,
                Field.VOICE_MAIL,
                Field.CALL_WAITING,
                Field.ADDRESS_CHANGED,
                Field.ORDER_PRIORITY,
                Field.PRODUCT_ACTIVE,
                Field.ENTRY_ACTIVE,
            }
        ),
        Holds.DAY: frozenset(
            {
                Field.OPPORTUNITY_CLOSES_ON,
                Field.ORDER_EFFECTIVE_ON,
                Field.MNP_EXPIRES_ON,
                Field.PORTING_BIRTH_DATE,
            }
        ),
        Holds.MOMENT: frozenset(
            {
                Field.ELIGIBILITY_CHECKED_AT,
                Field.IDENTITY_VERIFIED_AT,
                Field.OPPORTUNITY_CREATED_AT,
                Field.ORDER_CREATED_AT,
                Field.ORDER_STAMP,
                Field.ACTIVATION_SCHEDULED_AT,
                Field.ACTIVATION_LAST_ATTEMPT_AT,
                Field.CARD_SHIPPED_AT,
                Field.CARD_DELIVERED_AT,
            }
        ),
        Holds.NUMBER: frozenset({Field.ITEM_PRICE, Field.ITEM_QUANTITY, Field.ENTRY_PRICE}),
        Holds.NUMBER_OR_TEXT: frozenset({Field.PRODUCT_BILLING_ID}),
        Holds.RECORD: frozenset(
            {
                Field.OPPORTUNITY_ACCOUNT,
                Field.ORDER_ACCOUNT,
                Field.ORDER_OPPORTUNITY,
                Field.ORDER_PRICE_BOOK,
                Field.ASSIGNED_CARD,
                Field.ITEM_ORDER,
                Field.ITEM_ENTRY,
                Field.ENTRY_BOOK,
                Field.CARD_ORDER,
                Field.CASE_ACCOUNT,
            }
        ),
    }
)


def held_by(field: Field) -> Holds:
    """Return what *field* holds: a text, unless it is said above."""
    return next((holds for holds, fields in _HELD.items() if field in fields), Holds.TEXT)


CREATED: Final = frozenset(
    {
        Field.OPPORTUNITY_ACCOUNT,
        Field.OPPORTUNITY_NAME,
        Field.OPPORTUNITY_STAGE,
        Field.OPPORTUNITY_CLOSES_ON,
        Field.OPPORTUNITY_COMMODITY,
        Field.OPPORTUNITY_SOURCE,
        Field.ORDER_ACCOUNT,
        Field.ORDER_OPPORTUNITY,
        Field.ORDER_PRICE_BOOK,
        Field.ORDER_EFFECTIVE_ON,
        Field.ORDER_STATUS,
        Field.ORDER_TYPE,
        Field.ORDER_KEY,
        Field.ORDER_DESCRIPTION,
        Field.ADDRESS_CHANGED,
        Field.ORDER_STREET,
        Field.ORDER_CITY,
        Field.ORDER_STATE,
        Field.ORDER_POSTAL_CODE,
        Field.ORDER_COUNTRY,
        Field.ACCESS_MODE,
        Field.PLAN_TIER,
        Field.INSTALLATION,
        Field.WEEKEND_INSTALL,
        Field.HIKARI_DENWA,
        Field.SIM_TYPE,
        Field.EID,
        Field.ACTIVATION_TYPE,
        Field.ACTIVATION_SCHEDULED_AT,
        Field.VOICE_MAIL,
        Field.CALL_WAITING,
        Field.MNP_APPLICATION,
        *PORTING,
        Field.VPN_REGION,
        Field.ITEM_ORDER,
        Field.ITEM_ENTRY,
        Field.ITEM_QUANTITY,
        Field.ITEM_PRICE,
        Field.ITEM_CYCLE,
        Field.CASE_ACCOUNT,
        Field.CASE_ORIGIN,
        Field.CASE_SUBJECT,
        Field.CASE_DESCRIPTION,
        Field.CASE_KEY,
        Field.FILE_KEY,
    }
)
"""Fields that new records are written with."""

CHANGED: Final = frozenset(
    {
        Field.ACCOUNT_STREET,
        Field.ACCOUNT_CITY,
        Field.ACCOUNT_STATE,
        Field.ACCOUNT_POSTAL_CODE,
        Field.ACCOUNT_COUNTRY,
        Field.ELIGIBILITY_STATUS,
        Field.ELIGIBILITY_RESULT,
        Field.ELIGIBILITY_CHECKED_AT,
        Field.IDENTITY_STATUS,
        Field.IDENTITY_METHOD,
        Field.IDENTITY_VERIFIED_AT,
        Field.IDENTITY_REJECTION,
        Field.OPPORTUNITY_STAGE,
        Field.OPPORTUNITY_SERVICE,
        Field.ACTIVATION_STATUS,
        Field.ACTIVATION_SCHEDULED_AT,
        Field.ACTIVATION_ERROR_CODE,
        Field.ACTIVATION_ERROR_MESSAGE,
        Field.ACTIVATION_LAST_ATTEMPT_AT,
        Field.BILLING_ORDER,
        Field.MNP_APPLICATION,
        Field.ITEM_SERVICE,
    }
)
"""Fields that are written over in records that are there."""

CHANGED_BY_STAFF: Final = frozenset(
    {
        Field.ORDER_STATUS,
        Field.ORDER_DESCRIPTION,
        Field.ORDER_REJECTION_REASON,
        Field.ASSIGNED_CARD,
        Field.CARD_STATUS,
        Field.CARD_ORDER,
        Field.CARD_PHONE_NUMBER,
    }
)
"""Fields that are written over where staff decide on orders and assign cards through ordering."""

FILTERED: Final = frozenset(
    {
        Field.IDENTITY_STATUS,
        Field.OPPORTUNITY_ACCOUNT,
        Field.OPPORTUNITY_COMMODITY,
        Field.OPPORTUNITY_SERVICE,
        Field.ORDER_ACCOUNT,
        Field.ORDER_STATUS,
        Field.ORDER_OPPORTUNITY,
        Field.ORDER_STAMP,
        Field.ORDER_KEY,
        Field.ACTIVATION_STATUS,
        Field.ACTIVATION_SCHEDULED_AT,
        Field.ACTIVATION_ERROR_CODE,
        Field.ITEM_ORDER,
        Field.ITEM_SERVICE,
        Field.PRODUCT_SKU,
        Field.ENTRY_BOOK,
        Field.CASE_KEY,
        Field.FILE_KEY,
    }
)
"""Fields that queries compare."""

CHOICES: Final[Mapping[Field, tuple[str, ...]]] = MappingProxyType(
    {
        Field.ELIGIBILITY_STATUS: ("Pending", "Checked", "Not Eligible"),
        Field.IDENTITY_STATUS: ("Pending", "Verified", "Rejected"),
        Field.OPPORTUNITY_STAGE: tuple(Stage),
        Field.OPPORTUNITY_COMMODITY: tuple(COMMODITIES.values()),
        Field.ORDER_TYPE: tuple(OrderType),
        Field.ORDER_REJECTION_REASON: tuple(StopReason),
        Field.ACTIVATION_TYPE: tuple(ActivationType),
        Field.ACTIVATION_STATUS: tuple(ActivationStatusText),
        Field.ACCESS_MODE: tuple(AccessMode),
        Field.PLAN_TIER: tuple(InternetTier),
        Field.INSTALLATION: tuple(InstallmentPlan),
        Field.SIM_TYPE: tuple(SimType),
        Field.MNP_APPLICATION: ("Requested", "Done", "Failed"),
        Field.PORTING_GENDER: tuple(Gender),
        Field.VPN_REGION: tuple(VpnRegion),
        Field.ITEM_CYCLE: tuple(BillingCycle),
        Field.PRODUCT_CYCLE: tuple(BillingCycle),
        Field.PRODUCT_CLASS: tuple(ItemClass),
        Field.CASE_ORIGIN: (ORIGIN,),
    }
)
"""The texts that a picklist needs; those of Order Status are records of their own."""
