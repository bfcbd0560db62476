"""Opportunities in Salesforce."""

from __future__ import annotations

from ordering_adapters.salesforce.composite import update
from ordering_adapters.salesforce.errors import Failure, refused
from ordering_adapters.salesforce.fields import Field
from ordering_adapters.salesforce.opportunity_rows import (
    opportunities_of,
    opportunity_of,
    select_opportunities,
)
from ordering_adapters.salesforce.org import SalesforceOrg
from ordering_adapters.salesforce.soql import is_id, quoted
from ordering_core.domain.identifiers import AccountId, OpportunityId
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.vocabulary import Stage
from ordering_core.ports.opportunities import OpportunityRepository


class SalesforceOpportunities(OpportunityRepository):
    """The Opportunities of an org."""

    def __init__(self, org: SalesforceOrg) -> None:
        """Work on *org*."""
        self._org = org

    def read(self, opportunity: OpportunityId, /) -> Opportunity | None:
        if not is_id(opportunity):
            return None
        found = self._asked(f"{select_opportunities(self._org.names)} AND Id = {quoted(opportunity)}")
        return found[0] if found else None

    def of_account(self, account: AccountId, /) -> tuple[Opportunity, ...]:
        return self._asked(opportunities_of(account, self._org.names)) if is_id(account) else ()

    def move(self, opportunity: OpportunityId, stage: Stage, /) -> None:
        if not is_id(opportunity):
            raise refused("NOT_FOUND", "there is no such Opportunity")
        body = self._org.names.body({Field.OPPORTUNITY_STAGE: stage.value})
        answers = self._org.change([update("opportunity", "Opportunity", opportunity, body)])
        if isinstance(answers, Failure):
            raise answers.error()

    def _asked(self, soql: str) -> tuple[Opportunity, ...]:
        found = (opportunity_of(record) for record in self._org.rows(soql))
        return tuple(opportunity for opportunity in found if opportunity)
