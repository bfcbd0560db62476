"""The contract of an order repository: writing back what provisioning did."""

from __future__ import annotations

from functools import partial

import attrs
import pytest

from ordering_core.domain.identifiers import (
    BillingOrderId,
    OrderItemId,
    ServiceId,
    Version,
)
from ordering_core.domain.orders import ActivationFields, OrderWrite
from ordering_core.domain.vocabulary import OrderStatusText, Stage
from ordering_core.errors import Conflict, Refused
from ordering_core.ports.orders import OrderRepository
from ordering_core.testing.contracts.order_base import (
    ACTIVATING,
    NOON,
    UNKNOWN,
    OrderContract,
)
from ordering_core.testing.contracts.outside import HOUSE, both


class OrderWritingContract(OrderContract):
    """How orders are written, all or nothing."""

    def test_a_write_replaces_the_activation_fields(self, orders: OrderRepository) -> None:
        order = self.placed(orders).snapshot.id
        for fields in (
            ActivationFields(status="Scheduled", scheduled_at=NOON),
            ActivationFields(error_code="SIM_CARD_UNUSABLE", error_message="the card is used elsewhere"),
            ActivationFields(),
        ):
            written = orders.write(OrderWrite(order=order, activation=fields))
            assert written.activation == fields
            assert written == orders.read(order)

    def test_what_a_write_does_not_name_stays(self, orders: OrderRepository) -> None:
        placed = self.placed(orders)
        before = placed.snapshot
        item = before.lines[0].id
        first = orders.write(
            OrderWrite(
                order=before.id,
                activation=ACTIVATING,
                last_attempt_at=NOON,
                billing_order=BillingOrderId(501),
                services={item: ServiceId(9001)},
                stage=Stage.ACTIVE,
                opportunity_service=ServiceId(9001),
                mnp_application="Done",
            )
        )
        second = orders.write(OrderWrite(order=before.id, activation=ACTIVATING))
        assert attrs.evolve(second, version=first.version) == first
        assert (second.last_attempt_at, second.billing_order) == (NOON, BillingOrderId(501))
        assert second.mnp_application == "Done"
        assert [line.service for line in second.lines if line.id == item] == [ServiceId(9001)]
        assert (second.status, second.draft, second.address) == (before.status, before.draft, HOUSE)
        opportunity = self.opportunity_in_org(placed.opportunity)
        assert (opportunity.stage, opportunity.service) == (Stage.ACTIVE, ServiceId(9001))

    def test_every_item_gets_its_own_service(self, orders: OrderRepository) -> None:
        lines = self.placed(orders).snapshot
        services = {line.id: ServiceId(9001 + place) for place, line in enumerate(lines.lines)}
        written = orders.write(OrderWrite(order=lines.id, activation=ACTIVATING, services=services))
        assert {line.id: line.service for line in written.lines} == services

    def test_writing_the_same_again_is_the_same_as_once(self, orders: OrderRepository) -> None:
        placed = self.placed(orders)
        write = OrderWrite(
            order=placed.snapshot.id,
            activation=ActivationFields(status="Activated"),
            services={placed.snapshot.lines[0].id: ServiceId(9001)},
            stage=Stage.ACTIVE,
            opportunity_service=ServiceId(9001),
        )
        first = orders.write(write)
        assert attrs.evolve(orders.write(write), version=first.version) == first

    def test_a_write_on_the_version_it_read_gets_through(self, orders: OrderRepository) -> None:
        read = self.placed(orders).snapshot
        write = OrderWrite(order=read.id, activation=ACTIVATING, if_version=read.version)
        assert orders.write(write).activation == ACTIVATING

    def test_a_write_on_another_version_writes_nothing(self, orders: OrderRepository) -> None:
        placed = self.placed(orders)
        self.set_status(placed.snapshot.id, OrderStatusText.CANCELLED)
        before = orders.read(placed.snapshot.id)
        with pytest.raises(Conflict):
            orders.write(
                OrderWrite(
                    order=placed.snapshot.id,
                    activation=ACTIVATING,
                    stage=Stage.ACTIVE,
                    if_version=placed.snapshot.version,
                )
            )
        assert orders.read(placed.snapshot.id) == before
        assert self.opportunity_in_org(placed.opportunity).stage == Stage.POST_PROCESSING

    def test_a_service_is_never_written_over_another(self, orders: OrderRepository) -> None:
        placed = self.placed(orders)
        order, item = placed.snapshot.id, placed.snapshot.lines[0].id
        linked = OrderWrite(
            order=order,
            activation=ACTIVATING,
            services={item: ServiceId(9001)},
            opportunity_service=ServiceId(9001),
        )
        before = orders.write(linked)
        for other in (
            attrs.evolve(linked, activation=ActivationFields(), services={item: ServiceId(9002)}),
            attrs.evolve(linked, activation=ActivationFields(), opportunity_service=ServiceId(9002)),
        ):
            with pytest.raises(Refused) as refusal:
                orders.write(other)
            assert refusal.value.code == "SERVICE_ID_DIFFERS"
            assert orders.read(order) == before

    def test_writing_to_what_is_not_there_is_refused(self, orders: OrderRepository) -> None:
        before = self.placed(orders).snapshot
        with pytest.raises(Refused):
            orders.write(OrderWrite(order=UNKNOWN, activation=ACTIVATING))
        with pytest.raises(Refused):
            orders.write(
                OrderWrite(
                    order=before.id,
                    activation=ACTIVATING,
                    services={OrderItemId("802000000000999AAA"): ServiceId(9001)},
                )
            )
        assert orders.read(before.id) == before

    def test_a_version_that_never_was_conflicts(self, orders: OrderRepository) -> None:
        read = self.placed(orders).snapshot
        with pytest.raises(Conflict):
            orders.write(OrderWrite(order=read.id, activation=ACTIVATING, if_version=Version("never")))

    def test_writing_while_salesforce_is_down_writes_nothing(self, orders: OrderRepository) -> None:
        before = self.placed(orders).snapshot
        self.down("write", lambda: orders.write(OrderWrite(order=before.id, activation=ACTIVATING)))
        assert orders.read(before.id) == before

    def test_a_write_whose_reply_was_lost_is_there(self, orders: OrderRepository) -> None:
        order = self.placed(orders).snapshot.id
        self.reply_lost("write", lambda: orders.write(OrderWrite(order=order, activation=ACTIVATING)))
        read = orders.read(order)
        assert read is not None
        assert read.activation == ACTIVATING

    def test_a_slow_write_arrives_unless_it_was_overtaken(self, orders: OrderRepository) -> None:
        first, second = self.placed(orders, "key-1").snapshot, self.placed(orders, "key-2").snapshot
        for order in (first, second):
            write = OrderWrite(order=order.id, activation=ACTIVATING, if_version=order.version)
            self.slow("write", partial(orders.write, write))
        self.set_status(second.id, OrderStatusText.CANCELLED)
        self.let_late_work_arrive()
        read = [orders.read(order.id) for order in (first, second)]
        assert [order and order.activation for order in read] == [ACTIVATING, ActivationFields()]

    def test_of_two_writes_on_one_version_one_gets_through(self, orders: OrderRepository) -> None:
        read = self.placed(orders).snapshot
        written: list[ActivationFields] = []
        conflicts: list[Conflict] = []

        def write(fields: ActivationFields) -> None:
            try:
                orders.write(OrderWrite(order=read.id, activation=fields, if_version=read.version))
                written.append(fields)
            except Conflict as conflict:
                conflicts.append(conflict)

        both(lambda: write(ACTIVATING), lambda: write(ActivationFields(status="Scheduled")))
        assert (len(written), len(conflicts)) == (1, 1)
        assert [order.activation for order in (orders.read(read.id),) if order] == written
