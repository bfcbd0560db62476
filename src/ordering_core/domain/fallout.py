"""Why an order needs somebody: hold codes, findings, and who owns them (DESIGN 1 and 4, fallout)."""

from __future__ import annotations

from enum import StrEnum

import attrs

from ordering_core.domain.representation import shown


class Owner(StrEnum):
    """Who has to act."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"


class HoldCode(StrEnum):
    """Why provisioning stopped and needs somebody; written to Activation_Error_Code__c."""

    PAYMENT_METHOD_MISSING = "PAYMENT_METHOD_MISSING"
    IDENTITY_NOT_VERIFIED = "IDENTITY_NOT_VERIFIED"
    IDENTITY_METHOD = "IDENTITY_METHOD"
    MNP_TOO_SHORT = "MNP_TOO_SHORT"
    MNP_REFUSED = "MNP_REFUSED"
    SCHEDULE_DATE_MISSING = "SCHEDULE_DATE_MISSING"
    ELIGIBILITY_CHANGED = "ELIGIBILITY_CHANGED"
    DUPLICATE_SERVICE = "DUPLICATE_SERVICE"
    RULES_VIOLATED = "RULES_VIOLATED"
    SIM_CARD_UNUSABLE = "SIM_CARD_UNUSABLE"
    LINE_REFUSED = "LINE_REFUSED"
    APPROVAL_WITHDRAWN = "APPROVAL_WITHDRAWN"
    FOREIGN_ERROR = "FOREIGN_ERROR"
    SECOND_APPROVAL = "SECOND_APPROVAL"
    BILLING_REFUSED = "BILLING_REFUSED"
    OUTCOME_AMBIGUOUS = "OUTCOME_AMBIGUOUS"
    DUPLICATE_EFFECT = "DUPLICATE_EFFECT"
    CANCELLED_IN_FLIGHT = "CANCELLED_IN_FLIGHT"
    ACTIVATED_BY_HAND = "ACTIVATED_BY_HAND"
    CONFIGURATION = "CONFIGURATION"


class FindingCode(StrEnum):
    """What two systems disagree about; recorded once while it lasts."""

    UNKNOWN_STATUS = "UNKNOWN_STATUS"
    UNKNOWN_ELIGIBILITY = "UNKNOWN_ELIGIBILITY"
    APPROVAL_IMPLIED = "APPROVAL_IMPLIED"
    LINKS_NOT_WRITTEN = "LINKS_NOT_WRITTEN"
    SERVICE_ID_DIFFERS = "SERVICE_ID_DIFFERS"
    SHIPMENT_NOT_RECORDED = "SHIPMENT_NOT_RECORDED"
    LINE_ACTIVE_ORDER_CANCELLED = "line_active_order_cancelled"
    PRODUCT_ON_ONE_SIDE = "PRODUCT_ON_ONE_SIDE"
    HOLD_NOT_REPORTED = "HOLD_NOT_REPORTED"
    OBSERVED_ONLY = "OBSERVED_ONLY"
    INVOICE_DIFFERS = "INVOICE_DIFFERS"
    LINKS_DIFFER = "LINKS_DIFFER"
    RUN_BREAKS = "RUN_BREAKS"
    ORDER_NOT_READ = "ORDER_NOT_READ"


@attrs.frozen(kw_only=True)
class Runbook:
    """
    What a person reads who meets one code: whose it is, what it means, how to go on, and what clears it.

    *clears_itself* says that the fact a hold waits for, once true, is enough (DESIGN 3.19 a). *for_customer*
    is the sentence the customer reads when it is the customer who has to act.
    """

    owner: Owner
    title: str
    meaning: str
    steps: tuple[str, ...]
    clears: str
    urgent: bool = False
    clears_itself: bool = False
    for_customer: str = ""

    __repr__ = shown
