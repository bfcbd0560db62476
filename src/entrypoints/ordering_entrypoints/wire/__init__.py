"""
JSON at the edges of the system: strict on the way in, one set of shapes on the way out.

Used by the command line, the HTTP API and the portal. It knows the core alone, and no web framework.
"""

from ordering_entrypoints.wire.checkout import (
    CheckoutReviewView,
    CheckoutSessionView,
    EligibilityView,
    PaymentMethodView,
    SubmittedView,
)
from ordering_entrypoints.wire.drafts import AddressView, DraftView, draft_view
from ordering_entrypoints.wire.errors import FieldError, MalformedJson, WireError
from ordering_entrypoints.wire.offers import (
    AmountView,
    CatalogueView,
    CheckView,
    ProductView,
    QuoteView,
    VerdictView,
    ViolationView,
)
from ordering_entrypoints.wire.orders import (
    ActionView,
    OrderDetailView,
    OrderLineView,
    OrderPageView,
    OrderSummaryView,
)
from ordering_entrypoints.wire.progress import (
    ChangesView,
    ChangeView,
    OrderEventView,
    StepView,
    TimelineView,
)
from ordering_entrypoints.wire.reading import parse_json, structure_address, structure_draft, structure_reason
from ordering_entrypoints.wire.writing import to_json, unstructure


__all__ = [
    "ActionView",
    "AddressView",
    "AmountView",
    "CatalogueView",
    "ChangeView",
    "ChangesView",
    "CheckView",
    "CheckoutReviewView",
    "CheckoutSessionView",
    "DraftView",
    "EligibilityView",
    "FieldError",
    "MalformedJson",
    "OrderDetailView",
    "OrderEventView",
    "OrderLineView",
    "OrderPageView",
    "OrderSummaryView",
    "PaymentMethodView",
    "ProductView",
    "QuoteView",
    "StepView",
    "SubmittedView",
    "TimelineView",
    "VerdictView",
    "ViolationView",
    "WireError",
    "draft_view",
    "parse_json",
    "structure_address",
    "structure_draft",
    "structure_reason",
    "to_json",
    "unstructure",
]
