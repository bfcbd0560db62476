"""The checkout as its owner sees it: the session, what it still needs, and what became of the submit."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import attrs

from ordering_core.application.views import CheckoutReview, Submitted
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.eligibility import EligibilityStanding
from ordering_core.domain.payment import PaymentMethod
from ordering_entrypoints.wire.drafts import AddressView, DraftView, draft_view
from ordering_entrypoints.wire.offers import QuoteView, VerdictView


@attrs.frozen(kw_only=True)
class CheckoutSessionView:
    """
    A checkout session. *id* is a secret until somebody logs in: who knows it may change the session.

    *address* is the one typed for this order, if any. *order* is set once the session is submitted.
    """

    id: str
    draft: DraftView
    adopted: bool
    created_at: datetime
    expires_at: datetime
    address: AddressView | None = attrs.field(repr=False)
    address_confirmed: bool
    address_changed: bool
    submitted: bool
    order: str | None

    @classmethod
    def of(cls, session: CheckoutSession) -> Self:
        """Show *session* without its owner and its request key."""
        return cls(
            id=session.id,
            draft=draft_view(session.draft),
            adopted=session.owner is not None,
            created_at=session.created_at,
            expires_at=session.expires_at,
            address=AddressView.of(session.address) if session.address else None,
            address_confirmed=session.address_confirmed,
            address_changed=session.address_changed,
            submitted=session.submitted,
            order=session.order,
        )


@attrs.frozen(kw_only=True)
class PaymentMethodView:
    """The payment method that will be charged; *expires* is a month (``2031-12``), null for never."""

    description: str
    last_four: str = attrs.field(repr=False)
    expires: str | None

    @classmethod
    def of(cls, method: PaymentMethod) -> Self:
        """Show *method*."""
        return cls(
            description=method.description,
            last_four=method.last_four,
            expires=f"{method.expires:%Y-%m}" if method.expires else None,
        )


@attrs.frozen(kw_only=True)
class EligibilityView:
    """Whether the address can be served with Internet; *offering* is set when it can."""

    state: str
    offering: str | None

    @classmethod
    def of(cls, standing: EligibilityStanding) -> Self:
        """Show *standing* without the words that only staff understand."""
        return cls(state=standing.state, offering=standing.offering)


@attrs.frozen(kw_only=True)
class CheckoutReviewView:
    """
    Everything the checkout page shows.

    *ready* says that nothing is *outstanding* and no rule is violated: submitting will be accepted.
    *address* is the one typed for this order, else the one on file. *identity_message* is the reviewer's note
    when the card was rejected. *eligibility* is for Internet only.
    """

    session: CheckoutSessionView
    quote: QuoteView | None
    verdict: VerdictView
    address: AddressView | None = attrs.field(repr=False)
    outstanding: tuple[str, ...]
    ready: bool
    payment_method: PaymentMethodView | None
    identity: str
    identity_message: str | None = attrs.field(repr=False)
    eligibility: EligibilityView | None

    @classmethod
    def of(cls, review: CheckoutReview) -> Self:
        """Show *review*."""
        return cls(
            session=CheckoutSessionView.of(review.session),
            quote=QuoteView.of(review.quote) if review.quote else None,
            verdict=VerdictView.of(review.verdict),
            address=AddressView.of(review.address) if review.address else None,
            outstanding=tuple(review.outstanding),
            ready=review.verdict.passed and not review.outstanding,
            payment_method=PaymentMethodView.of(review.payment_method) if review.payment_method else None,
            identity=review.identity,
            identity_message=review.identity_message,
            eligibility=EligibilityView.of(review.eligibility) if review.eligibility else None,
        )


@attrs.frozen(kw_only=True)
class SubmittedView:
    """What became of a submit: *order* when *state* is ``placed``; ``placing`` means we are confirming it."""

    state: str
    order: str | None

    @classmethod
    def of(cls, submitted: Submitted) -> Self:
        """Show *submitted*."""
        return cls(state=submitted.state, order=submitted.order)
