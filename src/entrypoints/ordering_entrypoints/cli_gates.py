"""
What the rules say of a draft at any gate and instant.

A file holds a draft and nothing about its customer. From submit on rules ask for that too, so the draft is
then taken to be that of a customer in good standing: known everywhere, complete address, building served,
identity verified. What remains is what the draft itself would stumble over.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from ordering_core.application.ordering import Ordering
from ordering_core.application.views import DraftCheck
from ordering_core.domain.address import PostalAddress, PostalCode
from ordering_core.domain.customers import Account
from ordering_core.domain.drafts import Draft
from ordering_core.domain.eligibility import NOT_REQUESTED, EligibilityStanding, EligibilityState
from ordering_core.domain.identifiers import AccountId, ClientId
from ordering_core.domain.identity import IdentityMethod, IdentityStanding
from ordering_core.domain.rules import RuleFacts, verdict
from ordering_core.domain.violations import Gate
from ordering_core.ports.clock import Clock


GOOD_STANDING: Final = (
    "The customer is taken to be in good standing: known, address complete, building served, verified."
)

_ADDRESS: Final = PostalAddress(
    postal_code=PostalCode("1060032"),
    prefecture="東京都",
    city="港区",
    town_and_number="六本木1-1-1",
    building="見本ビル",
    room="101",
)
_ACCOUNT: Final = Account(id=AccountId("001"), number="", name="", address=_ADDRESS)


@attrs.frozen
class StoppedClock(Clock):
    """A clock that always shows *at*."""

    at: datetime

    def now(self) -> datetime:
        """Return the instant."""
        return self.at


def check_at(gate: Gate, draft: Draft, ordering: Ordering) -> DraftCheck:
    """Return what the rules of *gate* say of *draft* now, and what it costs."""
    checked = ordering.check(draft)
    if gate is Gate.CONFIGURE:
        return checked
    at = ordering.clock.now()
    facts = RuleFacts(
        draft=checked.draft,
        products=ordering.catalogue.products(frozenset(checked.draft.skus)),
        gate=gate,
        at=at,
        policy=ordering.policy,
        account=_ACCOUNT,
        client=ClientId(1),
        address=_ADDRESS,
        identity=IdentityStanding.VERIFIED,
        identity_method=IdentityMethod.FACE_TO_FACE,
        session_expires_at=at + ordering.policy.checkout_ttl,
    )
    served = attrs.evolve(facts, eligibility=_served(facts))
    return attrs.evolve(checked, verdict=verdict(served))


def _served(facts: RuleFacts) -> EligibilityStanding:
    """Return a building that has what the plan is for."""
    offerings = sorted(facts.plan.offerings) if facts.plan else []
    if not offerings:
        return NOT_REQUESTED
    return EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=offerings[0])
