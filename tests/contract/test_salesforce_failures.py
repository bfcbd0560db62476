"""Every failure of the reference, sent by an org: what the ports make of it, and what was written."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import attrs
import pytest

from ordering_adapters.memory import MemoryWorld
from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.salesforce import (
    SalesforceCatalogue,
    SalesforceCustomers,
    SalesforceOpportunities,
    SalesforceOrders,
    SalesforceOrg,
)
from ordering_adapters.salesforce.errors import CHANGED, CONSEQUENCES, MEANINGS, NOTHING_FOUND
from ordering_core import Ordering
from ordering_core.domain.catalogue import Product
from ordering_core.domain.customers import Identity, IdentityFields
from ordering_core.domain.drafts import InternetDraft, SimDraft
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.identifiers import CustomerId, OrderId, Sku
from ordering_core.domain.journal import Held, RetryAt
from ordering_core.domain.order_status import OrderState
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.errors import Refused, Unavailable
from ordering_core.ports.orders import OrderRepository
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.order_base import DRAFTS, NOON, PORTING, OrderContract
from ordering_core.testing.contracts.outside import FLAT
from tests.contract.salesforce_errors import CONSEQUENCES as CODES_OF_CONSEQUENCES
from tests.contract.salesforce_errors import REFERENCE, Again
from tests.contract.salesforce_org import BEGIN, TRIES, SandboxOrg


DATA: Final = "/services/data"
CUSTOMER: Final = CustomerId("customer-1")
DRAFT: Final = SimDraft(
    skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")),
    sim_type="eSIM",
    eid="89049032000001000000012345678954",
    activation_type="Immediate",
)
WRITE_TRIES: Final = {Again.SOON: TRIES, Again.RENEW: 2}
READ_TRIES: Final = {**WRITE_TRIES, Again.LOOK: TRIES}
FEWER: Final = {"NO_ROUTE": 3}
"""The edge finds no route: two more tries at most."""


def tries(name: str, by_class: dict[Again, int]) -> int:
    return FEWER.get(name, by_class.get(REFERENCE[name].again, 1))


class TestFailures(SandboxOrg):
    def test_the_table_the_reference_and_the_sandbox_know_the_same_codes(self) -> None:
        codes = {row.code for row in REFERENCE.values()} - {""}
        assert codes == MEANINGS.keys() - {CHANGED, NOTHING_FOUND}
        assert CODES_OF_CONSEQUENCES == CONSEQUENCES
        assert self.process.admin("GET", "failures") == sorted(REFERENCE)

    @pytest.mark.parametrize("name", REFERENCE)
    def test_a_failure_says_what_became_of_a_call_and_is_sent_again_only_where_nothing_was_done(
        self, name: str
    ) -> None:
        row = REFERENCE[name]
        opportunity = self.new_opportunity(self.new_account(), OrderType.SIM, Stage.READY)
        self.process.fault(kind="answer", failure=name, path=DATA, times=0)
        with pytest.raises(row.raised) as raised:
            SalesforceOpportunities(self.connected()).move(opportunity, Stage.VOID)
        assert type(raised.value) is row.raised
        answered = self.process.data_calls()
        assert [call["status"] for call in answered] == [row.status] * tries(name, WRITE_TRIES)
        assert len(self.waits) == (len(answered) - 1 if row.again is Again.SOON else 0)
        assert self.waits == sorted(self.waits)
        self.process.admin("DELETE", "calls")
        with pytest.raises(Unavailable):
            SalesforceOpportunities(self.connected()).read(opportunity)
        assert len(self.process.data_calls()) == tries(name, READ_TRIES)
        self.process.admin("DELETE", "faults")
        assert self.opportunity_in_org(opportunity).stage == Stage.READY

    @pytest.mark.parametrize("name", [name for name, row in REFERENCE.items() if not row.page])
    def test_a_failure_behind_what_was_halted_is_the_root(self, name: str) -> None:
        row = REFERENCE[name]
        opportunity = self.new_opportunity(self.new_account(), OrderType.SIM, Stage.READY)
        self.process.fault(kind="error", failure=name, target="Opportunity", times=0)
        with pytest.raises(row.raised) as raised:
            SalesforceOpportunities(self.connected()).move(opportunity, Stage.VOID)
        assert type(raised.value) is row.raised
        if isinstance(raised.value, Refused):
            assert raised.value.code == row.code
        assert len(self.process.data_calls()) == tries(name, WRITE_TRIES)
        assert self.opportunity_in_org(opportunity).stage == Stage.READY

    def test_a_lock_that_is_let_go_of_is_never_noticed(self) -> None:
        opportunity = self.new_opportunity(self.new_account(), OrderType.SIM, Stage.READY)
        self.process.fault(kind="error", failure="UNABLE_TO_LOCK_ROW", target="Opportunity", times=TRIES - 1)
        SalesforceOpportunities(self.connected()).move(opportunity, Stage.VOID)
        assert self.opportunity_in_org(opportunity).stage == Stage.VOID
        assert len(self.waits) == TRIES - 1

    def test_no_try_begins_after_the_time_that_one_call_has(self) -> None:
        clock = ManualClock(NOON)

        def sleep(seconds: float) -> None:
            clock.advance(timedelta(seconds=seconds))

        org = SalesforceOrg(attrs.evolve(self.settings(), retry_for=timedelta(seconds=1)), clock, sleep=sleep)
        self.process.fault(kind="answer", failure="UNABLE_TO_LOCK_ROW", path=DATA, times=0)
        with pytest.raises(Unavailable):
            SalesforceCustomers(org).account(self.new_account())
        assert clock.now() - NOON <= org.settings.retry_for
        assert 1 < len(self.process.data_calls()) < TRIES

    def test_a_server_that_asks_for_time_is_given_it(self) -> None:
        clock = ManualClock(NOON)
        waits: list[float] = []
        org = SalesforceOrg(self.settings(), clock, sleep=waits.append)
        self.process.fault(kind="answer", failure="TOO_MANY_REQUESTS", path=DATA)
        account = self.new_account()
        assert SalesforceCustomers(org).account(account) is not None
        assert waits == [1.0]

    def test_a_server_that_asks_for_more_time_than_a_call_has_is_left_alone_for_it(self) -> None:
        clock = ManualClock(NOON)
        org = SalesforceOrg(attrs.evolve(self.settings(), retry_for=timedelta(0)), clock)
        self.process.fault(kind="answer", failure="TOO_MANY_REQUESTS", path=DATA)
        customers, account = SalesforceCustomers(org), self.new_account()
        for _ in range(2):
            with pytest.raises(Unavailable):
                customers.account(account)
        assert len(self.process.data_calls()) == 1
        clock.advance(timedelta(seconds=1))
        assert customers.account(account) is not None

    def test_once_the_days_calls_are_used_up_nothing_is_sent_for_a_while(self) -> None:
        clock = ManualClock(NOON)
        org = SalesforceOrg(self.settings(), clock)
        customers = SalesforceCustomers(org)
        account = self.new_account()
        self.process.fault(kind="answer", failure="TOTAL_REQUESTS_LIMIT", path=DATA)
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


class TestHolds(SandboxOrg):
    """What a failed write means for the order that is being provisioned."""

    @pytest.fixture
    def ordering(self) -> Ordering:
        self.manual = ManualClock(datetime.fromisoformat(BEGIN))
        self.world = MemoryWorld(clock=self.manual)
        self.org = SalesforceOrg(self.settings(), self.manual, sleep=lambda _seconds: None)
        ordering = attrs.evolve(
            self.world.ordering,
            catalogue=SalesforceCatalogue(self.org, self.attributes),
            customers=SalesforceCustomers(self.org),
            orders=SalesforceOrders(self.org, self.attributes),
            opportunities=SalesforceOpportunities(self.org),
        )
        account, client = self.new_account(FLAT), self.world.billing.new_client(FLAT)
        verified = IdentityFields(status="Verified", method="ic_chip", verified_at=NOON)
        self.set_identity(account, verified)
        self.world.billing.give_payment_method(client, gateway="stripe", expires=date(2031, 12, 1))
        with ordering.store.transaction() as tx:
            tx.identities.put(Identity(customer=CUSTOMER, account=account, client=client))
        return ordering

    def approved(self, ordering: Ordering) -> OrderId:
        session = ordering.begin_checkout(DRAFT, customer=CUSTOMER)
        ordering.confirm_address(session.id, customer=CUSTOMER)
        order = ordering.submit(session.id, customer=CUSTOMER).order
        assert order is not None
        self.set_status(order, "Approved")
        ordering.observe(order, cause="approved")
        return order

    @pytest.mark.parametrize("name", REFERENCE)
    def test_a_refused_write_holds_the_order_for_an_operator_and_every_other_is_made_later(
        self, ordering: Ordering, name: str
    ) -> None:
        order = self.approved(ordering)
        self.process.fault(kind="answer", failure=name, path="/composite", body='"allOrNone": true', times=0)
        rest = ordering.provision(order)
        refused = REFERENCE[name].raised is Refused
        assert (rest.code if isinstance(rest, Held) else None) == (
            HoldCode.CONFIGURATION if refused else None
        )
        assert isinstance(rest, Held | RetryAt)
        assert self.shown(order) == (None, None)
        with ordering.store.transaction() as tx:
            known = tx.projection.get(order)
        assert known is not None
        assert (known.status.state is OrderState.ON_HOLD) == refused
        self.process.admin("DELETE", "faults")
        self.manual.advance(timedelta(minutes=20))
        ordering.provision(order)
        assert self.shown(order) == ((None, "CONFIGURATION") if refused else ("Activating", None))

    def shown(self, order: OrderId) -> tuple[object, object]:
        row = self.process.row("Order", order, "Activation_Status__c", "Activation_Error_Code__c")
        return row["Activation_Status__c"], row["Activation_Error_Code__c"]


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
