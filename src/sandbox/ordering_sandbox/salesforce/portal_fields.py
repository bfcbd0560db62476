"""
What the portal's org has beyond the standard: the custom fields of both seeds and of DESIGN 3.27.

Seed "Salesforce Order Fields to Check" and its neighbours name the fields; their types and lengths are this
org's. Keys of other systems are External IDs; unique ones mind their case.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ordering_sandbox.salesforce import field_kinds as make
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType


_ACTIVATION: Final = (
    make.picklist("Activation_Type__c", "Activation Type", "Immediate", "Scheduled"),
    make.picklist("Activation_Status__c", "Activation Status", "Activating", "Scheduled", "Activated"),
    make.instant("Activation_Scheduled_At__c", "Activation Scheduled At"),
    make.text("Activation_Error_Code__c", "Activation Error Code", 100),
    make.long_text("Activation_Error_Message__c", "Activation Error Message", 255),
    make.instant("Activation_Last_Attempt_At__c", "Activation Last Attempt"),
    make.text("WHMCS_Order_ID__c", "WHMCS Order ID"),
)

_INTERNET: Final = (
    make.picklist("Access_Mode__c", "Access Mode", "IPoE-BYOR", "IPoE-HGW", "PPPoE"),
    make.picklist("Internet_Plan_Tier__c", "Internet Plan Tier", "Standard", "Pro", "Platinum"),
    make.picklist("Installment_Plan__c", "Installment Plan", "Single", "12-Month", "24-Month"),
    make.checkbox("Weekend_Install__c", "Weekend Install"),
    make.checkbox("Hikari_Denwa__c", "Hikari Denwa"),
)

_SIM: Final = (
    make.picklist("SIM_Type__c", "SIM Type", "eSIM", "Physical SIM"),
    make.text("EID__c", "EID", 32),
    make.checkbox("SIM_Voice_Mail__c", "Voice Mail"),
    make.checkbox("SIM_Call_Waiting__c", "Call Waiting"),
    make.lookup(
        "Assign_Physical_SIM__c",
        "Assign Physical SIM",
        "SIM_Inventory__c",
        relationship="Assign_Physical_SIM__r",
        children="Orders__r",
    ),
)

_PORTING: Final = (
    make.picklist("MNP_Application__c", "MNP Application", "Requested", "Done", "Failed", restricted=False),
    make.text("MNP_Reservation_Number__c", "MNP Reservation Number", 20),
    make.date("MNP_Expiry_Date__c", "MNP Expiry Date"),
    make.of_type("MNP_Phone_Number__c", "MNP Phone Number", FieldType.PHONE, 40),
    make.text("MVNO_Account_Number__c", "MVNO Account Number", 50),
    make.text("Porting_LastName__c", "Porting Last Name", 80),
    make.text("Porting_FirstName__c", "Porting First Name", 80),
    make.text("Porting_LastName_Katakana__c", "Porting Last Name (Katakana)", 80),
    make.text("Porting_FirstName_Katakana__c", "Porting First Name (Katakana)", 80),
    make.picklist("Porting_Gender__c", "Porting Gender", "Male", "Female", "Corporate/Other"),
    make.date("Porting_DateOfBirth__c", "Porting Date of Birth"),
)

_SERVICE: Final = make.text("WHMCS_Service_ID__c", "WHMCS Service ID")
_CYCLE: Final = make.picklist("Billing_Cycle__c", "Billing Cycle", "Monthly", "One-time")
_REQUEST_KEY: Final = make.key("Portal_Request_Key__c", "Portal Request Key")

CUSTOM_FIELDS: Final[Mapping[str, tuple[Field, ...]]] = MappingProxyType(
    {
        "Account": (
            make.text("Internet_Eligibility__c", "Internet Eligibility"),
            make.picklist(
                "Internet_Eligibility_Status__c",
                "Internet Eligibility Status",
                "Pending",
                "Checked",
                "Not Eligible",
                restricted=False,
            ),
            make.instant("Internet_Eligibility_Checked_Date_Time__c", "Internet Eligibility Checked"),
            make.picklist(
                "Id_Verification_Status__c",
                "ID Verification Status",
                "Pending",
                "Verified",
                "Rejected",
                restricted=False,
            ),
            make.instant("Id_Verification_Verified_Date_Time__c", "ID Verification Verified"),
            make.long_text("Id_Verification_Rejection_Message__c", "ID Verification Rejection Message", 255),
            make.text("Id_Verification_Method__c", "ID Verification Method"),
        ),
        "Product2": (
            make.number("WH_Product_ID__c", "WHMCS Product ID"),
            _CYCLE,
            make.picklist("Item_Class__c", "Item Class", "Service", "Installation", "Activation", "Add-on"),
        ),
        "Opportunity": (
            make.picklist(
                "CommodityType__c", "Commodity Type", "Personal SonixNet Home Internet", "SIM", "VPN"
            ),
            make.text("Opportunity_Source__c", "Opportunity Source"),
            _SERVICE,
        ),
        "Order": (
            *_ACTIVATION,
            *_INTERNET,
            *_SIM,
            *_PORTING,
            make.picklist("VPN_Region__c", "VPN Region", "US", "UK"),
            make.checkbox("Address_Changed__c", "Address Changed"),
            _REQUEST_KEY,
            make.text("Rejection_Reason__c", "Rejection Reason"),
            make.checkbox("Priority__c", "Priority"),
        ),
        "OrderItem": (_CYCLE, _SERVICE),
        "Case": (_REQUEST_KEY,),
        # Whether a file's key can be unique is not documented: here it is not.
        "ContentVersion": (make.key("Portal_Request_Key__c", "Portal Request Key", unique=False),),
    }
)
"""The custom fields of each standard object."""

SIM_INVENTORY: Final[ObjectType] = make.record_type(
    "SIM_Inventory__c",
    "SIM Inventory",
    "SIM Inventory",
    "a0S",
    make.text("Name", "SIM Inventory Name", 80),
    make.key("ICCID__c", "ICCID"),
    make.text("Product_Number__c", "Product Number", 40),
    make.of_type("Phone_Number__c", "Phone Number", FieldType.PHONE, 40),
    make.picklist("Status__c", "Status", "In Stock", "Used", "Defective", default="In Stock"),
    make.lookup("Order__c", "Order", "Order", relationship="Order__r", children="SIM_Inventory__r"),
    make.instant("Shipped_At__c", "Shipped At"),
    make.instant("Delivered_At__c", "Delivered At"),
)

PROVISION_REQUESTED: Final[ObjectType] = make.record_type(
    "OrderProvisionRequested__e",
    "Order Provision Requested",
    "Order Provision Requested",
    "e00",
    make.text("Order_Id__c", "Order Id", 18),
    event=True,
)

PORTAL_OBJECTS: Final = (SIM_INVENTORY, PROVISION_REQUESTED)
"""The objects an admin made for the portal."""


def with_custom_fields(kind: ObjectType) -> ObjectType:
    """Return *kind* with what the portal's admin added to it."""
    return attrs.evolve(kind, fields=(*kind.fields, *CUSTOM_FIELDS.get(kind.name, ())))
