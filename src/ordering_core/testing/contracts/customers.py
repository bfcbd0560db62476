"""The contract of a customer directory."""

from __future__ import annotations

import abc

from datetime import UTC, datetime

import pytest

from ordering_core.domain.customers import EligibilityFields, IdentityFields
from ordering_core.domain.identifiers import RequestKey
from ordering_core.domain.vocabulary import OrderStatusText, OrderType, Stage
from ordering_core.errors import Refused
from ordering_core.ports.cases import CaseKind
from ordering_core.ports.customers import CustomerDirectory
from ordering_core.testing.contracts.outside import FLAT, HOUSE, both
from ordering_core.testing.contracts.salesforce import SalesforceContract


KEY = RequestKey("request-1")
OTHER_KEY = RequestKey("request-2")
VERIFIED = IdentityFields(
    status="Verified", method="ic_chip", verified_at=datetime(2026, 5, 1, 3, 4, 5, tzinfo=UTC)
)
CHECKED = EligibilityFields(
    status="Checked", result="Apartment 1G", checked_at=datetime(2026, 5, 2, 3, 4, 5, tzinfo=UTC)
)


class CustomerDirectoryContract(SalesforceContract):
    """What a `CustomerDirectory` keeps to."""

    @pytest.fixture
    @abc.abstractmethod
    def customers(self) -> CustomerDirectory:
        """Return the directory under test, over an org without Accounts."""

    def test_an_unknown_account_is_none(self, customers: CustomerDirectory) -> None:
        assert customers.account(self.nobody) is None

    def test_an_account_is_read_with_its_address(self, customers: CustomerDirectory) -> None:
        house, flat = self.new_account(HOUSE), self.new_account(FLAT)
        read = [customers.account(account) for account in (house, flat)]
        assert [known and known.id for known in read] == [house, flat]
        assert [known and known.address for known in read] == [HOUSE, FLAT]

    def test_fields_that_nobody_filled_are_none(self, customers: CustomerDirectory) -> None:
        read = customers.account(self.new_account())
        assert read is not None
        assert (read.identity, read.eligibility) == (IdentityFields(), EligibilityFields())

    def test_what_staff_typed_is_read_as_it_stands(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        odd = EligibilityFields(status="checked?", result="マンション")
        self.set_identity(account, VERIFIED)
        self.set_eligibility(account, odd)
        read = customers.account(account)
        assert read is not None
        assert (read.identity, read.eligibility) == (VERIFIED, odd)

    def test_the_version_changes_with_the_account(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        before = customers.account(account)
        self.set_identity(account, VERIFIED)
        after = customers.account(account)
        assert before is not None
        assert after is not None
        assert before.version != after.version

    def test_asking_for_eligibility_tells_the_team(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        case, opportunity = customers.request_eligibility(account, address=FLAT, key=KEY)
        opened = self.cases_in_org(account)
        interest = self.opportunity_in_org(opportunity)
        assert list(opened) == [case]
        assert (opened[case].kind, opened[case].opportunity) == (CaseKind.ELIGIBILITY, opportunity)
        assert all(part in opened[case].description for part in (FLAT.city, FLAT.building, FLAT.room))
        assert (interest.account, interest.order_type) == (account, OrderType.INTERNET)
        assert (interest.stage, interest.source) == (
            Stage.INTRODUCTION,
            "Portal - Internet Eligibility Request",
        )
        assert self.account_in_org(account).eligibility == EligibilityFields(status="Pending")
        assert self.account_in_org(account).address == HOUSE

    def test_asking_again_under_one_key_asks_once(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        first = customers.request_eligibility(account, address=FLAT, key=KEY)
        assert customers.request_eligibility(account, address=FLAT, key=KEY) == first
        assert len(self.cases_in_org(account)) == 1

    def test_asking_again_under_one_key_never_undoes_the_answer(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        customers.request_eligibility(account, address=FLAT, key=KEY)
        self.set_eligibility(account, CHECKED)
        customers.request_eligibility(account, address=FLAT, key=KEY)
        assert self.account_in_org(account).eligibility == CHECKED

    def test_asking_under_another_key_asks_again_on_one_opportunity(
        self, customers: CustomerDirectory
    ) -> None:
        account = self.new_account()
        case, opportunity = customers.request_eligibility(account, address=FLAT, key=KEY)
        again, same = customers.request_eligibility(account, address=HOUSE, key=OTHER_KEY)
        assert again != case
        assert same == opportunity

    @pytest.mark.parametrize("stage", [Stage.INTRODUCTION, Stage.READY])
    def test_an_open_opportunity_is_used_and_keeps_its_source(
        self, customers: CustomerDirectory, stage: Stage
    ) -> None:
        account = self.new_account()
        waiting = self.new_opportunity(account, OrderType.INTERNET, stage)
        _, opportunity = customers.request_eligibility(account, address=FLAT, key=KEY)
        assert opportunity == waiting
        assert self.opportunity_in_org(opportunity).source == "Shop"

    def test_no_other_opportunity_is_used(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        taken = self.new_opportunity(account, OrderType.INTERNET, Stage.READY)
        self.order_on(taken, status=OrderStatusText.DRAFT)
        unsuitable = {
            taken,
            self.new_opportunity(account, OrderType.SIM, Stage.READY),
            self.new_opportunity(account, OrderType.INTERNET, Stage.VOID),
            self.new_opportunity(self.new_account(), OrderType.INTERNET, Stage.READY),
        }
        _, opportunity = customers.request_eligibility(account, address=FLAT, key=KEY)
        assert opportunity not in unsuitable

    def test_eligibility_of_an_unknown_account_is_refused(self, customers: CustomerDirectory) -> None:
        with pytest.raises(Refused):
            customers.request_eligibility(self.nobody, address=FLAT, key=KEY)

    def test_asking_while_salesforce_is_down_writes_nothing(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        self.down(
            "request_eligibility", lambda: customers.request_eligibility(account, address=FLAT, key=KEY)
        )
        assert self.cases_in_org(account) == {}
        assert self.account_in_org(account).eligibility == EligibilityFields()

    def test_a_lost_reply_is_found_by_asking_again(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        self.reply_lost(
            "request_eligibility", lambda: customers.request_eligibility(account, address=FLAT, key=KEY)
        )
        case, _ = customers.request_eligibility(account, address=FLAT, key=KEY)
        assert list(self.cases_in_org(account)) == [case]

    def test_a_slow_request_arrives_once(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        self.slow(
            "request_eligibility", lambda: customers.request_eligibility(account, address=FLAT, key=KEY)
        )
        self.let_late_work_arrive()
        case, _ = customers.request_eligibility(account, address=FLAT, key=KEY)
        assert list(self.cases_in_org(account)) == [case]

    def test_two_threads_under_one_key_ask_once(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        first, second = both(
            lambda: customers.request_eligibility(account, address=FLAT, key=KEY),
            lambda: customers.request_eligibility(account, address=FLAT, key=KEY),
        )
        assert first == second
        assert len(self.cases_in_org(account)) == 1

    @pytest.mark.parametrize(
        "before",
        [IdentityFields(), IdentityFields(status="Rejected", rejection_message="out of focus")],
        ids=["empty", "rejected"],
    )
    def test_a_card_that_waits_is_pending(self, customers: CustomerDirectory, before: IdentityFields) -> None:
        account = self.new_account()
        self.set_identity(account, before)
        for _ in range(2):
            customers.mark_identity_pending(account)
            assert self.account_in_org(account).identity == IdentityFields(status="Pending")

    def test_a_verified_customer_stays_verified(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        self.set_identity(account, VERIFIED)
        customers.mark_identity_pending(account)
        assert self.account_in_org(account).identity == VERIFIED

    def test_the_card_of_an_unknown_account_is_refused(self, customers: CustomerDirectory) -> None:
        with pytest.raises(Refused):
            customers.mark_identity_pending(self.nobody)

    def test_marking_a_card_survives_every_fault(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        self.down("mark_identity_pending", lambda: customers.mark_identity_pending(account))
        assert self.account_in_org(account).identity == IdentityFields()
        self.reply_lost("mark_identity_pending", lambda: customers.mark_identity_pending(account))
        assert self.account_in_org(account).identity.status == "Pending"

    def test_reading_while_salesforce_is_down_is_unavailable(self, customers: CustomerDirectory) -> None:
        account = self.new_account()
        self.down("account", lambda: customers.account(account))
        assert customers.account(account) is not None
