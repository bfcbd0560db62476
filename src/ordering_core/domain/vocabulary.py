"""
The closed vocabularies of the seed documents.

The values are the seed's own texts (seed "Salesforce Order Fields to Check", "OrderItem Fields to Check"). An
org that spells them differently maps its spelling in the adapter; the domain never sees it.
"""

from enum import StrEnum


class OrderType(StrEnum):
    """What is ordered (Order.Type)."""

    INTERNET = "Internet"
    SIM = "SIM"
    VPN = "VPN"


class ItemClass(StrEnum):
    """What a product is for (Product2.Item_Class__c)."""

    SERVICE = "Service"
    INSTALLATION = "Installation"
    ACTIVATION = "Activation"
    ADD_ON = "Add-on"


class BillingCycle(StrEnum):
    """How often a line is billed (Billing_Cycle__c)."""

    MONTHLY = "Monthly"
    ONE_TIME = "One-time"


class AccessMode(StrEnum):
    """How an Internet line connects (Access_Mode__c)."""

    IPOE_BYOR = "IPoE-BYOR"
    IPOE_HGW = "IPoE-HGW"
    PPPOE = "PPPoE"


class InstallmentPlan(StrEnum):
    """How the installation fee is paid (Installment_Plan__c)."""

    SINGLE = "Single"
    TWELVE_MONTHS = "12-Month"
    TWENTY_FOUR_MONTHS = "24-Month"


class InternetTier(StrEnum):
    """The plan tier within an offering (Internet_Plan_Tier__c)."""

    STANDARD = "Standard"
    PRO = "Pro"
    PLATINUM = "Platinum"


class Offering(StrEnum):
    """What a building can be served with; fixed by the building, never chosen (reference japan-telecom 7)."""

    HOME_1G = "Home 1G"
    HOME_10G = "Home 10G"
    HOME_100M = "Home 100M"
    APARTMENT_1G = "Apartment 1G"
    APARTMENT_10G = "Apartment 10G"
    APARTMENT_100M = "Apartment 100M"

    @property
    def is_apartment(self) -> bool:
        """Whether the building has rooms, so that the address needs building and room."""
        return self.value.startswith("Apartment")


class SimType(StrEnum):
    """How the SIM reaches the customer (SIM_Type__c)."""

    ESIM = "eSIM"
    PHYSICAL = "Physical SIM"


class PlanKind(StrEnum):
    """What a SIM plan carries."""

    DATA = "data"
    DATA_AND_VOICE = "data+voice"


class ActivationType(StrEnum):
    """When a SIM is activated (Activation_Type__c)."""

    IMMEDIATE = "Immediate"
    SCHEDULED = "Scheduled"


class Gender(StrEnum):
    """The gender of a port's contract holder (Porting_Gender__c); the donor's records include companies."""

    MALE = "Male"
    FEMALE = "Female"
    CORPORATE = "Corporate/Other"


class VpnRegion(StrEnum):
    """Where a VPN router comes out (VPN_Region__c)."""

    US = "US"
    UK = "UK"


class ProductOption(StrEnum):
    """The flag of a configuration that an item stands for (DESIGN 4, Catalogue)."""

    WEEKEND_INSTALL = "weekend_install"
    HIKARI_DENWA = "hikari_denwa"
    VOICE_MAIL = "voice_mail"
    CALL_WAITING = "call_waiting"


class OrderStatusText(StrEnum):
    """The texts of Order.Status that we know."""

    DRAFT = "Draft"
    PENDING_REVIEW = "Pending Review"
    APPROVED = "Approved"
    CANCELLED = "Cancelled"


class ActivationStatusText(StrEnum):
    """The texts of Activation_Status__c that we know; an empty field is None."""

    ACTIVATING = "Activating"
    SCHEDULED = "Scheduled"
    ACTIVATED = "Activated"


class Stage(StrEnum):
    """The stages of an Opportunity (seed "Opportunity Stage Lifecycle"; DESIGN 3.7)."""

    INTRODUCTION = "Introduction"
    READY = "Ready"
    POST_PROCESSING = "Post Processing"
    ACTIVE = "Active"
    CANCELLING = "△Cancelling"
    CANCELLED = "Cancelled"
    VOID = "Void"


class System(StrEnum):
    """The outside systems, as errors and operators name them."""

    SALESFORCE = "Salesforce"
    WHMCS = "WHMCS"
    SIM_NETWORK = "SIM network"
    MAIL = "mail"
    STORE = "store"
