"""The contract of a case desk."""

from __future__ import annotations

import abc

import attrs
import pytest

from ordering_core.domain.identifiers import AccountId, CaseId, RequestKey
from ordering_core.domain.vocabulary import OrderStatusText, OrderType, Stage
from ordering_core.errors import Refused
from ordering_core.ports.cases import CaseDesk, CaseKind, NewCase
from ordering_core.testing.contracts.outside import both
from ordering_core.testing.contracts.salesforce import SalesforceContract


UNKNOWN = CaseId("500000000000999AAA")


def shipping(account: AccountId, key: str = "ship-1") -> NewCase:
    """Return a Case to send a router."""
    return NewCase(
        key=RequestKey(key),
        kind=CaseKind.SHIP_ROUTER,
        account=account,
        subject="Ship a VPN router",
        description="to the address on the order",
    )


class CaseDeskContract(SalesforceContract):
    """What a `CaseDesk` keeps to."""

    @pytest.fixture
    @abc.abstractmethod
    def cases(self) -> CaseDesk:
        """Return the desk under test, over an org without Accounts."""

    @pytest.mark.parametrize("kind", list(CaseKind))
    def test_a_case_is_opened_with_all_it_says(self, cases: CaseDesk, kind: CaseKind) -> None:
        account = self.new_account()
        opportunity = self.new_opportunity(account, OrderType.VPN, Stage.READY)
        order = self.order_on(opportunity, status=OrderStatusText.DRAFT)
        wanted = attrs.evolve(shipping(account), kind=kind, order=order, opportunity=opportunity)
        case = cases.open(wanted)
        seen = self.cases_in_org(account)[case]
        assert attrs.evolve(seen, key=wanted.key) == wanted

    def test_opening_again_under_one_key_opens_one(self, cases: CaseDesk) -> None:
        account = self.new_account()
        case = cases.open(shipping(account))
        assert cases.open(shipping(account)) == case
        assert list(self.cases_in_org(account)) == [case]

    def test_opening_again_gives_the_one_that_was_closed(self, cases: CaseDesk) -> None:
        account = self.new_account()
        case = cases.open(shipping(account))
        self.close_case(case)
        assert cases.open(shipping(account)) == case
        assert cases.is_closed(case)

    def test_two_keys_open_two(self, cases: CaseDesk) -> None:
        account = self.new_account()
        opened = {cases.open(shipping(account, "ship-1")), cases.open(shipping(account, "ship-2"))}
        assert set(self.cases_in_org(account)) == opened
        assert len(opened) == 2

    def test_a_case_is_open_until_the_team_closes_it(self, cases: CaseDesk) -> None:
        case = cases.open(shipping(self.new_account()))
        assert not cases.is_closed(case)
        self.close_case(case)
        assert cases.is_closed(case)

    def test_a_case_for_an_unknown_account_is_refused(self, cases: CaseDesk) -> None:
        with pytest.raises(Refused):
            cases.open(shipping(self.nobody))

    def test_an_unknown_case_is_refused(self, cases: CaseDesk) -> None:
        with pytest.raises(Refused) as refusal:
            cases.is_closed(UNKNOWN)
        assert refusal.value.code == "NOT_FOUND"

    def test_a_desk_that_is_down_opens_nothing(self, cases: CaseDesk) -> None:
        account = self.new_account()
        self.down("open", lambda: cases.open(shipping(account)))
        assert self.cases_in_org(account) == {}
        case = cases.open(shipping(account))
        self.down("is_closed", lambda: cases.is_closed(case))

    def test_a_lost_reply_is_found_by_opening_again(self, cases: CaseDesk) -> None:
        account = self.new_account()
        self.reply_lost("open", lambda: cases.open(shipping(account)))
        assert list(self.cases_in_org(account)) == [cases.open(shipping(account))]

    def test_a_slow_case_is_opened_once(self, cases: CaseDesk) -> None:
        account = self.new_account()
        self.slow("open", lambda: cases.open(shipping(account)))
        self.let_late_work_arrive()
        assert list(self.cases_in_org(account)) == [cases.open(shipping(account))]

    def test_two_threads_under_one_key_open_one(self, cases: CaseDesk) -> None:
        account = self.new_account()
        first, second = both(lambda: cases.open(shipping(account)), lambda: cases.open(shipping(account)))
        assert first == second
        assert list(self.cases_in_org(account)) == [first]
