"""
Whether a building can be served with Internet, and with what (DESIGN 3.14, 3.23).

An answer counts for the address it was asked for. What agents type is read against a list of known texts; a
text that is not on it never makes anybody eligible.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.customers import EligibilityFields
from ordering_core.domain.fingerprint import fingerprint
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import Offering


class EligibilityState(StrEnum):
    """How far the eligibility check of an address is."""

    NOT_REQUESTED = "not_requested"
    PENDING = "pending"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"


@attrs.frozen(kw_only=True)
class EligibilityStanding:
    """
    What is known of an address: *offering* is set exactly when it is eligible.

    *unrecognised* is a text of Salesforce that we do not know: it counts as ineligible and is a finding.
    """

    state: EligibilityState
    offering: Offering | None = None
    unrecognised: str | None = None

    __repr__ = shown


NOT_REQUESTED: Final = EligibilityStanding(state=EligibilityState.NOT_REQUESTED)
_PENDING: Final = EligibilityStanding(state=EligibilityState.PENDING)
_INELIGIBLE: Final = EligibilityStanding(state=EligibilityState.INELIGIBLE)

SEED_OFFERINGS: Final[Mapping[str, Offering]] = MappingProxyType(
    {offering.value: offering for offering in Offering}
)
"""The seed's own result texts ("Apartment 1G", "Home 1G"); a reseller with other texts sets another map."""

_NO_RESULT: Final = frozenset({"", "Not Eligible"})


def eligibility_standing(
    fields: EligibilityFields, *, offerings: Mapping[str, Offering] = SEED_OFFERINGS
) -> EligibilityStanding:
    """
    Return what the Account's fields say, for the address they were asked for; total over every text.

    *offerings* maps the texts of Internet_Eligibility__c to offerings.
    """
    status = (fields.status or "").strip()
    match status:
        case "":
            return NOT_REQUESTED
        case "Pending":
            return _PENDING
        case "Not Eligible":
            return _INELIGIBLE
        case "Checked":
            result = (fields.result or "").strip()
            if result in offerings:
                return EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=offerings[result])
            return _INELIGIBLE if result in _NO_RESULT else _unrecognised(result)
        case _:
            return _unrecognised(status)


def _unrecognised(text: str) -> EligibilityStanding:
    """Return ineligible, with the text that nobody told us about."""
    return EligibilityStanding(state=EligibilityState.INELIGIBLE, unrecognised=text)


def standing_for_address(
    fields: EligibilityFields,
    *,
    address: PostalAddress | None,
    account_address: PostalAddress | None,
    asked_for: str | None = None,
    offerings: Mapping[str, Offering] = SEED_OFFERINGS,
) -> EligibilityStanding:
    """
    Return what the Account's fields say about *address*; not requested when they are about another.

    *address* is the session's, None for the one on the Account. *asked_for* is the fingerprint of the address
    that our last request asked about; without one the answer is about the Account's address (DESIGN 3.23).
    """
    wanted = address or account_address
    if asked_for is None:
        counts = wanted == account_address
    else:
        counts = wanted is not None and address_fingerprint(wanted) == asked_for
    return eligibility_standing(fields, offerings=offerings) if counts else NOT_REQUESTED


def address_fingerprint(address: PostalAddress) -> str:
    """Return what tells this address from another without containing it, for the journal (DESIGN 3.23)."""
    parts = (
        address.postal_code.value,
        address.prefecture,
        address.city,
        address.town_and_number,
        address.building,
        address.room,
    )
    return fingerprint(parts)
