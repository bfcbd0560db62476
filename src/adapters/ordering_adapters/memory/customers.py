"""Accounts in a Salesforce org in memory, with their eligibility and identity fields."""

from __future__ import annotations

from datetime import timedelta

import attrs

from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.salesforce import (
    COMMODITIES,
    CaseRecord,
    MemorySalesforce,
    OpportunityRecord,
)
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.calendar import business_date
from ordering_core.domain.customers import Account, EligibilityFields, IdentityFields
from ordering_core.domain.identifiers import AccountId, CaseId, OpportunityId, RequestKey
from ordering_core.domain.opportunity import ELIGIBILITY_SOURCE, Opportunity, UseExisting, link
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.ports.cases import CaseKind, NewCase
from ordering_core.ports.customers import CustomerDirectory


class MemoryCustomers(CustomerDirectory):
    """The Accounts of an org in memory."""

    def __init__(
        self, org: MemorySalesforce, faults: MemoryFaults, *, close_after: timedelta = timedelta(days=30)
    ) -> None:
        """Work on *org*; a new Opportunity is expected to close *close_after* the request (DESIGN 3.25)."""
        self._org = org
        self._faults = faults
        self._close_after = close_after
        self._requested: dict[RequestKey, tuple[CaseId, OpportunityId]] = {}

    def account(self, account: AccountId, /) -> Account | None:
        def read() -> Account | None:
            with self._org.lock:
                return self._org.accounts.get(account)

        return self._faults.call("customers.account", read)

    def request_eligibility(
        self, account: AccountId, /, *, address: PostalAddress, key: RequestKey
    ) -> tuple[CaseId, OpportunityId]:
        def work() -> tuple[CaseId, OpportunityId]:
            with self._org.lock:
                if key not in self._requested:
                    self._requested[key] = self._open_request(account, address, key)
                return self._requested[key]

        return self._faults.call("customers.request_eligibility", work)

    def mark_identity_pending(self, account: AccountId, /) -> None:
        def work() -> None:
            with self._org.lock:
                known = self._org.known_account(account)
                if known.identity.status != "Verified":
                    self._org.save_account(attrs.evolve(known, identity=IdentityFields(status="Pending")))

        self._faults.call("customers.mark_identity_pending", work)

    def _open_request(
        self, account: AccountId, address: PostalAddress, key: RequestKey
    ) -> tuple[CaseId, OpportunityId]:
        """Write Case, Opportunity and Account; the caller knows that the key is new."""
        known = self._org.known_account(account)
        case = CaseId(self._org.new_id("500"))
        opportunity = self._interest(known)
        self._org.cases[case] = CaseRecord(
            case=NewCase(
                key=key,
                kind=CaseKind.ELIGIBILITY,
                account=account,
                subject="Internet eligibility check",
                description=written(address),
                opportunity=opportunity,
            )
        )
        self._org.save_account(attrs.evolve(known, eligibility=EligibilityFields(status="Pending")))
        return case, opportunity

    def _interest(self, account: Account) -> OpportunityId:
        """Return the open Internet Opportunity of the account, a new one if there is none."""
        wanted = link(OrderType.INTERNET, self._org.opportunities_of(account.id))
        if isinstance(wanted, UseExisting):
            return wanted.opportunity
        now = self._org.now()
        opened = Opportunity(
            id=OpportunityId(self._org.new_id("006")),
            account=account.id,
            order_type=OrderType.INTERNET,
            stage=Stage.INTRODUCTION,
            created_at=now,
            source=ELIGIBILITY_SOURCE,
        )
        self._org.save_opportunity(
            OpportunityRecord(
                opportunity=opened,
                name=f"{COMMODITIES[OrderType.INTERNET]} - {account.number or account.name}",
                close_date=business_date(now) + self._close_after,
            )
        )
        return opened.id


def written(address: PostalAddress) -> str:
    """Return *address* as a letter would carry it."""
    parts = (address.prefecture, address.city, address.town_and_number, address.building, address.room)
    return " ".join((str(address.postal_code), *filter(None, parts)))
