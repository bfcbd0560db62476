"""Every failure of the reference, sent by an org: what the ports make of it, and what was written."""

from collections.abc import Sequence
from typing import Final

import pytest

from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.salesforce import (
    SalesforceCustomers,
    SalesforceOpportunities,
    SalesforceOrders,
    SalesforceOrg,
)
from ordering_core.domain.catalogue import Product
from ordering_core.domain.drafts import InternetDraft
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.errors import OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.ports.orders import OrderRepository
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.order_base import DRAFTS, NOON, PORTING, OrderContract
from tests.contract.salesforce_org import SandboxOrg


IN_DOUBT: Final = {
    "QUERY_TIMEOUT",
    "REQUEST_RUNNING_TOO_LONG",
    "UNKNOWN_EXCEPTION",
    "UNEXPECTED_ERROR",
    "SERVER_UNAVAILABLE",
    "SERVER_UNAVAILABLE_PAGE",
    "BAD_GATEWAY",
    "GATEWAY_TIMEOUT",
}
NOTHING_DONE: Final = {
    "TOTAL_REQUESTS_LIMIT",
    "CONCURRENT_REQUESTS_LIMIT",
    "UNABLE_TO_LOCK_ROW",
    "FLOW_COULD_NOT_LOCK",
    "TRIGGER_COULD_NOT_LOCK",
    "TOO_MANY_REQUESTS",
    "NO_ROUTE",
}
OF_THE_EDGE: Final = {
    "SERVER_UNAVAILABLE_PAGE",
    "TOO_MANY_REQUESTS",
    "BAD_GATEWAY",
    "GATEWAY_TIMEOUT",
    "NO_ROUTE",
}
"""Pages, which no single call of a composite is answered with."""


def expected(name: str) -> type[PortError]:
    if name in IN_DOUBT:
        return OutcomeUnknown
    return Unavailable if name in NOTHING_DONE else Refused


class TestFailures(SandboxOrg):
    def failures(self) -> Sequence[str]:
        names = self.process.admin("GET", "failures")
        assert isinstance(names, list)
        assert set(names) >= IN_DOUBT | NOTHING_DONE
        return names

    def test_each_failure_of_a_call_says_what_became_of_it(self) -> None:
        account = self.new_account()
        opportunity = self.new_opportunity(account, OrderType.SIM, Stage.READY)
        for name in self.failures():
            writing, reading = (SalesforceOpportunities(self.connected()) for _ in range(2))
            self.process.fault(kind="answer", failure=name, path="/services/data")
            with pytest.raises(PortError) as raised:
                writing.move(opportunity, Stage.VOID)
            assert type(raised.value) is expected(name), name
            assert self.opportunity_in_org(opportunity).stage == Stage.READY
            self.process.fault(kind="answer", failure=name, path="/services/data")
            with pytest.raises(Unavailable):
                reading.of_account(account)

    def test_each_failure_inside_a_composite_says_what_became_of_it(self) -> None:
        opportunities = SalesforceOpportunities(self.connected())
        opportunity = self.new_opportunity(self.new_account(), OrderType.SIM, Stage.READY)
        for name in sorted(set(self.failures()) - OF_THE_EDGE):
            self.process.fault(kind="error", failure=name, target="Opportunity")
            with pytest.raises(PortError) as raised:
                opportunities.move(opportunity, Stage.VOID)
            assert type(raised.value) is expected(name), name
            assert self.opportunity_in_org(opportunity).stage == Stage.READY

    def test_once_the_days_calls_are_used_up_nothing_is_sent_for_a_while(self) -> None:
        clock = ManualClock(NOON)
        org = SalesforceOrg(self.settings(), clock)
        customers = SalesforceCustomers(org)
        account = self.new_account()
        self.process.fault(kind="answer", failure="TOTAL_REQUESTS_LIMIT", path="/services/data")
        for _ in range(3):
            with pytest.raises(Unavailable):
                customers.account(account)
        assert len(self.process.data_calls()) == 1
        clock.advance(org.settings.quiet_for)
        assert customers.account(account) is not None

    def test_what_is_left_of_the_days_calls_is_known(self) -> None:
        customers = SalesforceCustomers(self.connected())
        assert self.org.allowance is None
        customers.account(self.new_account())
        assert self.org.allowance is not None
        assert 0 < self.org.allowance.used < self.org.allowance.total


class TestPrivacy(SandboxOrg, OrderContract):
    @pytest.fixture
    def orders(self) -> OrderRepository:
        return SalesforceOrders(self.connected(), self.attributes)

    def products(self, order_type: OrderType) -> Sequence[Product]:
        return SMALL_CATALOGUE.of_type(order_type)

    def test_no_error_names_what_a_customer_typed(self, orders: OrderRepository) -> None:
        account = self.new_account()
        self.process.admin("PUT", "fields", {"Order.MNP_Phone_Number__c": {"length": 5}})
        with pytest.raises(Refused) as refusal:
            orders.place(self.new_order(account, draft=DRAFTS[1]))
        told = f"{refusal.value!r} {refusal.value} {refusal.value.__context__!r} {refusal.value.__cause__!r}"
        assert refusal.value.code == "STRING_TOO_LONG"
        assert "MNP_Phone_Number__c" in told
        assert str(PORTING.phone_number) not in told

    def test_what_a_customer_typed_is_never_taken_for_a_reference(self, orders: OrderRepository) -> None:
        draft = InternetDraft(access_mode="PPPoE", notes="ring @{order.id} twice")
        placed = orders.place(self.new_order(self.new_account(), draft=draft))
        assert placed.snapshot.description == "ring @ {order.id} twice"
