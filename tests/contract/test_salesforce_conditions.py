"""What only a real org shows: changes within a second, taken Opportunities, every loss of a write."""

from collections.abc import Sequence

import attrs
import pytest

from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.salesforce import Names, SalesforceOrders
from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import AccountId, ServiceId
from ordering_core.domain.opportunity import UseExisting
from ordering_core.domain.orders import ActivationFields, OrderWrite
from ordering_core.domain.vocabulary import OrderStatusText, OrderType, Stage
from ordering_core.errors import Conflict, OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.orders import OrderRepository
from ordering_core.testing.contracts.order_base import ACTIVATING, OrderContract
from tests.contract.salesforce_org import SandboxOrg


class TestConditions(SandboxOrg, OrderContract):
    @pytest.fixture
    def orders(self) -> OrderRepository:
        self.process.admin("PUT", "clock", {"stopped": True})
        return SalesforceOrders(self.connected(), self.attributes)

    def products(self, order_type: OrderType) -> Sequence[Product]:
        return SMALL_CATALOGUE.of_type(order_type)

    def counted(self, kind: str) -> int:
        return len(self.process.query(f"SELECT Id FROM {kind}"))

    @pytest.mark.parametrize(
        "change",
        [
            {"Status": "Approved"},
            {"Activation_Status__c": "Scheduled"},
            {"Activation_Scheduled_At__c": "2026-06-10T03:00:00Z"},
            {"Activation_Error_Code__c": "BY_HAND"},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_a_change_within_the_same_second_is_never_written_over(
        self, orders: OrderRepository, change: dict[str, str]
    ) -> None:
        read = self.placed(orders).snapshot
        self.process.write("Order", change, read.id)
        before = orders.read(read.id)
        with pytest.raises(Conflict):
            orders.write(OrderWrite(order=read.id, activation=ACTIVATING, if_version=read.version))
        assert orders.read(read.id) == before
        assert before is not None
        assert before.version != read.version

    def test_a_change_of_any_field_in_a_later_second_is_a_conflict(self, orders: OrderRepository) -> None:
        read = self.placed(orders).snapshot
        self.later()
        self.process.write("Order", {"Description": "call first"}, read.id)
        with pytest.raises(Conflict):
            orders.write(OrderWrite(order=read.id, activation=ACTIVATING, if_version=read.version))

    def test_a_change_of_any_field_changes_the_version(self, orders: OrderRepository) -> None:
        read = self.placed(orders).snapshot
        self.process.write("Order", {"Description": "call first"}, read.id)
        now = orders.read(read.id)
        assert now is not None
        assert now.version != read.version

    def test_an_order_that_was_read_may_be_written_again_and_again(self, orders: OrderRepository) -> None:
        read = self.placed(orders).snapshot
        self.set_activation(
            read.id, ActivationFields(status="Activating", error_code="it's | \\ odd", error_message="m")
        )
        for fields in (ACTIVATING, ActivationFields(error_code="E|1"), ActivationFields()):
            now = orders.read(read.id)
            assert now is not None
            written = orders.write(OrderWrite(order=read.id, activation=fields, if_version=now.version))
            assert written.activation == fields

    def test_an_item_of_another_order_is_not_written(self, orders: OrderRepository) -> None:
        mine, other = self.placed(orders, "key-1").snapshot, self.placed(orders, "key-2").snapshot
        with pytest.raises(Refused) as refusal:
            orders.write(
                OrderWrite(order=mine.id, activation=ACTIVATING, services={other.lines[0].id: ServiceId(9)})
            )
        assert refusal.value.code == "NOT_FOUND"
        assert orders.read(other.id) == other

    def test_an_opportunity_that_was_taken_meanwhile_is_a_conflict(self, orders: OrderRepository) -> None:
        account = self.new_account()
        waiting = UseExisting(self.new_opportunity(account, OrderType.SIM, Stage.READY))
        orders.place(self.new_order(account, key="key-1", link=waiting))
        with pytest.raises(Conflict):
            orders.place(self.new_order(account, key="key-2", link=waiting))
        placed = orders.place(self.new_order(account, key="key-2"))
        assert placed.opportunity != waiting.opportunity

    def test_an_order_that_is_there_is_found_though_it_took_the_opportunity(
        self, orders: OrderRepository
    ) -> None:
        account = self.new_account()
        waiting = UseExisting(self.new_opportunity(account, OrderType.SIM, Stage.READY))
        wanted = self.new_order(account, link=waiting)
        first = orders.place(wanted)
        self.set_status(first.snapshot.id, OrderStatusText.APPROVED)
        assert orders.place(wanted).snapshot == orders.read(first.snapshot.id)

    @pytest.mark.parametrize("linked", [False, True])
    @pytest.mark.parametrize("fault", ["lost_before_commit", "lost_after_commit"])
    def test_a_write_lost_anywhere_and_made_again_is_one_complete_order(
        self, orders: OrderRepository, fault: str, linked: bool
    ) -> None:
        account = self.new_account()
        link = UseExisting(self.new_opportunity(account, OrderType.SIM, Stage.READY)) if linked else None
        wanted = self.new_order(account, link=link)
        self.process.fault(kind=fault, path="/composite", body='"allOrNone": true')
        with pytest.raises(OutcomeUnknown):
            orders.place(wanted)
        placed = orders.place(wanted)
        assert orders.place(wanted) == placed
        assert [line.sku for line in placed.snapshot.lines] == list(wanted.draft.skus)
        counts = [self.counted(kind) for kind in ("Order", "Case", "Opportunity", "OrderItem")]
        assert counts == [1, 1, 1, len(wanted.quote.lines)]

    def test_a_collection_that_fails_leaves_nothing_though_it_shows_ids(
        self, orders: OrderRepository
    ) -> None:
        account = self.new_account()
        self.process.fault(kind="error", failure="VALIDATION_RULE", target="OrderItem")
        with pytest.raises(Refused) as refusal:
            orders.place(self.new_order(account))
        assert refusal.value.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        assert [self.counted(kind) for kind in ("Order", "Case", "Opportunity", "OrderItem")] == [0] * 4

    @pytest.mark.parametrize("failure", ["BAD_GATEWAY", "INVALID_QUERY_LOCATOR"])
    def test_an_order_whose_items_cannot_be_read_to_the_end_is_placed_all_the_same(
        self, orders: OrderRepository, failure: str
    ) -> None:
        wanted = self.new_order(self.new_account())
        skus = wanted.draft.skus
        assert len(skus) > 1
        assert orders.placing_facts(
            wanted.account, order_type=wanted.order_type, skus=skus, key=wanted.request_key
        )
        self.process.admin("PUT", "switches", {"largest_batch": 1})
        self.process.fault(kind="answer", failure=failure, path="/query/", times=0)
        with pytest.raises(OutcomeUnknown):
            orders.place(wanted)
        self.process.admin("DELETE", "faults")
        assert self.counted("Order") == 1
        placed = orders.place(wanted)
        assert len(placed.snapshot.lines) == len(wanted.quote.lines)
        assert self.counted("Order") == 1

    def test_a_list_whose_rest_is_gone_is_read_afresh(self, orders: OrderRepository) -> None:
        account = self.new_account()
        for key in ("key-1", "key-2", "key-3"):
            orders.place(self.new_order(account, key=key))
        self.process.admin("PUT", "switches", {"largest_batch": 1})
        self.process.fault(kind="answer", failure="INVALID_QUERY_LOCATOR", path="/query/01g")
        assert len(orders.of_account(account)) == 3
        assert self.process.admin("GET", "faults") == []
        self.process.fault(kind="answer", failure="INVALID_QUERY_LOCATOR", path="/query/01g", times=2)
        with pytest.raises(Unavailable):
            orders.of_account(account)

    def test_where_states_are_listed_an_order_carries_their_codes(self) -> None:
        self.process.admin("PUT", "switches", {"state_country_picklists": True})
        listed = {"State": "StateCode", "Country": "CountryCode"}
        named = {
            f"{kind}.Billing{part}": f"Billing{code}"
            for kind in ("Account", "Order")
            for part, code in listed.items()
        }
        wanted = attrs.evolve(self.new_order(self.account_of_an_agent()), update_account=True)
        with pytest.raises(Refused, match="FIELD_INTEGRITY_EXCEPTION"):
            SalesforceOrders(self.connected(), self.attributes).place(wanted)
        settings = attrs.evolve(self.settings(), names=Names(fields=named))
        orders = SalesforceOrders(self.connected(settings), self.attributes)
        placed = orders.place(wanted)
        assert placed.snapshot.address == wanted.address
        assert self.process.row("Order", placed.snapshot.id, "BillingState")["BillingState"] == "Tokyo"

    def account_of_an_agent(self) -> AccountId:
        return AccountId(self.process.write("Account", {"Name": "x", "AccountNumber": "C000001"}))
