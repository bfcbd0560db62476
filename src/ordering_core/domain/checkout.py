"""
The checkout session, and what still keeps it from being submitted (seed "Checkout"; DESIGN 3.16, 4).

Requirements, not states. What the session stores (address confirmed) and what is asked of other systems
(payment method, card, eligibility) stay apart; asked facts are asked again at submit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.drafts import Draft
from ordering_core.domain.eligibility import EligibilityStanding, EligibilityState
from ordering_core.domain.identifiers import CustomerId, OrderId, RequestKey, SessionId, Sku
from ordering_core.domain.identity import IdentityStanding
from ordering_core.domain.payment import PaymentMethod
from ordering_core.domain.policy import Policy
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import OrderType
from ordering_core.errors import CheckoutClosed, CheckoutExpired, NotFound, RequestError


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
    is the one that was placed: it is kept with the submit, and set by who reads the session after it.
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

    __repr__ = shown


class CheckoutIncomplete(RequestError):
    """Something that submitting needs is still outstanding."""

    def __init__(self, outstanding: Sequence[Requirement]) -> None:
        """Keep the requirements that are not met, in the order the checkout page shows them."""
        super().__init__(tuple(outstanding))
        self.outstanding: tuple[Requirement, ...] = tuple(outstanding)

    def __str__(self) -> str:
        """Name the outstanding requirements."""
        return "still required: " + ", ".join(requirement.value for requirement in self.outstanding)


@attrs.frozen(kw_only=True)
class AskedFacts:
    """
    What other systems say of the customer at this moment; never stored, asked again at submit.

    *payment_method* is the one that counts, None without one. *eligibility* is about the session's address.
    """

    payment_method: PaymentMethod | None
    identity: IdentityStanding
    eligibility: EligibilityStanding

    __repr__ = shown


UNTIL_ANSWERED: Final = datetime.max.replace(tzinfo=UTC)
"""When a session expires that waits for an eligibility result: not before there is one (DESIGN 3.16)."""

_CARD_SUBMITTED: Final = frozenset({IdentityStanding.PENDING, IdentityStanding.VERIFIED})


def outstanding(session: CheckoutSession, asked: AskedFacts) -> tuple[Requirement, ...]:
    """
    Return what still keeps *session* from being submitted, in the checkout page's order.

    A card counts when it is verified or waits for review, not when it was rejected (seed "Identity
    Verification"). Eligibility is a condition for Internet only (DESIGN 3.14).
    """
    is_internet = session.draft.order_type is OrderType.INTERNET
    met = {
        Requirement.ELIGIBILITY: not is_internet or asked.eligibility.state is EligibilityState.ELIGIBLE,
        Requirement.ADDRESS: session.address_confirmed,
        Requirement.PAYMENT_METHOD: asked.payment_method is not None,
        Requirement.IDENTITY: asked.identity in _CARD_SUBMITTED,
    }
    return tuple(requirement for requirement in Requirement if not met[requirement])


def is_expired(session: CheckoutSession, at: datetime) -> bool:
    """Whether the session's time is over; it is at *expires_at*. One that was submitted never expires."""
    return not session.submitted and at >= session.expires_at


def require_open(session: CheckoutSession, at: datetime) -> None:
    """
    Let a session pass that may still be changed.

    Raises:
        CheckoutClosed: It was submitted; the error carries its order.

        CheckoutExpired: Its time is over.

    """
    if session.submitted:
        raise CheckoutClosed(session.order)
    if is_expired(session, at):
        raise CheckoutExpired


def begin(
    *,
    session: SessionId,
    request_key: RequestKey,
    draft: Draft,
    prices: Mapping[Sku, Decimal],
    owner: CustomerId | None,
    at: datetime,
    policy: Policy,
) -> CheckoutSession:
    """Return a new session around *draft*; *owner* is None as long as nobody has logged in."""
    return CheckoutSession(
        id=session,
        request_key=request_key,
        draft=draft,
        prices=prices,
        owner=owner,
        created_at=at,
        expires_at=at + policy.checkout_ttl,
    )


def changed(
    session: CheckoutSession, draft: Draft, prices: Mapping[Sku, Decimal], *, at: datetime, policy: Policy
) -> CheckoutSession:
    """
    Return the session with another configuration, at the *prices* now shown.

    The address and its confirmation are the customer's, not the configuration's: they stay. Raises as
    `require_open`.
    """
    require_open(session, at)
    return attrs.evolve(_renewed(session, at, policy), draft=draft, prices=prices)


def moved(
    session: CheckoutSession,
    address: PostalAddress,
    *,
    on_file: PostalAddress | None,
    at: datetime,
    policy: Policy,
) -> CheckoutSession:
    """
    Return the session with another *address*, to be confirmed anew; *on_file* is the Account's.

    An eligibility request was about the address before: the session no longer waits for it (DESIGN 3.23). The
    same address again changes nothing but the time. Raises as `require_open`.
    """
    require_open(session, at)
    if address == session.address:
        return _renewed(session, at, policy)
    return attrs.evolve(
        _renewed(_no_longer_waiting(session, at), at, policy),
        address=address,
        address_changed=address != on_file,
        address_confirmed=False,
        eligibility_requested_at=None,
    )


def confirmed(
    session: CheckoutSession, address: PostalAddress, *, at: datetime, policy: Policy
) -> CheckoutSession:
    """Return the session with *address*, the one it showed, confirmed. Raises as `require_open`."""
    require_open(session, at)
    ends = _ends(session, at, policy)
    return attrs.evolve(session, expires_at=ends, address=address, address_confirmed=True)


def waiting(session: CheckoutSession, *, at: datetime) -> CheckoutSession:
    """Return the session that asked for an eligibility check at *at*. Raises as `require_open`."""
    require_open(session, at)
    return attrs.evolve(session, eligibility_requested_at=at, expires_at=UNTIL_ANSWERED)


def answered(session: CheckoutSession, *, result_at: datetime, policy: Policy) -> CheckoutSession:
    """
    Return the session, waiting no longer, once the eligibility result of *result_at* is known (DESIGN 3.16).

    Agents type the time of the result: one before the request is taken as the request's.
    """
    if session.expires_at != UNTIL_ANSWERED or session.eligibility_requested_at is None:
        return session
    known_at = max(result_at, session.eligibility_requested_at)
    return attrs.evolve(session, expires_at=known_at + policy.checkout_ttl_after_eligibility)


def adopted(
    session: CheckoutSession, *, new_id: SessionId, customer: CustomerId, at: datetime, policy: Policy
) -> CheckoutSession:
    """
    Return the session as *customer*'s own, under a new id: whoever knew the old one knows nothing now.

    Raises:
        NotFound: It belongs to another customer.

        CheckoutClosed: It was submitted.

        CheckoutExpired: Its time is over.

    """
    if session.owner not in {None, customer}:
        raise NotFound("checkout session")
    require_open(session, at)
    return attrs.evolve(_renewed(session, at, policy), id=new_id, owner=customer)


def _renewed(session: CheckoutSession, at: datetime, policy: Policy) -> CheckoutSession:
    """Let the session live on from *at*."""
    return attrs.evolve(session, expires_at=_ends(session, at, policy))


def _ends(session: CheckoutSession, at: datetime, policy: Policy) -> datetime:
    """Return when a session ends that is changed *at*; a change never shortens its life."""
    return max(session.expires_at, at + policy.checkout_ttl)


def _no_longer_waiting(session: CheckoutSession, at: datetime) -> CheckoutSession:
    """End the wait for a result that would not count any more."""
    return attrs.evolve(session, expires_at=at) if session.expires_at == UNTIL_ANSWERED else session
