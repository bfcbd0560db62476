"""The contract of an order repository: placing."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from ordering_core.domain.calendar import start_of_day
from ordering_core.domain.customers import EligibilityFields
from ordering_core.domain.drafts import Draft, PortingDraft, SimDraft
from ordering_core.domain.identifiers import (
    OpportunityId,
    RequestKey,
    Sku,
)
from ordering_core.domain.opportunity import UseExisting
from ordering_core.domain.orders import ActivationFields
from ordering_core.domain.vocabulary import OrderStatusText, OrderType, Stage
from ordering_core.errors import Refused
from ordering_core.ports.cases import CaseKind
from ordering_core.ports.orders import OrderRepository
from ordering_core.testing.contracts.order_base import (
    DRAFTS,
    NOON,
    PORTING,
    SOURCE,
    OrderContract,
)
from ordering_core.testing.contracts.outside import DAY, FLAT, HOUSE, both


class OrderPlacingContract(OrderContract):
    """How orders are placed, once each."""

    @pytest.mark.parametrize("draft", DRAFTS, ids=["esim", "physical with mnp", "internet", "vpn"])
    def test_an_order_is_placed_with_all_that_was_typed(self, orders: OrderRepository, draft: Draft) -> None:
        wanted = self.new_order(self.new_account(), draft=draft)
        snapshot = orders.place(wanted).snapshot
        assert snapshot.draft == wanted.draft
        assert (snapshot.account, snapshot.order_type) == (wanted.account, draft.order_type)
        assert (snapshot.status, snapshot.effective_date) == ("Draft", DAY)
        assert (snapshot.request_key, snapshot.address) == (wanted.request_key, HOUSE)
        assert snapshot.number
        assert snapshot.billing_order is None
        assert snapshot.activation.status is None
        assert snapshot == orders.read(snapshot.id)

    def test_the_customers_day_stands_in_the_one_field_for_it(self, orders: OrderRepository) -> None:
        day = date(2026, 6, 10)
        draft = SimDraft(sim_type="eSIM", activation_type="Scheduled", scheduled_on=day)
        placed = orders.place(self.new_order(self.new_account(), draft=draft))
        assert placed.snapshot.activation == ActivationFields(scheduled_at=start_of_day(day))

    def test_items_carry_the_frozen_prices(self, orders: OrderRepository) -> None:
        wanted = self.new_order(self.new_account())
        lines = orders.place(wanted).snapshot.lines
        assert len({line.id for line in lines}) == len(lines)
        assert {
            (line.sku, line.name, line.item_class, line.cycle, line.unit_price, line.quantity, line.service)
            for line in lines
        } == {
            (product.sku, product.name, product.item_class, product.cycle, product.price, 1, None)
            for product in wanted.quote.lines
        }

    def test_a_price_is_the_quotes_not_the_price_books(self, orders: OrderRepository) -> None:
        wanted = self.new_order(self.new_account())
        promised = tuple(attrs.evolve(line, price=line.price + 11) for line in wanted.quote.lines)
        wanted = attrs.evolve(wanted, quote=attrs.evolve(wanted.quote, lines=promised))
        lines = orders.place(wanted).snapshot.lines
        assert {line.sku: line.unit_price for line in lines} == {line.sku: line.price for line in promised}

    @pytest.mark.parametrize(("porting", "text"), [(None, None), (PORTING, "Requested")])
    def test_a_port_is_requested(
        self, orders: OrderRepository, porting: PortingDraft | None, text: str | None
    ) -> None:
        draft = SimDraft(sim_type="Physical SIM", activation_type="Immediate", porting=porting)
        placed = orders.place(self.new_order(self.new_account(), draft=draft))
        assert placed.snapshot.mnp_application == text

    @pytest.mark.parametrize("status", [OrderStatusText.DRAFT, OrderStatusText.PENDING_REVIEW])
    def test_an_order_begins_in_the_status_of_the_policy(
        self, orders: OrderRepository, status: OrderStatusText
    ) -> None:
        wanted = attrs.evolve(self.new_order(self.new_account()), status=status)
        assert orders.place(wanted).snapshot.status == status

    def test_a_new_opportunity_is_opened(self, orders: OrderRepository) -> None:
        placed = self.placed(orders)
        opened = self.opportunity_in_org(placed.opportunity)
        assert placed.snapshot.opportunity == placed.opportunity
        assert (opened.account, opened.order_type) == (placed.snapshot.account, OrderType.SIM)
        assert (opened.stage, opened.source) == (Stage.POST_PROCESSING, SOURCE)

    def test_a_linked_opportunity_moves_and_keeps_its_source(self, orders: OrderRepository) -> None:
        account = self.new_account()
        waiting = self.new_opportunity(account, OrderType.SIM, Stage.READY, source="Fair")
        placed = orders.place(self.new_order(account, link=UseExisting(waiting)))
        linked = self.opportunity_in_org(waiting)
        assert placed.opportunity == placed.snapshot.opportunity == waiting
        assert (linked.stage, linked.source) == (Stage.POST_PROCESSING, "Fair")

    def test_the_team_is_told(self, orders: OrderRepository) -> None:
        placed = self.placed(orders)
        notices = self.cases_in_org(placed.snapshot.account)
        assert list(notices) == [placed.case]
        told = notices[placed.case] if placed.case else None
        assert told is not None
        assert (told.kind, told.order) == (CaseKind.NEW_ORDER, placed.snapshot.id)

    def test_the_account_stays_as_it_is(self, orders: OrderRepository) -> None:
        account = self.new_account(FLAT)
        checked = EligibilityFields(status="Checked", result="Home 1G", checked_at=NOON)
        self.set_eligibility(account, checked)
        orders.place(attrs.evolve(self.new_order(account), address_changed=True))
        known = self.account_in_org(account)
        assert (known.address, known.eligibility) == (FLAT, checked)

    def test_the_account_takes_the_address_and_loses_a_result_for_another_one(
        self, orders: OrderRepository
    ) -> None:
        account = self.new_account(FLAT)
        self.set_eligibility(account, EligibilityFields(status="Checked", result="Home 1G", checked_at=NOON))
        wanted = attrs.evolve(
            self.new_order(account), address_changed=True, update_account=True, clear_eligibility=True
        )
        assert orders.place(wanted).snapshot.address_changed
        known = self.account_in_org(account)
        assert (known.address, known.eligibility) == (HOUSE, EligibilityFields())

    def test_a_result_may_be_emptied_while_the_address_stays(self, orders: OrderRepository) -> None:
        account = self.new_account(FLAT)
        self.set_eligibility(account, EligibilityFields(status="Pending"))
        orders.place(attrs.evolve(self.new_order(account), clear_eligibility=True))
        known = self.account_in_org(account)
        assert (known.address, known.eligibility) == (FLAT, EligibilityFields())

    def test_placing_again_under_one_key_changes_nothing(self, orders: OrderRepository) -> None:
        account = self.new_account()
        first = orders.place(self.new_order(account))
        self.set_status(first.snapshot.id, OrderStatusText.APPROVED)
        approved = orders.read(first.snapshot.id)
        again = orders.place(self.new_order(account, draft=DRAFTS[1]))
        assert again.snapshot == approved
        assert (again.opportunity, again.case) == (first.opportunity, first.case)
        assert orders.of_account(account) == (approved,)
        assert len(self.cases_in_org(account)) == 1

    def test_a_placed_order_is_found_by_its_key(self, orders: OrderRepository) -> None:
        placed, other = self.placed(orders, "key-1"), self.placed(orders, "key-2")
        assert orders.find(RequestKey("key-1")) == placed
        assert orders.find(RequestKey("key-2")) == other

    def test_placing_for_nobody_is_refused(self, orders: OrderRepository) -> None:
        with pytest.raises(Refused):
            orders.place(self.new_order(self.nobody))
        assert orders.find(RequestKey("key-1")) is None

    def test_a_refused_order_leaves_nothing_behind(self, orders: OrderRepository) -> None:
        account = self.new_account(FLAT)
        waiting = self.new_opportunity(account, OrderType.SIM, Stage.READY)
        wanted = self.new_order(account, link=UseExisting(waiting))
        stranger = attrs.evolve(wanted.quote.lines[0], sku=Sku("NO-SUCH-PRODUCT"))
        with pytest.raises(Refused):
            orders.place(
                attrs.evolve(
                    wanted,
                    quote=attrs.evolve(wanted.quote, lines=(*wanted.quote.lines, stranger)),
                    update_account=True,
                )
            )
        assert orders.of_account(account) == ()
        assert self.opportunity_in_org(waiting).stage == Stage.READY
        assert self.account_in_org(account).address == FLAT
        assert self.cases_in_org(account) == {}

    def test_an_opportunity_that_is_not_the_accounts_is_refused(self, orders: OrderRepository) -> None:
        account = self.new_account()
        strangers = self.new_opportunity(self.new_account(), OrderType.SIM, Stage.READY)
        for opportunity in (OpportunityId("006000000000999AAA"), strangers):
            with pytest.raises(Refused):
                orders.place(self.new_order(account, link=UseExisting(opportunity)))
        assert orders.of_account(account) == ()
        assert self.opportunity_in_org(strangers).stage == Stage.READY

    def test_placing_while_salesforce_is_down_writes_nothing(self, orders: OrderRepository) -> None:
        account = self.new_account()
        self.down("place", lambda: orders.place(self.new_order(account)))
        assert orders.of_account(account) == ()
        assert self.cases_in_org(account) == {}

    def test_an_order_whose_reply_was_lost_is_found_by_its_key(self, orders: OrderRepository) -> None:
        account = self.new_account()
        wanted = self.new_order(account)
        self.reply_lost("place", lambda: orders.place(wanted))
        found = orders.find(wanted.request_key)
        assert found is not None
        assert orders.place(wanted) == found
        assert orders.of_account(account) == (found.snapshot,)

    def test_a_slow_order_is_not_there_at_first_and_then_once(self, orders: OrderRepository) -> None:
        account = self.new_account()
        wanted = self.new_order(account)
        self.slow("place", lambda: orders.place(wanted))
        assert orders.find(wanted.request_key) is None
        self.let_late_work_arrive()
        found = orders.find(wanted.request_key)
        assert found is not None
        assert orders.of_account(account) == (found.snapshot,)

    def test_a_slow_order_that_was_placed_again_meanwhile_is_one(self, orders: OrderRepository) -> None:
        account = self.new_account()
        wanted = self.new_order(account)
        self.slow("place", lambda: orders.place(wanted))
        placed = orders.place(wanted)
        self.let_late_work_arrive()
        assert orders.of_account(account) == (placed.snapshot,)
        assert len(self.cases_in_org(account)) == 1

    def test_two_threads_under_one_key_place_one_order(self, orders: OrderRepository) -> None:
        account = self.new_account()
        wanted = self.new_order(account)
        first, second = both(lambda: orders.place(wanted), lambda: orders.place(wanted))
        assert first == second
        assert orders.of_account(account) == (first.snapshot,)
        assert len(self.cases_in_org(account)) == 1
