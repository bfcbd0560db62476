"""Opportunities in a Salesforce org in memory."""

from __future__ import annotations

import attrs

from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.salesforce import MemorySalesforce
from ordering_core.domain.identifiers import AccountId, OpportunityId
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.vocabulary import Stage, System
from ordering_core.errors import Refused
from ordering_core.ports.opportunities import OpportunityRepository


class MemoryOpportunities(OpportunityRepository):
    """The Opportunities of an org in memory."""

    def __init__(self, org: MemorySalesforce, faults: MemoryFaults) -> None:
        """Work on *org*."""
        self._org = org
        self._faults = faults

    def read(self, opportunity: OpportunityId, /) -> Opportunity | None:
        def read() -> Opportunity | None:
            with self._org.lock:
                return self._org.opportunity(opportunity)

        return self._faults.call("opportunities.read", read)

    def of_account(self, account: AccountId, /) -> tuple[Opportunity, ...]:
        def read() -> tuple[Opportunity, ...]:
            with self._org.lock:
                return self._org.opportunities_of(account)

        return self._faults.call("opportunities.of_account", read)

    def move(self, opportunity: OpportunityId, stage: Stage, /) -> None:
        def work() -> None:
            with self._org.lock:
                record = self._org.opportunities.get(opportunity)
                if record is None:
                    raise Refused(System.SALESFORCE, "NOT_FOUND", "there is no such Opportunity")
                moved = attrs.evolve(record.opportunity, stage=stage)
                self._org.save_opportunity(attrs.evolve(record, opportunity=moved))

        self._faults.call("opportunities.move", work)
