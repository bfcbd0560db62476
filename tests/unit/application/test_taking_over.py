"""Taking over an order that was left alone: billed once at its own prices, never what is billed already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

import attrs
import pytest

from hypothesis import given, settings
from hypothesis import strategies as st

from ordering_core import Done, HoldCode, OrderId, OrderState
from ordering_core.application.taking_over import TakeOver, look_before_taking_over, take_over
from ordering_core.domain.billing import BillingLine, NewBillingOrder
from ordering_core.domain.catalogue import Product
from ordering_core.domain.go_live import Flaw
from ordering_core.domain.identifiers import BillingOrderId, CustomerId, OrderItemId, ServiceId, Sku
from ordering_core.domain.journal import Runner
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.errors import NotFound
from ordering_core.ports.order_records import DecisionKind
from tests.unit.application.in_use import InUse
from tests.unit.application.riding import held
from tests.unit.application.shop import ESIM, place


SOMEBODYS: Final = ServiceId(77)
NOTHING: Final = frozenset[str]()
REASON: Final = "agreed with the portal before us"


def look(there: InUse, order: OrderId) -> TakeOver:
    return look_before_taking_over(
        order,
        catalogue=there.ordering.catalogue,
        orders=there.ordering.orders,
        billing=there.ordering.billing,
        services=there.services,
        store=there.store,
    )


def adopt(there: InUse, found: TakeOver, *, accepted: frozenset[str] = NOTHING, reason: str = REASON) -> None:
    take_over(
        found,
        by="operator",
        reason=reason,
        accepted=accepted,
        store=there.store,
        policy=there.ordering.policy,
        runner=Runner("the operator's"),
        at=there.world.clock.now(),
    )


def gone_live() -> InUse:
    there = InUse()
    there.carry_out()
    return there


def flaws(found: TakeOver) -> list[tuple[Flaw, str]]:
    return [(conflict.flaw, conflict.record) for conflict in found.conflicts]


def prices(there: InUse, order: OrderId) -> list[Decimal]:
    [billed] = there.world.billing.orders_of(order)
    return sorted(service.price for service in billed.services)


@settings(max_examples=12)
@given(price=st.integers(0, 50_000))
def test_an_order_taken_over_is_billed_once_at_the_prices_of_its_items_and_finished(price: int) -> None:
    there = gone_live()
    there.edit(there.approved, lambda order: priced(order, Decimal(price)))
    expected = sorted(
        line.unit_price for line in there.world.salesforce.orders[there.approved].snapshot.lines
    )
    found = look(there, there.approved)
    assert found.conflicts == ()
    adopt(there, found)
    there.run_for(timedelta(days=2))
    assert prices(there, there.approved) == expected
    assert len(there.world.opened(there.approved)) == 1
    copy, kept = there.copy(there.approved), there.case_file(there.approved)
    assert copy is not None
    assert kept is not None
    assert (copy.status.state, kept.rest) == (OrderState.ACTIVATED, Done())
    for order in there.in_flight - {there.approved}:
        assert there.world.billed(order) == ()


def test_who_took_it_over_and_why_is_kept() -> None:
    there = gone_live()
    adopt(there, look(there, there.approved))
    with there.store.transaction() as tx:
        [decision] = tx.decisions.of(there.approved)
    assert (decision.kind, decision.by, decision.reason) == (DecisionKind.ADOPTED, "operator", REASON)


def test_looking_keeps_and_changes_nothing() -> None:
    there = gone_live()
    before, outside = there.kept(), there.outside()
    for order in there.orders:
        look(there, order)
    assert (there.kept(), there.outside()) == (before, outside)


def test_an_order_that_nobody_knows_cannot_be_looked_at() -> None:
    there = gone_live()
    with pytest.raises(NotFound):
        look(there, OrderId("801999999999999AAA"))


def test_an_order_is_taken_over_once() -> None:
    there = gone_live()
    adopt(there, look(there, there.approved))
    there.run_for(timedelta(days=2))
    before = there.kept()
    again = look(there, there.approved)
    assert Flaw.TAKEN_OVER_ALREADY in {conflict.flaw for conflict in again.conflicts}
    with pytest.raises(ValueError, match="in the way"):
        adopt(there, again, accepted=frozenset({there.approved}))
    assert there.kept() == before


@pytest.mark.parametrize("reason", ["", " \n"])
def test_taking_over_needs_a_reason(reason: str) -> None:
    there = gone_live()
    before = there.kept()
    with pytest.raises(ValueError, match="needs a reason"):
        adopt(there, look(there, there.approved), reason=reason)
    assert there.kept() == before


def priced(order: OrderSnapshot, price: Decimal) -> OrderSnapshot:
    first, *others = order.lines
    return attrs.evolve(order, lines=(attrs.evolve(first, unit_price=price), *others))


def linked_order(order: OrderSnapshot) -> OrderSnapshot:
    return attrs.evolve(order, billing_order=BillingOrderId(77))


def linked_service(order: OrderSnapshot, service: ServiceId = SOMEBODYS) -> OrderSnapshot:
    first, *others = order.lines
    return attrs.evolve(order, lines=(attrs.evolve(first, service=service), *others))


def of_unknown_product(order: OrderSnapshot) -> OrderSnapshot:
    first, *others = order.lines
    return attrs.evolve(order, lines=(attrs.evolve(first, sku=Sku("OLD-PLAN")), *others))


def in_two_items(order: OrderSnapshot) -> OrderSnapshot:
    first, *others = order.lines
    return attrs.evolve(order, lines=(first, attrs.evolve(first, id=OrderItemId("802-2")), *others))


def of_quantity_two(order: OrderSnapshot) -> OrderSnapshot:
    first, *others = order.lines
    return attrs.evolve(order, lines=(attrs.evolve(first, quantity=2), *others))


def without_items(order: OrderSnapshot) -> OrderSnapshot:
    return attrs.evolve(order, lines=())


def at_half_a_yen(order: OrderSnapshot) -> OrderSnapshot:
    return priced(order, Decimal("0.5"))


def below_nothing(order: OrderSnapshot) -> OrderSnapshot:
    return priced(order, Decimal(-1))


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        (linked_order, Flaw.BILLED_ALREADY),
        (linked_service, Flaw.BILLED_ALREADY),
        (of_unknown_product, Flaw.ITEM_UNKNOWN),
        (without_items, Flaw.ITEM_UNKNOWN),
        (in_two_items, Flaw.ITEM_NOT_BILLABLE),
        (of_quantity_two, Flaw.ITEM_NOT_BILLABLE),
        (at_half_a_yen, Flaw.ITEM_NOT_BILLABLE),
        (below_nothing, Flaw.ITEM_NOT_BILLABLE),
    ],
)
def test_what_cannot_be_billed_as_it_stands_is_not_taken_over_whatever_is_accepted(
    change: Callable[[OrderSnapshot], OrderSnapshot], flaw: Flaw
) -> None:
    there = gone_live()
    there.edit(there.approved, change)
    found = look(there, there.approved)
    assert {conflict.flaw for conflict in found.conflicts} == {flaw}
    with pytest.raises(ValueError, match="in the way"):
        adopt(there, found, accepted=frozenset({there.approved}))
    there.run_for(timedelta(days=2))
    assert there.world.billed(there.approved) == ()


def test_what_is_active_or_cancelled_cannot_be_taken_over() -> None:
    there = gone_live()
    for order in (there.active, there.cancelled):
        assert (Flaw.NOT_IN_FLIGHT, order) in flaws(look(there, order))


def test_an_order_of_nobody_in_the_map_cannot_be_taken_over() -> None:
    there = InUse()
    account = there.identity(there.customers[1]).account
    there.carry_out(there.map()[2:])
    assert flaws(look(there, there.approved)) == [(Flaw.ACCOUNT_WITHOUT_CLIENT, account)]


def test_an_order_of_which_nobody_knows_the_address_cannot_be_taken_over() -> None:
    there = gone_live()
    there.edit(there.approved, lambda order: attrs.evolve(order, address=None))
    account = there.identity(there.customers[1]).account
    there.world.salesforce.edit_account(account, lambda known: attrs.evolve(known, address=None))
    found = look(there, there.approved)
    assert flaws(found) == [(Flaw.ADDRESS_MISSING, there.approved)]
    with pytest.raises(ValueError, match="in the way"):
        adopt(there, found, accepted=frozenset({there.approved}))


def test_an_order_placed_through_us_keeps_the_promise_it_was_placed_with() -> None:
    there = gone_live()
    order = place_here(there, there.customers[4])
    with there.store.transaction() as tx:
        promise = tx.requests.of_order(order)
    adopt(there, look(there, order))
    with there.store.transaction() as tx:
        assert tx.requests.of_order(order) == promise
    there.world.agent.approve(order)
    there.run_for(timedelta(days=2))
    assert len(there.world.billed(order)) == 1


def place_here(there: InUse, customer: CustomerId) -> OrderId:
    """Place an order through ordering itself."""
    session = there.ordering.begin_checkout(ESIM, customer=customer)
    there.ordering.confirm_address(session.id, customer=customer)
    order = there.ordering.submit(session.id, customer=customer).order
    assert order is not None
    return order


def other_bill(there: InUse) -> ServiceId:
    """Bill the customer for what the approved order asks for, under nobody's mark."""
    product: Product = there.ordering.catalogue.products([ESIM.skus[0]])[ESIM.skus[0]]
    line = BillingLine(
        item=OrderItemId("by-hand"),
        product=product.billing_product,
        cycle=product.cycle,
        price=product.price,
    )
    client = there.identity(there.customers[1]).client
    there.world.billing.add(
        NewBillingOrder(client=client, reference=OrderId("by-hand"), gateway="stripe", lines=(line,))
    )
    return there.world.billing.services_of(client)[-1].id


