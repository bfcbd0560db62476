"""Accounts in Salesforce, with their eligibility and identity fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ordering_adapters.salesforce.account_rows import account_in, account_query, label_of
from ordering_adapters.salesforce.addresses import written
from ordering_adapters.salesforce.case_rows import case_body, opportunity_in
from ordering_adapters.salesforce.composite import Call, found_id, insert, new_id, query, update
from ordering_adapters.salesforce.errors import NOTHING_FOUND, Failure, refused
from ordering_adapters.salesforce.fields import Field, Value
from ordering_adapters.salesforce.keys import Turns
from ordering_adapters.salesforce.opportunity_rows import (
    closing_day,
    new_opportunity,
    opportunities_of,
    opportunity_of,
)
from ordering_adapters.salesforce.org import SalesforceOrg
from ordering_adapters.salesforce.rows import Record
from ordering_adapters.salesforce.soql import is_id, quoted
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.calendar import business_date
from ordering_core.domain.customers import Account
from ordering_core.domain.identifiers import AccountId, CaseId, OpportunityId, RequestKey
from ordering_core.domain.opportunity import ELIGIBILITY_SOURCE, OpenNew, Opportunity, UseExisting, link
from ordering_core.domain.vocabulary import OrderType, Stage, System
from ordering_core.errors import OutcomeUnknown
from ordering_core.ports.cases import CaseKind, NewCase
from ordering_core.ports.customers import CustomerDirectory


_PENDING: Final = "Pending"
_VERIFIED: Final = "Verified"
_ACCOUNT: Final = "account"
_OPPORTUNITIES: Final = "opportunities"
_OPPORTUNITY: Final = "opportunity"
_CASES: Final = "cases"
_CASE: Final = "case"
_UNVERIFIED: Final = "unverified"


class SalesforceCustomers(CustomerDirectory):
    """The Accounts of an org."""

    def __init__(self, org: SalesforceOrg) -> None:
        """Work on *org*."""
        self._org = org
        self._turns = Turns()

    def account(self, account: AccountId, /) -> Account | None:
        found = self._org.rows(account_query(account, self._org.names)) if is_id(account) else ()
        return account_in(found[0]) if found else None

    def request_eligibility(
        self, account: AccountId, /, *, address: PostalAddress, key: RequestKey
    ) -> tuple[CaseId, OpportunityId]:
        if not is_id(account):
            raise refused("NOT_FOUND", "there is no such Account")
        with self._turns.of(key):
            found = self._looked_up(account, key)
            if asked := _asked(found):
                return asked
            if not found[_ACCOUNT]:
                raise refused("NOT_FOUND", "there is no such Account")
            interest = link(OrderType.INTERNET, _opportunities(found))
            known = account_in(found[_ACCOUNT][0])
            answers = self._org.change(self._asking(known, address, key, interest))
            if not isinstance(answers, Failure):
                opened = answers.made(_OPPORTUNITY)
                if isinstance(interest, UseExisting):
                    opened = interest.opportunity
                return CaseId(answers.made(_CASE)), OpportunityId(opened)
            if answers.duplicate_of != self._org.names[Field.CASE_KEY]:
                raise answers.error()
            asked = _asked(self._looked_up(account, key))
            if asked is None:
                raise OutcomeUnknown(System.SALESFORCE, "its key is being used at this moment")
            return asked

    def mark_identity_pending(self, account: AccountId, /) -> None:
        if not is_id(account):
            raise refused("NOT_FOUND", "there is no such Account")
        names = self._org.names
        status = names[Field.IDENTITY_STATUS]
        verified = names.written(Field.IDENTITY_STATUS, _VERIFIED)
        values: dict[Field, Value] = {
            Field.IDENTITY_STATUS: _PENDING,
            Field.IDENTITY_METHOD: None,
            Field.IDENTITY_VERIFIED_AT: None,
            Field.IDENTITY_REJECTION: None,
        }
        unverified = f"SELECT Id FROM Account WHERE Id = {quoted(account)} AND {status} != {quoted(verified)}"
        answers = self._org.change(
            [
                query(_UNVERIFIED, unverified),
                update(_ACCOUNT, "Account", found_id(_UNVERIFIED), names.body(values)),
            ]
        )
        if not isinstance(answers, Failure):
            return
        if answers.code != NOTHING_FOUND:
            raise answers.error()
        if self.account(account) is None:
            raise refused("NOT_FOUND", "there is no such Account")

    def _looked_up(self, account: AccountId, key: RequestKey) -> Mapping[str, tuple[Record, ...]]:
        """Read in one call what asking needs, and whether it was asked already."""
        names = self._org.names
        case_key = names[Field.CASE_KEY]
        fields = names.selected(Field.CASE_DESCRIPTION)
        return self._org.look(
            [
                query(_ACCOUNT, account_query(account, names)),
                query(_OPPORTUNITIES, opportunities_of(account, names)),
                query(_CASES, f"SELECT {fields} FROM Case WHERE {case_key} = {quoted(key)} ORDER BY Id"),
            ]
        )

    def _asking(
        self, account: Account, address: PostalAddress, key: RequestKey, interest: UseExisting | OpenNew
    ) -> Sequence[Call]:
        """Return the calls that open the Case on its Opportunity and mark the Account."""
        names = self._org.names
        opening: list[Call] = []
        if isinstance(interest, UseExisting):
            opportunity = interest.opportunity
        else:
            opportunity = OpportunityId(new_id(_OPPORTUNITY))
            opened = new_opportunity(
                OpenNew(OrderType.INTERNET, ELIGIBILITY_SOURCE),
                account=account.id,
                label=label_of(account),
                stage=Stage.INTRODUCTION,
                closes_on=closing_day(business_date(self._org.clock.now()), self._org.settings.closes_after),
            )
            opening = [insert(_OPPORTUNITY, "Opportunity", names.body(opened))]
        case = NewCase(
            key=key,
            kind=CaseKind.ELIGIBILITY,
            account=account.id,
            subject="Internet eligibility check",
            description=written(address),
            opportunity=opportunity,
        )
        waiting: dict[Field, Value] = {
            Field.ELIGIBILITY_STATUS: _PENDING,
            Field.ELIGIBILITY_RESULT: None,
            Field.ELIGIBILITY_CHECKED_AT: None,
        }
        return [
            *opening,
            insert(_CASE, "Case", case_body(case, names)),
            *([update(_ACCOUNT, "Account", account.id, marked)] if (marked := names.body(waiting)) else []),
        ]


def _opportunities(found: Mapping[str, tuple[Record, ...]]) -> tuple[Opportunity, ...]:
    known = (opportunity_of(record) for record in found[_OPPORTUNITIES])
    return tuple(opportunity for opportunity in known if opportunity)


def _asked(found: Mapping[str, tuple[Record, ...]]) -> tuple[CaseId, OpportunityId] | None:
    """Return the Case and the Opportunity of an earlier request under the key."""
    for case in found[_CASES]:
        named = opportunity_in(case)
        if named is not None:
            return CaseId(case.id), named
        # Somebody rewrote the description: the Opportunity that would be chosen now is the one it was about.
        chosen = link(OrderType.INTERNET, _opportunities(found))
        if isinstance(chosen, UseExisting):
            return CaseId(case.id), chosen.opportunity
    return None
