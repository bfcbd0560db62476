"""What is known of a customer: the Salesforce Account with its eligibility and identity fields."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.customers import Account
from ordering_core.domain.identifiers import AccountId, CaseId, OpportunityId, RequestKey


class CustomerDirectory(Protocol):
    """The Accounts of Salesforce."""

    @abstractmethod
    def account(self, account: AccountId, /) -> Account | None:
        """
        Return the Account, or None.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def request_eligibility(
        self, account: AccountId, /, *, address: PostalAddress, key: RequestKey
    ) -> tuple[CaseId, OpportunityId]:
        """
        Ask the team whether *address* can be served.

        Opens a Case that carries the address, links an Opportunity, and sets the status to Pending.

        All or nothing (seed "Internet Eligibility Process"; DESIGN 3.14, 3.23). The Opportunity is an open
        Internet one of the account, or a new one of source "Portal - Internet Eligibility Request". Asking
        again under one *key* returns the first answer.

        Raises:
            Unavailable: Nothing was written.

            OutcomeUnknown: It may have been written; asking again under the same key is safe.

            Refused: Salesforce will not take it.

        """
        ...

    @abstractmethod
    def mark_identity_pending(self, account: AccountId, /) -> None:
        """
        Say that a card waits for review (Id_Verification_Status__c = Pending), the old rejection emptied.

        Never overwrites Verified. Doing it twice is the same as once.

        Raises:
            Unavailable: Nothing was written.

            OutcomeUnknown: It may have been written; doing it again is safe.

            Refused: Salesforce will not take it.

        """
        ...
