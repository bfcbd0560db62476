"""
The checkout session, and what still keeps it from being submitted (seed "Checkout"; DESIGN 3.16, 4).

Requirements, not states. What the session stores (address confirmed) and what is asked of other systems
(payment method, card, eligibility) stay apart; asked facts are asked again at submit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import CustomerId, OrderId, RequestKey, SessionId, Sku
from ordering_core.errors import RequestError


class Requirement(StrEnum):
    """What the checkout page asks for, in its order."""

    ELIGIBILITY = "eligibility"
    ADDRESS = "address"
    PAYMENT_METHOD = "payment_method"
    IDENTITY = "identity"


@attrs.frozen(kw_only=True)
class CheckoutSession:
    """
    A cart on its way to an order.

    *owner* is None until a customer adopts it on login. *address* is the one confirmed or typed for this
    order (it belongs to the session until submit). *prices* are the net prices the customer was shown.
    *request_key* is made with the session, so that however often it is submitted, one order exists. *order*
    is set once that is placed.
    """

    id: SessionId
    draft: Draft
    owner: CustomerId | None = None
    request_key: RequestKey
    prices: Mapping[Sku, Decimal]
    created_at: datetime
    expires_at: datetime
    address: PostalAddress | None = attrs.field(default=None, repr=False)
    address_confirmed: bool = False
    address_changed: bool = False
    eligibility_requested_at: datetime | None = None
    submitted: bool = False
    order: OrderId | None = None
    version: int = 0


class CheckoutIncomplete(RequestError):
    """Something that submitting needs is still outstanding."""

    def __init__(self, outstanding: Sequence[Requirement]) -> None:
        """Keep the requirements that are not met, in the order the checkout page shows them."""
        super().__init__(tuple(outstanding))
        self.outstanding: tuple[Requirement, ...] = tuple(outstanding)

    def __str__(self) -> str:
        """Name the outstanding requirements."""
        return "still required: " + ", ".join(requirement.value for requirement in self.outstanding)
