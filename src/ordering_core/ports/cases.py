"""
Cases in Salesforce by which we tell the team something (seed "Notifies the support team").

A customer never sees them.
"""

from __future__ import annotations

from abc import abstractmethod
from enum import StrEnum
from typing import Protocol

import attrs

from ordering_core.domain.identifiers import AccountId, CaseId, OpportunityId, OrderId, RequestKey
from ordering_core.domain.representation import shown


class CaseKind(StrEnum):
    """What the team is asked to do."""

    NEW_ORDER = "new order"
    SHIP_ROUTER = "ship router"
    ELIGIBILITY = "eligibility"
    CANCELLATION = "cancellation"


@attrs.frozen(kw_only=True)
class NewCase:
    """A Case to open, of Origin Portal Notification; *description* is for staff."""

    key: RequestKey
    kind: CaseKind
    account: AccountId
    subject: str
    description: str = attrs.field(default="", repr=False)
    order: OrderId | None = None
    opportunity: OpportunityId | None = None

    __repr__ = shown


class CaseDesk(Protocol):
    """The team's list of Cases."""

    @abstractmethod
    def open(self, case: NewCase, /) -> CaseId:
        """
        Open the Case; opening again under one key returns the one that is there.

        Raises:
            Unavailable: Nothing was written.

            OutcomeUnknown: It may have been written; opening again under the same key is safe.

            Refused: Salesforce will not take it.

        """
        ...

    @abstractmethod
    def is_closed(self, case: CaseId, /) -> bool:
        """
        Whether the team closed the Case; for shipping, closed means sent (DESIGN 3.26).

        Raises:
            Unavailable: It cannot be read now.

            Refused: There is no such Case (code NOT_FOUND).

        """
        ...
