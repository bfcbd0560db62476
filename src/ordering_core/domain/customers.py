"""
What Salesforce knows of a customer: address, eligibility, identity, and the ids under which others know them.

Texts that agents type into Salesforce are kept as they are; `eligibility` and `identity` interpret them.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.identifiers import AccountId, ClientId, CustomerId, Version
from ordering_core.domain.representation import shown


@attrs.frozen(kw_only=True)
class Identity:
    """The mapping portal user - Salesforce Account - WHMCS client (seed "Customer Onboarding Flow")."""

    customer: CustomerId
    account: AccountId
    client: ClientId
    customer_number: str = ""

    __repr__ = shown


@attrs.frozen(kw_only=True)
class EligibilityFields:
    """The Account's Internet eligibility as Salesforce holds it; None is an empty field (DESIGN 3.14)."""

    status: str | None = None
    result: str | None = None
    checked_at: datetime | None = None

    __repr__ = shown


@attrs.frozen(kw_only=True)
class IdentityFields:
    """The Account's identity verification as Salesforce holds it; None is an empty field (DESIGN 3.13)."""

    status: str | None = None
    method: str | None = None
    verified_at: datetime | None = None
    rejection_message: str | None = None

    __repr__ = shown


@attrs.frozen(kw_only=True)
class Account:
    """A Salesforce Account as far as ordering is concerned."""

    id: AccountId
    number: str
    name: str = attrs.field(repr=False)
    address: PostalAddress | None = attrs.field(default=None, repr=False)
    eligibility: EligibilityFields = attrs.field(factory=EligibilityFields)
    identity: IdentityFields = attrs.field(factory=IdentityFields)
    email: str | None = attrs.field(default=None, repr=False)
    version: Version = Version("")

    __repr__ = shown
