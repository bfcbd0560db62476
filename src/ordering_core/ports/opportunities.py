"""Opportunities in Salesforce, which follow the customer from first interest to cancellation."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from ordering_core.domain.identifiers import AccountId, OpportunityId
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.vocabulary import Stage


class OpportunityRepository(Protocol):
    """Reads and moves Opportunities."""

    @abstractmethod
    def read(self, opportunity: OpportunityId, /) -> Opportunity | None:
        """
        Return the Opportunity as it is now, or None.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def of_account(self, account: AccountId, /) -> tuple[Opportunity, ...]:
        """
        Return all of the account's Opportunities of our commodities.

        Raises:
            Unavailable: They cannot be read now.

        """
        ...

    @abstractmethod
    def move(self, opportunity: OpportunityId, stage: Stage, /) -> None:
        """
        Put the Opportunity into *stage*; moving twice is the same as once.

        Raises:
            Unavailable: Nothing was written.

            OutcomeUnknown: It may have been written; moving again is safe.

            Refused: Salesforce will not take it (code NOT_FOUND when there is none).

        """
        ...
