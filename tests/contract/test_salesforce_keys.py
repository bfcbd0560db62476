"""An org without our field: the request key stands in OrderReferenceNumber, which is not unique."""

from collections.abc import Sequence

import attrs
import pytest

from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.salesforce import Field, Names, SalesforceOrders, SalesforceOrg
from ordering_core.domain.catalogue import Product
from ordering_core.domain.vocabulary import OrderStatusText, OrderType
from ordering_core.errors import OutcomeUnknown
from ordering_core.ports.orders import OrderRepository
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.order_base import NOON, OrderContract
from ordering_core.testing.contracts.outside import both
from tests.contract.salesforce_org import SandboxOrg


class TestOrderReferenceNumber(SandboxOrg, OrderContract):
    @pytest.fixture
    def orders(self) -> OrderRepository:
        self.clock = ManualClock(NOON)
        plain = Names(
            fields={
                Field.ORDER_KEY: "OrderReferenceNumber",
                Field.ORDER_REJECTION_REASON: "",
                Field.ORDER_PRIORITY: "",
                Field.IDENTITY_METHOD: "",
                Field.CARD_SHIPPED_AT: "",
                Field.CARD_DELIVERED_AT: "",
            }
        )
        settings = attrs.evolve(self.settings(), names=plain, unique=frozenset({Field.CASE_KEY}))
        self.org = SalesforceOrg(settings, self.clock)
        for lacking in ("Order.Rejection_Reason__c", "Order.Priority__c", "Order.Portal_Request_Key__c"):
            self.process.admin("PUT", "fields", {lacking: {"access": "none"}})
        return SalesforceOrders(self.org, self.attributes)

    def products(self, order_type: OrderType) -> Sequence[Product]:
        return SMALL_CATALOGUE.of_type(order_type)

    def test_an_order_is_placed_and_found_by_its_key(self, orders: OrderRepository) -> None:
        placed = self.placed(orders)
        assert placed.snapshot.request_key == "key-1"
        assert orders.find(self.new_order(placed.snapshot.account).request_key) == placed

    def test_placing_again_under_one_key_never_resets_what_an_agent_did(
        self, orders: OrderRepository
    ) -> None:
        wanted = self.new_order(self.new_account())
        first = orders.place(wanted)
        self.set_status(first.snapshot.id, OrderStatusText.APPROVED)
        again = orders.place(wanted)
        assert (again.snapshot.id, again.snapshot.status) == (first.snapshot.id, "Approved")
        assert len(orders.of_account(wanted.account)) == 1

    def test_two_threads_under_one_key_place_one_order(self, orders: OrderRepository) -> None:
        wanted = self.new_order(self.new_account())
        first, second = both(lambda: orders.place(wanted), lambda: orders.place(wanted))
        assert first == second
        assert len(orders.of_account(wanted.account)) == 1

    def test_an_order_whose_reply_was_lost_is_found(self, orders: OrderRepository) -> None:
        wanted = self.new_order(self.new_account())
        self.reply_lost("place", lambda: orders.place(wanted))
        assert orders.place(wanted) == orders.find(wanted.request_key)
        assert len(orders.of_account(wanted.account)) == 1

    def test_what_may_still_arrive_is_not_repeated_for_ten_minutes(self, orders: OrderRepository) -> None:
        wanted = self.new_order(self.new_account())
        self.process.fault(kind="lost_before_commit", path="/composite", body='"allOrNone": true')
        with pytest.raises(OutcomeUnknown):
            orders.place(wanted)
        self.clock.advance(self.org.settings.doubt_lasts / 2)
        with pytest.raises(OutcomeUnknown):
            orders.place(wanted)
        assert orders.of_account(wanted.account) == ()
        self.clock.advance(self.org.settings.doubt_lasts)
        assert orders.of_account(wanted.account) == ()
        orders.place(wanted)
        assert len(orders.of_account(wanted.account)) == 1

    def test_what_arrives_late_is_one_order(self, orders: OrderRepository) -> None:
        wanted = self.new_order(self.new_account())
        self.slow("place", lambda: orders.place(wanted))
        with pytest.raises(OutcomeUnknown):
            orders.place(wanted)
        self.let_late_work_arrive()
        assert orders.place(wanted) == orders.find(wanted.request_key)
        assert len(orders.of_account(wanted.account)) == 1