def test_a_like_service_that_no_order_names_is_in_the_way_until_it_is_said_to_be_another() -> None:
    there = gone_live()
    service = str(other_bill(there))
    found = look(there, there.approved)
    assert flaws(found) == [(Flaw.LIKE_SERVICE, service)]
    with pytest.raises(ValueError, match="in the way"):
        adopt(there, found, accepted=frozenset({there.approved}))
    adopt(there, found, accepted=frozenset({service}))
    there.run_for(timedelta(days=2))
    assert len(there.world.billed(there.approved)) == 1


def test_a_like_service_that_ended_is_in_nobodys_way() -> None:
    there = gone_live()
    other_bill(there)
    [bill] = there.world.billed(OrderId("by-hand"))
    there.world.billing.cancel_order(bill)
    assert look(there, there.approved).conflicts == ()


def test_a_like_service_that_another_order_names_is_in_nobodys_way() -> None:
    there = gone_live()
    service = other_bill(there)
    second = place(there.world, there.customers[1], ESIM)
    there.edit(second, lambda order: linked_service(order, service))
    assert look(there, there.approved).conflicts == ()


def test_our_mark_found_in_whmcs_is_gone_on_from_and_not_billed_again() -> None:
    there = gone_live()
    found = look(there, there.approved)
    lines = there.world.salesforce.orders[there.approved].snapshot.lines
    client = there.identity(there.customers[1]).client
    there.world.billing.add(
        NewBillingOrder(
            client=client,
            reference=there.approved,
            gateway="stripe",
            lines=tuple(
                BillingLine(
                    item=line.id,
                    product=found.products[line.sku].billing_product,
                    cycle=line.cycle,
                    price=line.unit_price,
                )
                for line in lines
            ),
        )
    )
    again = look(there, there.approved)
    assert again.conflicts == ()
    assert [billed.id for billed in again.billed] == list(there.world.billed(there.approved))
    adopt(there, again)
    there.run_for(timedelta(days=2))
    assert len(there.world.billed(there.approved)) == 1


