"""What agents do by hand in the org in memory, and what is told of it."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import attrs
import pytest

from ordering_adapters.memory.cases import MemoryCases
from ordering_adapters.memory.customers import MemoryCustomers
from ordering_adapters.memory.hints import HintKind
from ordering_adapters.memory.orders import MemoryOrders
from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_core.domain.catalogue import Product
from ordering_core.domain.customers import EligibilityFields, IdentityFields
from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import AccountId, OrderId, RequestKey, SimCardId
from ordering_core.domain.lines import LineRequest, LineState
from ordering_core.domain.orders import ActivationFields, OrderSnapshot, OrderWrite
from ordering_core.domain.values import CardNumber, Eid, Iccid, MobileNumber
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.ports.cases import CaseKind, NewCase
from ordering_core.ports.sim_inventory import IN_STOCK, USED
from ordering_core.testing.contracts.order_base import DRAFTS, PORTING, OrderContract
from ordering_core.testing.contracts.outside import FLAT
from tests.contract.memory_org import START, MemoryOrg


NOON = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)
NEW_NUMBER, PORTED = DRAFTS[0], DRAFTS[1]
CHANGED = HintKind.CHANGED.value
REQUESTED = HintKind.PROVISION_REQUESTED.value


class TestMemoryAgent(MemoryOrg, OrderContract):
    port = "orders"

    @pytest.fixture
    def orders(self) -> MemoryOrders:
        return MemoryOrders(self.org, self.faults)

    def products(self, order_type: OrderType) -> Sequence[Product]:
        return SMALL_CATALOGUE.of_type(order_type)

    def place(self, orders: MemoryOrders, key: str = "key-1", draft: Draft = NEW_NUMBER) -> OrderId:
        placed = orders.place(self.new_order(self.new_account(), key=key, draft=draft)).snapshot.id
        self.hints.take()
        return placed

    def read(self, order: OrderId) -> OrderSnapshot:
        return self.org.joined(self.org.orders[order])

    def told(self) -> list[tuple[str, OrderId]]:
        return [(hint.id.partition(":")[0], hint.order) for hint in self.hints.take()]

    # Orders

    def test_an_approval_publishes_the_event_of_the_flow(self, orders: MemoryOrders) -> None:
        order = self.place(orders)
        self.agent.approve(order)
        assert self.read(order).status == "Approved"
        assert sorted(self.told()) == [(CHANGED, order), (REQUESTED, order)]

    def test_the_flow_runs_only_when_the_status_becomes_approved(self, orders: MemoryOrders) -> None:
        order = self.place(orders)
        for status in ("Approved", "Approved", "Pending Review", "Approved"):
            self.agent.set_status(order, status)
        self.agent.set_activation(order, "Activating")
        assert self.told().count((REQUESTED, order)) == 2

    def test_our_own_writes_are_not_told(self, orders: MemoryOrders) -> None:
        order = self.place(orders)
        self.agent.approve(order)
        self.told()
        orders.write(OrderWrite(order=order, activation=ActivationFields(status="Activating")))
        assert self.told() == []

    def test_a_cancellation_keeps_its_reason(self, orders: MemoryOrders) -> None:
        order = self.place(orders)
        self.agent.cancel(order, reason="ADDRESS_NOT_SERVICEABLE")
        assert (self.read(order).status, self.read(order).rejection_reason) == (
            "Cancelled",
            "ADDRESS_NOT_SERVICEABLE",
        )

    def test_activation_is_set_with_or_without_a_date(self, orders: MemoryOrders) -> None:
        order = self.place(orders)
        self.agent.set_activation(order, "Scheduled", at=NOON)
        assert self.read(order).activation == ActivationFields(status="Scheduled", scheduled_at=NOON)
        self.agent.set_activation(order, "Activating")
        assert self.read(order).activation == ActivationFields(status="Activating")

    def test_clearing_an_error_leaves_the_rest(self, orders: MemoryOrders) -> None:
        order = self.place(orders)
        held = ActivationFields(status="Scheduled", scheduled_at=NOON, error_code="X", error_message="x")
        self.set_activation(order, held)
        self.agent.clear_error(order)
        assert self.read(order).activation == ActivationFields(status="Scheduled", scheduled_at=NOON)

    # Cards

    def test_a_card_in_stock_is_used_by_one_order(self, orders: MemoryOrders) -> None:
        first, second = self.place(orders, "key-1"), self.place(orders, "key-2")
        cards = [self.agent.add_card(), self.agent.add_card()]
        assert [self.agent.assign_sim(first), self.agent.assign_sim(second)] == cards
        assert [self.org.cards[card].order for card in cards] == [first, second]
        assert {self.org.cards[card].stock_status for card in cards} == {USED}
        assert self.told() == [(CHANGED, first), (CHANGED, second)]

    def test_an_empty_stock_is_filled(self, orders: MemoryOrders) -> None:
        sim = self.org.cards[self.agent.assign_sim(self.place(orders))]
        assert Iccid.parse(sim.iccid).value == sim.iccid
        assert CardNumber.parse(sim.product_number).value == sim.product_number
        assert MobileNumber.parse(sim.phone_number or "").value == sim.phone_number
        assert (sim.assigned_at, sim.shipped_at, sim.delivered_at) == (START, None, None)

    def test_a_used_card_may_be_assigned_again_and_stays_the_first_orders(self, orders: MemoryOrders) -> None:
        first, second = self.place(orders, "key-1"), self.place(orders, "key-2")
        card = self.agent.assign_sim(first)
        assert self.agent.assign_sim(second, card) == card
        sim = self.read(second).sim
        assert sim is not None
        assert (sim.id, sim.order) == (card, first)

    def test_another_card_may_take_the_place_of_the_first(self, orders: MemoryOrders) -> None:
        order = self.place(orders)
        self.agent.assign_sim(order)
        other = self.agent.add_card()
        assert self.org.cards[other].stock_status == IN_STOCK
        self.agent.assign_sim(order, other)
        sim = self.read(order).sim
        assert sim is not None
        assert sim.id == other

    def test_a_ported_number_is_written_onto_the_card(self, orders: MemoryOrders) -> None:
        card = self.agent.assign_sim(self.place(orders, draft=PORTED))
        assert self.org.cards[card].phone_number == PORTING.phone_number

    def test_shipping_and_delivery_are_seen_by_a_poll(self, orders: MemoryOrders) -> None:
        order = self.place(orders)
        self.agent.assign_sim(order)
        version = self.read(order).version
        self.agent.ship(order)
        shipped = self.read(order)
        self.agent.deliver(order)
        delivered = self.read(order)
        assert len({version, shipped.version, delivered.version}) == 3
        assert shipped.sim is not None
        assert (shipped.sim.shipped_at, shipped.sim.delivered_at) == (START, None)
        assert delivered.sim is not None
        assert (delivered.sim.shipped_at, delivered.sim.delivered_at) == (START, START)

    def test_what_is_not_there_cannot_be_edited(self, orders: MemoryOrders) -> None:
        order, unknown = self.place(orders), OrderId("801-unknown")
        edits: list[Callable[[], object]] = [
            lambda: self.agent.approve(unknown),
            lambda: self.agent.assign_sim(unknown),
            lambda: self.agent.assign_sim(order, SimCardId("a0s-unknown")),
            lambda: self.agent.ship(order),
            lambda: self.agent.complete_line(order),
            lambda: self.agent.fail_line(order, "X"),
            lambda: self.agent.verify_identity(AccountId("001-unknown")),
        ]
        for edit in edits:
            with pytest.raises(LookupError):
                edit()
        assert self.told() == []

    # Accounts

    def test_a_change_of_the_account_is_told_for_each_of_its_orders(self, orders: MemoryOrders) -> None:
        account = self.new_account()
        mine = [orders.place(self.new_order(account, key=key)).snapshot.id for key in ("key-1", "key-2")]
        self.place(orders, "key-3")
        self.agent.verify_identity(account, method="face_to_face")
        assert self.told() == [(CHANGED, order) for order in mine]
        assert self.account_in_org(account).identity == IdentityFields(
            status="Verified", method="face_to_face", verified_at=START
        )

    def test_a_rejected_card_says_why(self) -> None:
        account = self.new_account()
        self.agent.reject_identity(account, "The photo is out of focus.")
        assert self.account_in_org(account).identity == IdentityFields(
            status="Rejected", rejection_message="The photo is out of focus."
        )

    @pytest.mark.parametrize(
        ("result", "status", "stage"),
        [
            ("Home 1G", "Checked", Stage.READY),
            ("Apartment 1G", "Checked", Stage.READY),
            (None, "Checked", Stage.VOID),
            ("Home 1G", "Not Eligible", Stage.VOID),
            ("Castle 1G", "Checked", Stage.VOID),
        ],
    )
    def test_a_result_moves_the_opportunity_and_closes_the_case(
        self, result: str | None, status: str, stage: Stage
    ) -> None:
        account, other = self.new_account(), self.new_account()
        customers = MemoryCustomers(self.org, self.faults)
        case, opportunity = customers.request_eligibility(account, address=FLAT, key=RequestKey("r-1"))
        shipping = MemoryCases(self.org, self.faults).open(
            NewCase(key=RequestKey("s-1"), kind=CaseKind.SHIP_ROUTER, account=account, subject="Ship")
        )
        kept, untouched = customers.request_eligibility(other, address=FLAT, key=RequestKey("r-2"))
        self.agent.record_eligibility(account, result, status=status)
        assert self.account_in_org(account).eligibility == EligibilityFields(
            status=status, result=result, checked_at=START
        )
        assert self.opportunity_in_org(opportunity).stage == stage
        assert self.opportunity_in_org(untouched).stage == Stage.INTRODUCTION
        assert [self.org.cases[known].closed for known in (case, shipping, kept)] == [True, False, False]

    def test_a_second_check_leaves_what_the_first_one_closed(self) -> None:
        account = self.new_account()
        customers = MemoryCustomers(self.org, self.faults)
        _, opportunity = customers.request_eligibility(account, address=FLAT, key=RequestKey("r-1"))
        self.agent.record_eligibility(account, "Home 1G")
        self.agent.record_eligibility(account, None)
        assert self.opportunity_in_org(opportunity).stage == Stage.READY

    # Beside Salesforce

    def test_payment_methods_come_and_go(self) -> None:
        client = self.billing.new_client()
        self.agent.add_payment_method(client, expires="2027-02")
        (method,) = self.billing.payment_methods(client)
        assert (method.gateway, method.expires) == ("stripe", date(2027, 2, 1))
        self.agent.remove_payment_methods(client)
        assert self.billing.payment_methods(client) == ()

    @pytest.mark.parametrize("code", ["", "MNP_NAME_MISMATCH"])
    def test_the_network_is_heard_when_it_is_done(self, orders: MemoryOrders, code: str) -> None:
        order = self.place(orders)
        eid = Eid("89049032000001000000012345678954")
        self.network.submit(LineRequest(mark=order, network_plan="P", voice=True, eid=eid))
        if code:
            self.agent.fail_line(order, code)
        else:
            self.agent.complete_line(order)
        (line,) = self.network.lines_of(order)
        assert (line.state, line.failure) == (LineState.FAILED if code else LineState.OPEN, code)
        assert self.told() == [(HintKind.LINE_COMPLETED.value, order)]

    def test_a_router_is_sent_by_closing_its_case(self, orders: MemoryOrders) -> None:
        order = self.place(orders)
        cases = MemoryCases(self.org, self.faults)
        wanted = NewCase(
            key=RequestKey("ship-1"),
            kind=CaseKind.SHIP_ROUTER,
            account=self.read(order).account,
            subject="Ship",
            order=order,
        )
        case = cases.open(wanted)
        other = cases.open(attrs.evolve(wanted, key=RequestKey("ship-2"), kind=CaseKind.CANCELLATION))
        self.agent.close_cases(order, CaseKind.SHIP_ROUTER)
        assert (cases.is_closed(case), cases.is_closed(other)) == (True, False)
        assert self.told() == [(CHANGED, order)]
