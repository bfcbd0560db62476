"""The contract of an opportunity repository."""

from __future__ import annotations

import abc

import pytest

from ordering_core.domain.identifiers import OpportunityId
from ordering_core.domain.vocabulary import OrderStatusText, OrderType, Stage
from ordering_core.errors import Refused
from ordering_core.ports.opportunities import OpportunityRepository
from ordering_core.testing.contracts.outside import both
from ordering_core.testing.contracts.salesforce import SalesforceContract


UNKNOWN = OpportunityId("006000000000999AAA")


class OpportunityRepositoryContract(SalesforceContract):
    """What an `OpportunityRepository` keeps to."""

    @pytest.fixture
    @abc.abstractmethod
    def opportunities(self) -> OpportunityRepository:
        """Return the repository under test, over an org without Accounts."""

    def test_an_account_begins_without_opportunities(self, opportunities: OpportunityRepository) -> None:
        assert opportunities.of_account(self.new_account()) == ()
        assert opportunities.of_account(self.nobody) == ()

    def test_an_unknown_opportunity_is_none(self, opportunities: OpportunityRepository) -> None:
        assert opportunities.read(UNKNOWN) is None

    @pytest.mark.parametrize("order_type", list(OrderType))
    def test_an_opportunity_is_read_as_it_stands(
        self, opportunities: OpportunityRepository, order_type: OrderType
    ) -> None:
        account = self.new_account()
        made = self.new_opportunity(account, order_type, Stage.CANCELLING, source="Telephone")
        read = opportunities.read(made)
        assert read is not None
        assert (read.id, read.account, read.order_type) == (made, account, order_type)
        assert (read.stage, read.source, read.service) == (Stage.CANCELLING, "Telephone", None)
        assert not read.has_live_order
        assert opportunities.of_account(account) == (read,)

    def test_all_of_an_account_and_no_other_are_read(self, opportunities: OpportunityRepository) -> None:
        account, other = self.new_account(), self.new_account()
        made = {self.new_opportunity(account, order_type, Stage.READY) for order_type in OrderType}
        self.new_opportunity(other, OrderType.SIM, Stage.READY)
        assert {known.id for known in opportunities.of_account(account)} == made

    def test_an_order_lives_on_its_opportunity_until_it_is_cancelled(
        self, opportunities: OpportunityRepository
    ) -> None:
        made = self.new_opportunity(self.new_account(), OrderType.SIM, Stage.READY)
        order = self.order_on(made, status=OrderStatusText.DRAFT)
        live = opportunities.read(made)
        self.set_status(order, OrderStatusText.CANCELLED)
        free = opportunities.read(made)
        assert live is not None
        assert free is not None
        assert (live.has_live_order, free.has_live_order) == (True, False)

    @pytest.mark.parametrize("stage", list(Stage))
    def test_moving_twice_is_the_same_as_once(
        self, opportunities: OpportunityRepository, stage: Stage
    ) -> None:
        made = self.new_opportunity(self.new_account(), OrderType.SIM, Stage.INTRODUCTION, source="Fair")
        for _ in range(2):
            opportunities.move(made, stage)
            moved = self.opportunity_in_org(made)
            assert (moved.stage, moved.source) == (stage, "Fair")

    def test_moving_an_unknown_one_is_refused(self, opportunities: OpportunityRepository) -> None:
        with pytest.raises(Refused) as refusal:
            opportunities.move(UNKNOWN, Stage.VOID)
        assert refusal.value.code == "NOT_FOUND"

    def test_moving_while_salesforce_is_down_moves_nothing(
        self, opportunities: OpportunityRepository
    ) -> None:
        made = self.new_opportunity(self.new_account(), OrderType.SIM, Stage.READY)
        self.down("move", lambda: opportunities.move(made, Stage.VOID))
        assert self.opportunity_in_org(made).stage == Stage.READY

    def test_a_move_whose_reply_was_lost_may_be_made_again(
        self, opportunities: OpportunityRepository
    ) -> None:
        made = self.new_opportunity(self.new_account(), OrderType.SIM, Stage.READY)
        self.reply_lost("move", lambda: opportunities.move(made, Stage.VOID))
        assert self.opportunity_in_org(made).stage == Stage.VOID
        opportunities.move(made, Stage.VOID)
        assert self.opportunity_in_org(made).stage == Stage.VOID

    def test_a_slow_move_arrives(self, opportunities: OpportunityRepository) -> None:
        made = self.new_opportunity(self.new_account(), OrderType.SIM, Stage.READY)
        self.slow("move", lambda: opportunities.move(made, Stage.VOID))
        self.let_late_work_arrive()
        read = opportunities.read(made)
        assert read is not None
        assert read.stage == Stage.VOID

    def test_reading_while_salesforce_is_down_is_unavailable(
        self, opportunities: OpportunityRepository
    ) -> None:
        account = self.new_account()
        self.down("read", lambda: opportunities.read(UNKNOWN))
        self.down("of_account", lambda: opportunities.of_account(account))
        assert opportunities.of_account(account) == ()

    def test_two_threads_move_two_opportunities(self, opportunities: OpportunityRepository) -> None:
        account = self.new_account()
        first = self.new_opportunity(account, OrderType.SIM, Stage.READY)
        second = self.new_opportunity(account, OrderType.VPN, Stage.READY)
        both(lambda: opportunities.move(first, Stage.VOID), lambda: opportunities.move(second, Stage.ACTIVE))
        assert self.opportunity_in_org(first).stage == Stage.VOID
        assert self.opportunity_in_org(second).stage == Stage.ACTIVE
