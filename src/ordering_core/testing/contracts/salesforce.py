"""The hands that the contracts over a Salesforce org need: what staff can see and do there without us."""

from __future__ import annotations

import abc

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.customers import Account, EligibilityFields, IdentityFields
from ordering_core.domain.identifiers import AccountId, CaseId, FileId, OpportunityId, OrderId, SimCardId
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import ActivationFields, AssignedSim
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.ports.cases import NewCase
from ordering_core.testing.contracts.outside import HOUSE, OutsideContract


class SalesforceContract(OutsideContract):
    """A port over an org that is empty but for its price book."""

    nobody = AccountId("001000000000999AAA")
    """The id of an Account that is not there."""

    @abc.abstractmethod
    def new_account(self, address: PostalAddress = HOUSE) -> AccountId:
        """Make an Account at *address*."""

    @abc.abstractmethod
    def account_in_org(self, account: AccountId) -> Account:
        """Return the Account as staff see it."""

    @abc.abstractmethod
    def set_identity(self, account: AccountId, fields: IdentityFields) -> None:
        """Set the Account's identity fields by hand."""

    @abc.abstractmethod
    def set_eligibility(self, account: AccountId, fields: EligibilityFields) -> None:
        """Set the Account's eligibility fields by hand."""

    @abc.abstractmethod
    def new_opportunity(
        self, account: AccountId, order_type: OrderType, stage: Stage, *, source: str = "Shop"
    ) -> OpportunityId:
        """Make an Opportunity by hand."""

    @abc.abstractmethod
    def opportunity_in_org(self, opportunity: OpportunityId) -> Opportunity:
        """Return the Opportunity as staff see it; *has_live_order* need not be right."""

    @abc.abstractmethod
    def order_on(self, opportunity: OpportunityId, *, status: str) -> OrderId:
        """Make an order on the Opportunity by hand."""

    @abc.abstractmethod
    def set_status(self, order: OrderId, status: str | None) -> None:
        """Set an order's Status by hand."""

    @abc.abstractmethod
    def set_activation(self, order: OrderId, fields: ActivationFields) -> None:
        """Set an order's four activation fields by hand."""

    @abc.abstractmethod
    def assign_card(self, order: OrderId) -> SimCardId:
        """Assign a card in stock to the order by hand."""

    @abc.abstractmethod
    def card_in_org(self, card: SimCardId) -> AssignedSim:
        """Return the card as the inventory shows it."""

    @abc.abstractmethod
    def cases_in_org(self, account: AccountId) -> dict[CaseId, NewCase]:
        """Return the Cases of the account; their keys need not be right."""

    @abc.abstractmethod
    def close_case(self, case: CaseId) -> None:
        """Close the Case by hand."""

    @abc.abstractmethod
    def files_in_org(self, account: AccountId) -> dict[FileId, bytes]:
        """Return the content of the files at the account."""
