"""
The one list of what can need somebody, and who that is (DESIGN 4, Hold codes and owners).

The desk shows it, `docs/runbooks.md` is printed from it, and provisioning takes owners and messages from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ordering_core.domain.fallout import HoldCode, Owner, Runbook
from ordering_core.domain.finding_runbooks import FINDING_RUNBOOKS
from ordering_core.domain.hold_runbooks import HOLD_RUNBOOKS
from ordering_core.domain.identity import IdentityStanding
from ordering_core.domain.journal import Evidence


RUNBOOKS: Final[Mapping[str, Runbook]] = MappingProxyType(
    {code.value: book for code, book in (*HOLD_RUNBOOKS.items(), *FINDING_RUNBOOKS.items())}
)
"""Every hold and every finding, by the text of its code."""

_CUSTOMER_ACTS: Final = frozenset({IdentityStanding.NOT_SUBMITTED.value, IdentityStanding.REJECTED.value})


def owner_of(code: HoldCode, facts: Evidence) -> Owner:
    """Return who has to act; a card that waits for review is the agent's, not the customer's (DESIGN 4)."""
    if code is HoldCode.IDENTITY_NOT_VERIFIED and facts.get("identity") not in _CUSTOMER_ACTS:
        return Owner.AGENT
    return HOLD_RUNBOOKS[code].owner