def test_what_was_linked_after_it_was_taken_over_is_held_and_never_billed() -> None:
    there = gone_live()
    adopt(there, look(there, there.approved))
    there.edit(there.approved, linked_service)
    there.run_for(timedelta(days=2))
    kept = there.case_file(there.approved)
    assert kept is not None
    hold = held(kept.rest, HoldCode.OUTCOME_AMBIGUOUS)
    assert hold.facts == {"services": "77"}
    assert there.world.billed(there.approved) == ()
    there.ordering.retry(there.approved, by="operator", reason="try again")
    there.run_for(timedelta(days=1))
    assert there.world.billed(there.approved) == ()


def test_an_order_that_was_said_to_be_ours_without_a_price_goes_on_once_it_has_one() -> None:
    there = gone_live()
    there.ordering.adopt(there.approved, by="operator", reason=REASON)
    there.run_for(timedelta(days=1))
    kept = there.case_file(there.approved)
    assert kept is not None
    held(kept.rest, HoldCode.CONFIGURATION)
    adopt(there, look(there, there.approved))
    there.run_for(timedelta(days=2))
    assert len(there.world.billed(there.approved)) == 1


def test_an_order_still_in_review_waits_for_its_approval() -> None:
    there = gone_live()
    adopt(there, look(there, there.review))
    there.run_for(timedelta(days=1))
    assert there.world.billed(there.review) == ()
    there.world.agent.approve(there.review)
    there.run_for(timedelta(days=1))
    assert len(there.world.billed(there.review)) == 1
