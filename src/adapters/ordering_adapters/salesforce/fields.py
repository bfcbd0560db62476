"""
The one table of Salesforce's fields: what each is called in the seed documents, and in an org that differs.

Every member is ``Object.Field`` as the seeds name it (seed "Salesforce Order Fields to Check" and its
neighbours, "Product catalogue"; DESIGN 3.27 for those we add). An org that calls a field otherwise names it
in the settings; one that lacks it says so with an empty name: the field is then neither asked for nor
written, and reads as empty. The texts of picklists can be named the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs


class Field(StrEnum):
    """The fields of Salesforce that ordering reads and writes, object by object."""

    ACCOUNT_NAME = "Account.Name"
    ACCOUNT_NUMBER = "Account.AccountNumber"
    ACCOUNT_STREET = "Account.BillingStreet"
    ACCOUNT_CITY = "Account.BillingCity"
    ACCOUNT_STATE = "Account.BillingState"
    ACCOUNT_POSTAL_CODE = "Account.BillingPostalCode"
    ACCOUNT_COUNTRY = "Account.BillingCountry"
    ELIGIBILITY_STATUS = "Account.Internet_Eligibility_Status__c"
    ELIGIBILITY_RESULT = "Account.Internet_Eligibility__c"
    ELIGIBILITY_CHECKED_AT = "Account.Internet_Eligibility_Checked_Date_Time__c"
    IDENTITY_STATUS = "Account.Id_Verification_Status__c"
    IDENTITY_METHOD = "Account.Id_Verification_Method__c"
    IDENTITY_VERIFIED_AT = "Account.Id_Verification_Verified_Date_Time__c"
    IDENTITY_REJECTION = "Account.Id_Verification_Rejection_Message__c"

    OPPORTUNITY_ACCOUNT = "Opportunity.AccountId"
    OPPORTUNITY_NAME = "Opportunity.Name"
    OPPORTUNITY_STAGE = "Opportunity.StageName"
    OPPORTUNITY_CLOSES_ON = "Opportunity.CloseDate"
    OPPORTUNITY_CREATED_AT = "Opportunity.CreatedDate"
    OPPORTUNITY_COMMODITY = "Opportunity.CommodityType__c"
    OPPORTUNITY_SOURCE = "Opportunity.Opportunity_Source__c"
    OPPORTUNITY_SERVICE = "Opportunity.WHMCS_Service_ID__c"

    ORDER_NUMBER = "Order.OrderNumber"
    ORDER_ACCOUNT = "Order.AccountId"
    ORDER_OPPORTUNITY = "Order.OpportunityId"
    ORDER_PRICE_BOOK = "Order.Pricebook2Id"
    ORDER_TYPE = "Order.Type"
    ORDER_STATUS = "Order.Status"
    ORDER_EFFECTIVE_ON = "Order.EffectiveDate"
    ORDER_DESCRIPTION = "Order.Description"
    ORDER_CREATED_AT = "Order.CreatedDate"
    ORDER_STAMP = "Order.SystemModstamp"
    ORDER_KEY = "Order.Portal_Request_Key__c"
    ORDER_REJECTION_REASON = "Order.Rejection_Reason__c"
    ORDER_PRIORITY = "Order.Priority__c"
    BILLING_ORDER = "Order.WHMCS_Order_ID__c"
    ACTIVATION_TYPE = "Order.Activation_Type__c"
    ACTIVATION_STATUS = "Order.Activation_Status__c"
    ACTIVATION_SCHEDULED_AT = "Order.Activation_Scheduled_At__c"
    ACTIVATION_ERROR_CODE = "Order.Activation_Error_Code__c"
    ACTIVATION_ERROR_MESSAGE = "Order.Activation_Error_Message__c"
    ACTIVATION_LAST_ATTEMPT_AT = "Order.Activation_Last_Attempt_At__c"
    ACCESS_MODE = "Order.Access_Mode__c"
    PLAN_TIER = "Order.Internet_Plan_Tier__c"
    INSTALLATION = "Order.Installment_Plan__c"
    WEEKEND_INSTALL = "Order.Weekend_Install__c"
    HIKARI_DENWA = "Order.Hikari_Denwa__c"
    SIM_TYPE = "Order.SIM_Type__c"
    EID = "Order.EID__c"
    VOICE_MAIL = "Order.SIM_Voice_Mail__c"
    CALL_WAITING = "Order.SIM_Call_Waiting__c"
    ASSIGNED_CARD = "Order.Assign_Physical_SIM__c"
    MNP_APPLICATION = "Order.MNP_Application__c"
    MNP_RESERVATION_NUMBER = "Order.MNP_Reservation_Number__c"
    MNP_EXPIRES_ON = "Order.MNP_Expiry_Date__c"
    MNP_PHONE_NUMBER = "Order.MNP_Phone_Number__c"
    MVNO_ACCOUNT_NUMBER = "Order.MVNO_Account_Number__c"
    PORTING_LAST_NAME = "Order.Porting_LastName__c"
    PORTING_FIRST_NAME = "Order.Porting_FirstName__c"
    PORTING_LAST_NAME_KATAKANA = "Order.Porting_LastName_Katakana__c"
    PORTING_FIRST_NAME_KATAKANA = "Order.Porting_FirstName_Katakana__c"
    PORTING_GENDER = "Order.Porting_Gender__c"
    PORTING_BIRTH_DATE = "Order.Porting_DateOfBirth__c"
    VPN_REGION = "Order.VPN_Region__c"
    ADDRESS_CHANGED = "Order.Address_Changed__c"
    ORDER_STREET = "Order.BillingStreet"
    ORDER_CITY = "Order.BillingCity"
    ORDER_STATE = "Order.BillingState"
    ORDER_POSTAL_CODE = "Order.BillingPostalCode"
    ORDER_COUNTRY = "Order.BillingCountry"

    ITEM_NUMBER = "OrderItem.OrderItemNumber"
    ITEM_ORDER = "OrderItem.OrderId"
    ITEM_ENTRY = "OrderItem.PricebookEntryId"
    ITEM_PRICE = "OrderItem.UnitPrice"
    ITEM_QUANTITY = "OrderItem.Quantity"
    ITEM_CYCLE = "OrderItem.Billing_Cycle__c"
    ITEM_SERVICE = "OrderItem.WHMCS_Service_ID__c"

    PRODUCT_NAME = "Product2.Name"
    PRODUCT_SKU = "Product2.StockKeepingUnit"
    PRODUCT_ACTIVE = "Product2.IsActive"
    PRODUCT_BILLING_ID = "Product2.WH_Product_ID__c"
    PRODUCT_CYCLE = "Product2.Billing_Cycle__c"
    PRODUCT_CLASS = "Product2.Item_Class__c"
    ENTRY_BOOK = "PricebookEntry.Pricebook2Id"
    ENTRY_PRICE = "PricebookEntry.UnitPrice"
    ENTRY_ACTIVE = "PricebookEntry.IsActive"

    CARD_ICCID = "SIM_Inventory__c.ICCID__c"
    CARD_PRODUCT_NUMBER = "SIM_Inventory__c.Product_Number__c"
    CARD_PHONE_NUMBER = "SIM_Inventory__c.Phone_Number__c"
    CARD_STATUS = "SIM_Inventory__c.Status__c"
    CARD_ORDER = "SIM_Inventory__c.Order__c"
    CARD_SHIPPED_AT = "SIM_Inventory__c.Shipped_At__c"
    CARD_DELIVERED_AT = "SIM_Inventory__c.Delivered_At__c"

    CASE_ACCOUNT = "Case.AccountId"
    CASE_ORIGIN = "Case.Origin"
    CASE_SUBJECT = "Case.Subject"
    CASE_DESCRIPTION = "Case.Description"
    CASE_KEY = "Case.Portal_Request_Key__c"
    FILE_KEY = "ContentVersion.Portal_Request_Key__c"


Value: TypeAlias = str | bool | int | Decimal | date | datetime | None
"""What a field can be given."""

PORTING: Final = (
    Field.MNP_RESERVATION_NUMBER,
    Field.MNP_EXPIRES_ON,
    Field.MNP_PHONE_NUMBER,
    Field.MVNO_ACCOUNT_NUMBER,
    Field.PORTING_LAST_NAME,
    Field.PORTING_FIRST_NAME,
    Field.PORTING_LAST_NAME_KATAKANA,
    Field.PORTING_FIRST_NAME_KATAKANA,
    Field.PORTING_GENDER,
    Field.PORTING_BIRTH_DATE,
)
"""What an order that takes a number with it says of it."""

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_NO_TEXTS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({})
_CUSTOM: Final = "__c"


class Reference(str):
    """A reference to an earlier call of a composite, such as ``@{order.id}``; the only text sent with one."""

    __slots__ = ()


@attrs.frozen(kw_only=True)
class Names:
    """
    What an org calls fields and texts, where it differs from the seeds.

    *fields* is keyed ``Object.Field``, an empty name is a field that is not there; *texts* is keyed the
    same way and maps the seed's text of a picklist to the org's.

    Raises:
        ValueError: A key names no field of `Field`.

    """

    fields: Mapping[str, str] = attrs.field(default=_NOTHING)
    texts: Mapping[str, Mapping[str, str]] = attrs.field(default=_NO_TEXTS)

    def __attrs_post_init__(self) -> None:
        unknown = sorted({*self.fields, *self.texts} - set(Field))
        if unknown:
            raise ValueError(
                f"{', '.join(unknown)}: no such field; write Object.Field as the documents name it"
            )

    def __getitem__(self, field: Field) -> str:
        """Return the API name of *field* in this org, empty when the org lacks it."""
        return self.fields.get(field, field.partition(".")[2])

    def has(self, field: Field) -> bool:
        """Whether the org has *field*."""
        return bool(self[field])

    def selected(self, *fields: Field, of: str = "") -> str:
        """Return *fields* for a SELECT, without those the org lacks; *of* is the relationship to them."""
        reach = f"{of}." if of else ""
        return ", ".join([f"{reach}Id", *(f"{reach}{self[field]}" for field in fields if self.has(field))])

    def relationship(self, field: Field) -> str:
        """Return the name by which queries step over the lookup *field*."""
        name = self[field]
        return f"{name.removesuffix(_CUSTOM)}__r" if name.endswith(_CUSTOM) else name.removesuffix("Id")

    def body(self, values: Mapping[Field, Value]) -> dict[str, object]:
        """Return *values* as Salesforce's JSON takes them, those of fields the org lacks left out."""
        return {self[field]: self.sent(field, value) for field, value in values.items() if self.has(field)}

    def sent(self, field: Field, value: Value) -> object:
        """Return *value* as Salesforce's JSON takes it in *field*."""
        match value:
            case Reference():
                return str(value)
            case str():
                return harmless(self.written(field, value))
            case Decimal():
                whole = int(value)
                return whole if whole == value else float(value)
            case datetime():
                return instant_text(value)
            case date():
                return value.isoformat()
            case None | bool() | int():
                return value

    def written(self, field: Field, text: str) -> str:
        """Return the org's text for the seed's *text*."""
        return self.texts.get(field, _NOTHING).get(text, text)

    def meant(self, field: Field, text: str) -> str:
        """Return the seed's text for the org's *text*; one that nobody named is returned as it is."""
        for ours, theirs in self.texts.get(field, _NOTHING).items():
            if theirs == text:
                return ours
        return text


def harmless(text: str) -> str:
    """Return *text* so that a composite does not take a part of it for a reference to another call."""
    return text.replace("@{", "@ {")


def instant_text(at: datetime) -> str:
    """Return *at* as JSON and SOQL take it: UTC, whole seconds, which is all that Salesforce keeps."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
