"""
Ordering for a telecom reseller in Japan: configure, check out, submit, approve, provision, follow.

`Ordering` is the one constructor. What it takes are the ports of `ordering_core.ports`; what it takes and
gives besides is here. `ordering_adapters.memory.in_memory_ordering()` gives one that works at once.
"""

from ordering_core.application.ordering import Ordering
from ordering_core.application.pausing import Pause
from ordering_core.application.story import Moment, MomentKind, OrderStory
from ordering_core.application.views import (
    ActionNeeded,
    CheckoutReview,
    DraftCheck,
    OrderDetail,
    OrderPage,
    OrderSummary,
    Submitted,
)
from ordering_core.domain.address import PostalAddress, PostalCode
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.checkout import CheckoutIncomplete, CheckoutSession, Requirement
from ordering_core.domain.drafts import AddressDraft, Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.eligibility import EligibilityStanding, EligibilityState
from ordering_core.domain.events import EventKind, OrderEvent, Source
from ordering_core.domain.fallout import FindingCode, HoldCode, Owner
from ordering_core.domain.identifiers import (
    AccountId,
    BillingOrderId,
    BillingProductId,
    CaseId,
    ClientId,
    Cursor,
    CustomerId,
    FileId,
    LineId,
    OpportunityId,
    OrderId,
    OrderItemId,
    RequestKey,
    ServiceId,
    SessionId,
    SimCardId,
    Sku,
    Version,
)
from ordering_core.domain.identity import IdentityStanding
from ordering_core.domain.journal import (
    Done,
    Fact,
    Held,
    Rest,
    RetryAt,
    Subject,
    SubjectKind,
    WaitFor,
    WaitUntil,
)
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.domain.orders import OrderLine
from ordering_core.domain.payment import PaymentMethod
from ordering_core.domain.policy import Policy
from ordering_core.domain.quote import Amount, Quote
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.texts import Language
from ordering_core.domain.timeline import Bucket, Timeline, TimelineStep
from ordering_core.domain.violations import Gate, OrderRejected, Severity, Verdict, Violation
from ordering_core.domain.vocabulary import (
    AccessMode,
    ActivationType,
    BillingCycle,
    Gender,
    InstallmentPlan,
    InternetTier,
    ItemClass,
    Offering,
    OrderType,
    PlanKind,
    ProductOption,
    SimType,
    VpnRegion,
)
from ordering_core.errors import (
    CatalogueFileError,
    CheckoutClosed,
    CheckoutExpired,
    Conflict,
    CursorTooOld,
    IllegalTransition,
    InvalidFile,
    NotFound,
    NothingToRetry,
    OrderingError,
    OutcomeUnknown,
    PortError,
    Refused,
    RequestError,
    Unavailable,
)
from ordering_core.ports.checkout_records import PlacementState


__all__ = [
    "AccessMode",
    "AccountId",
    "ActionNeeded",
    "ActivationType",
    "AddressDraft",
    "Amount",
    "BillingCycle",
    "BillingOrderId",
    "BillingProductId",
    "Bucket",
    "CaseId",
    "Catalogue",
    "CatalogueFileError",
    "CheckoutClosed",
    "CheckoutExpired",
    "CheckoutIncomplete",
    "CheckoutReview",
    "CheckoutSession",
    "ClientId",
    "Conflict",
    "Cursor",
    "CursorTooOld",
    "CustomerId",
    "Done",
    "Draft",
    "DraftCheck",
    "EligibilityStanding",
    "EligibilityState",
    "EventKind",
    "Fact",
    "FileId",
    "FindingCode",
    "Gate",
    "Gender",
    "Held",
    "HoldCode",
    "IdentityStanding",
    "IllegalTransition",
    "InstallmentPlan",
    "InternetDraft",
    "InternetTier",
    "InvalidFile",
    "InvalidValue",
    "ItemClass",
    "Language",
    "LineId",
    "Moment",
    "MomentKind",
    "NotFound",
    "NothingToRetry",
    "Offering",
    "OpportunityId",
    "OrderDetail",
    "OrderEvent",
    "OrderId",
    "OrderItemId",
    "OrderLine",
    "OrderPage",
    "OrderRejected",
    "OrderState",
    "OrderStatus",
    "OrderStory",
    "OrderSummary",
    "OrderType",
    "Ordering",
    "OrderingError",
    "OutcomeUnknown",
    "Owner",
    "Pause",
    "PaymentMethod",
    "PlacementState",
    "PlanKind",
    "Policy",
    "PortError",
    "PortingDraft",
    "PostalAddress",
    "PostalCode",
    "Product",
    "ProductOption",
    "Quote",
    "Refused",
    "RequestError",
    "RequestKey",
    "Requirement",
    "Rest",
    "RetryAt",
    "ServiceId",
    "SessionId",
    "Severity",
    "SimCardId",
    "SimDraft",
    "SimType",
    "Sku",
    "Source",
    "Subject",
    "SubjectKind",
    "Submitted",
    "Timeline",
    "TimelineStep",
    "Unavailable",
    "Verdict",
    "Version",
    "Violation",
    "VpnDraft",
    "VpnRegion",
    "WaitFor",
    "WaitUntil",
]
