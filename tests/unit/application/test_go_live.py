"""Beginning to work on an org that is in use: everything is shown, nothing is done, conflicts are named."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from weakref import ReferenceType, ref

import attrs
import pytest

from hypothesis import given, settings
from hypothesis import strategies as st

from ordering_adapters.memory.go_live import MemoryRecordsBefore
from ordering_core import OrderState, WaitFor
from ordering_core.domain.billing import BilledService
from ordering_core.domain.customers import Identity
from ordering_core.domain.go_live import REMEDIES, Conflict, Flaw, Standing
from ordering_core.domain.identifiers import AccountId, ClientId, CustomerId, OrderId, ServiceId
from ordering_core.domain.journal import Fact
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.errors import Conflict as TooLate
from ordering_core.ports.store import Store, Transaction
from tests.unit.application.in_use import InUse
from tests.unit.application.riding import Crash
from tests.unit.application.shop import ESIM, place


def flaws(conflicts: tuple[Conflict, ...]) -> list[tuple[Flaw, str]]:
    return [(conflict.flaw, conflict.record) for conflict in conflicts]


def test_a_look_counts_everything_and_keeps_and_changes_nothing() -> None:
    there = InUse()
    before, outside = there.kept(), there.outside()
    found = there.plan()
    assert (found.mapped, found.new, found.accounts) == (5, 5, 4)
    assert found.orders == {
        Standing.LIVE: 1,
        Standing.ENDED: 1,
        Standing.LEFT_ALONE: 3,
        Standing.OURS: 0,
    }
    assert found.conflicts == ()
    assert found.ours == ()
    assert (there.kept(), there.outside()) == (before, outside)


def test_every_order_is_shown_to_its_customer_and_none_is_provisioned_or_told_of() -> None:
    there = InUse()
    outside, told = there.outside(), len(there.world.notifications.sent)
    there.carry_out()
    there.run_for(timedelta(days=3))
    one = there.ordering.list_orders(customer=there.customers[0])
    assert {summary.id for summary in one.orders} == {there.active, there.cancelled}
    states = {order: copy.status.state for order in there.orders if (copy := there.copy(order))}
    assert states == {
        there.active: OrderState.ACTIVATED,
        there.cancelled: OrderState.CANCELLED,
        there.waiting: OrderState.APPROVED,
        there.approved: OrderState.APPROVED,
        there.review: OrderState.UNDER_REVIEW,
    }
    for order in there.in_flight:
        kept = there.case_file(order)
        assert kept is not None
        assert kept.rest == WaitFor(Fact.ADOPTION)
    assert there.outside() == outside
    assert len(there.world.notifications.sent) == told


def test_a_first_visit_after_the_go_live_asks_nobody() -> None:
    there = InUse()
    there.carry_out()
    before = there.world.faults.counts().get("orders.of_account", 0)
    assert there.ordering.list_orders(customer=there.customers[1]).total == 1
    assert there.world.faults.counts().get("orders.of_account", 0) == before


def test_what_is_in_flight_rests_from_the_beginning_and_nobody_has_to_run_it() -> None:
    there = InUse()
    there.carry_out()
    for order in there.in_flight:
        kept = there.case_file(order)
        assert kept is not None
        assert kept.rest == WaitFor(Fact.ADOPTION)
    assert there.ordering.sweep() == 0
    assert there.queue.next_due() is None


def test_taking_everything_in_twice_is_the_same_as_once() -> None:
    there = InUse()
    there.carry_out()
    before = there.kept()
    there.world.clock.advance(timedelta(hours=1))
    there.carry_out()
    assert there.kept() == before
    assert there.plan().new == 0
    assert there.plan().conflicts == ()


def going_live_in_two_hours() -> InUse:
    there = InUse()
    begins = there.world.clock.now() + timedelta(hours=2)
    policy = attrs.evolve(there.ordering.policy, provisioning_not_before=begins)
    there.ordering = attrs.evolve(there.ordering, policy=policy)
    return there


@pytest.mark.parametrize("again", [False, True])
def test_what_changes_between_the_taking_in_and_the_first_start_is_seen(again: bool) -> None:
    there = going_live_in_two_hours()
    there.carry_out()
    there.world.clock.advance(timedelta(hours=1))
    there.world.agent.cancel(there.approved)
    new = place(there.world, there.customers[4], ESIM)
    if again:
        there.carry_out()
    there.world.clock.advance(timedelta(hours=1))
    there.run_for(timedelta(days=1))
    copy = there.copy(there.approved)
    assert copy is not None
    assert copy.status.state is OrderState.CANCELLED
    kept = there.case_file(new)
    assert kept is not None
    assert kept.rest == WaitFor(Fact.ADOPTION)


def test_taking_in_leaves_a_poll_that_has_a_place_where_it_is() -> None:
    there = going_live_in_two_hours()
    there.ordering.reconcile()
    missed = place(there.world, there.customers[4], ESIM)
    there.world.clock.advance(timedelta(hours=1))
    there.edit(there.approved, lambda order: order)
    there.carry_out([])
    there.world.agent.cancel(missed)
    assert there.ordering.reconcile() > 0
    copy = there.copy(missed)
    assert copy is not None
    assert copy.status.state is OrderState.REJECTED


def test_an_org_without_orders_is_polled_from_its_first_one_on() -> None:
    there = going_live_in_two_hours()
    orders = dict(there.world.salesforce.orders)
    there.world.salesforce.orders.clear()
    there.carry_out([])
    there.world.salesforce.orders.update(orders)
    there.world.clock.advance(timedelta(hours=2))
    there.ordering.reconcile()
    assert there.copy(there.active) is not None


class Dying(Store):
    """A store whose process dies before, or right after, one of its transactions is committed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.left: int | None = None
        self.committed = False

    @contextmanager
    def transaction(self) -> Generator[Transaction]:
        last = self.left == 0
        with self.store.transaction() as tx:
            yield tx
            if last and not self.committed:
                raise Crash
        if last:
            raise Crash
        if self.left is not None:
            self.left -= 1


@settings(max_examples=18)
@given(transactions=st.integers(0, 8), committed=st.booleans())
def test_a_go_live_that_was_killed_goes_on_to_the_same_end(transactions: int, committed: bool) -> None:
    whole = InUse()
    whole.carry_out()
    stores: list[Dying] = []

    def dying(store: Store) -> Store:
        stores.append(Dying(store))
        return stores[0]

    there = InUse(kept_in=dying)
    stores[0].left, stores[0].committed = transactions, committed
    try:
        there.carry_out()
    except Crash:
        stores[0].left = None
        there.carry_out()
    assert there.kept() == whole.kept()


def test_a_killed_go_live_does_not_read_again_what_it_took_in() -> None:
    stores: list[Dying] = []

    def dying(store: Store) -> Store:
        stores.append(Dying(store))
        return stores[0]

    there = InUse(kept_in=dying)
    stores[0].left, stores[0].committed = 4, True
    with pytest.raises(Crash):
        there.carry_out()
    stores[0].left = None
    asked: list[AccountId | None] = []
    read = there.records

    class Noting(MemoryRecordsBefore):
        def orders(self, *, after: AccountId | None = None) -> Iterator[tuple[OrderSnapshot, ...]]:
            asked.append(after)
            return read.orders(after=after)

    there.records = Noting(there.world.salesforce)
    there.carry_out()
    assert asked[0] is not None
    there.carry_out(there.map()[:4])
    assert None in asked, "another map begins anew"


def test_what_is_known_here_already_is_left_to_those_who_read_it_since() -> None:
    there = InUse()
    there.ordering.observe(there.approved, cause="changed:1")
    before = there.case_file(there.approved)
    there.carry_out()
    assert there.case_file(there.approved) == before


def test_an_order_placed_through_us_is_named_and_stays_ours() -> None:
    there = InUse()
    there.carry_out()
    customer = there.customers[4]
    session = there.ordering.begin_checkout(ESIM, customer=customer)
    there.ordering.confirm_address(session.id, customer=customer)
    order = there.ordering.submit(session.id, customer=customer).order
    assert order is not None
    found = there.plan()
    assert found.ours == (order,)
    assert found.orders[Standing.OURS] == 1
    assert found.conflicts == ()
    there.carry_out()
    there.world.agent.approve(order)
    there.run_for(timedelta(days=2))
    assert len(there.world.billed(order)) == 1


Break = Callable[[InUse], tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]]


def client_claimed_twice(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    lines = there.map()
    taken = attrs.evolve(lines[4], client=lines[0].client)
    return (*lines[:4], taken), [(Flaw.CLIENT_TWICE, str(lines[0].client))]


def account_claimed_twice(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    lines = there.map()
    other = there.world.billing.new_client()
    doubled = attrs.evolve(lines[0], customer=CustomerId("somebody-else"), client=other)
    return (*lines, doubled), [(Flaw.ACCOUNT_TWICE, lines[0].account)]


def customer_twice(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    lines = there.map()
    changed = attrs.evolve(lines[1], customer=lines[0].customer)
    return (lines[0], changed, *lines[2:]), [(Flaw.CUSTOMER_TWICE, lines[0].customer)]


def account_without_client(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    lines = there.map()
    return lines[1:], [(Flaw.ACCOUNT_WITHOUT_CLIENT, lines[0].account)]


def account_gone(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    lines = there.map()
    gone = AccountId("001999999999999AAA")
    return (*lines[:4], attrs.evolve(lines[4], account=gone)), [(Flaw.ACCOUNT_NOT_FOUND, gone)]


def number_of_another(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    lines = there.map()
    changed = attrs.evolve(lines[4], customer_number="C999999")
    return (*lines[:4], changed), [(Flaw.NUMBER_DIFFERS, lines[4].account)]


def client_gone(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    lines = there.map()
    return (*lines[:4], attrs.evolve(lines[4], client=ClientId(1))), [(Flaw.CLIENT_NOT_FOUND, "1")]


def client_of_an_active_order_gone(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    lines = there.map()
    return (attrs.evolve(lines[0], client=ClientId(1)), *lines[1:]), [(Flaw.CLIENT_NOT_FOUND, "1")]


def mapped_differently(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    lines = there.map()
    with there.store.transaction() as tx:
        tx.identities.put(attrs.evolve(lines[4], customer=CustomerId("somebody-else")))
    return lines, [(Flaw.MAPPED_DIFFERENTLY, lines[4].account)]


def active_without_service(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    there.edit(there.active, lambda order: with_services(order, None))
    return there.map(), [(Flaw.SERVICE_NOT_LINKED, there.active)]


def service_missing(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    there.edit(there.active, lambda order: with_services(order, ServiceId(7)))
    opportunity = there.world.salesforce.orders[there.active].snapshot.opportunity
    assert opportunity is not None
    return there.map(), [
        (Flaw.SERVICE_MISSING, there.active),
        (Flaw.OPPORTUNITY_DIFFERS, opportunity),
    ]


def service_of_another(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    lines = there.map()
    swapped = attrs.evolve(lines[0], client=lines[4].client), attrs.evolve(lines[4], client=lines[0].client)
    return (swapped[0], *lines[1:4], swapped[1]), [(Flaw.SERVICE_OF_ANOTHER, there.active)] * 2


def service_ended(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    there.world.billing.cancel_order(there.world.billed(there.active)[0])
    return there.map(), [(Flaw.SERVICE_ENDED, there.active)] * 2


def service_twice(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    service = service_of(there)
    again = place(there.world, there.customers[0], ESIM)
    there.edit(again, lambda order: with_services(order, service))
    return there.map(), [(Flaw.SERVICE_TWICE, str(service))]


def opportunity_shared(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    opportunity = there.world.salesforce.orders[there.active].snapshot.opportunity
    assert opportunity is not None
    again = place(there.world, there.customers[0], ESIM)
    there.edit(again, lambda order: attrs.evolve(order, opportunity=opportunity))
    return there.map(), [(Flaw.OPPORTUNITY_SHARED, opportunity)]


def unknown_status(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    there.edit(there.approved, lambda order: attrs.evolve(order, status="On Ice"))
    return there.map(), [(Flaw.UNKNOWN_TEXT, there.approved)]


def unknown_activation(there: InUse) -> tuple[tuple[Identity, ...], list[tuple[Flaw, str]]]:
    there.world.agent.set_activation(there.approved, "Almost")
    return there.map(), [(Flaw.UNKNOWN_TEXT, there.approved)]


BREAKS: Final[tuple[Break, ...]] = (
    client_claimed_twice,
    account_claimed_twice,
    customer_twice,
    account_without_client,
    account_gone,
    number_of_another,
    client_gone,
    client_of_an_active_order_gone,
    mapped_differently,
    active_without_service,
    service_missing,
    service_of_another,
    service_ended,
    service_twice,
    opportunity_shared,
    unknown_status,
    unknown_activation,
)


def service_of(there: InUse) -> ServiceId:
    found = [line.service for line in there.world.salesforce.orders[there.active].snapshot.lines]
    assert found[0] is not None
    return found[0]


def with_services(order: OrderSnapshot, service: ServiceId | None) -> OrderSnapshot:
    """Return *order* with *service* at its first item, and none at the others."""
    first, *others = order.lines
    rest = (attrs.evolve(line, service=None) for line in others)
    return attrs.evolve(order, lines=(attrs.evolve(first, service=service), *rest))


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.__name__)
def test_what_does_not_fit_is_named_by_its_record_and_is_in_the_way_until_accepted(broken: Break) -> None:
    there = InUse()
    lines, expected = broken(there)
    found = there.plan(lines)
    assert set(flaws(found.conflicts)) == set(expected)
    assert found.in_the_way(frozenset()) == found.conflicts
    records = {record for _, record in expected}
    assert found.in_the_way(records) == ()
    assert all(REMEDIES[conflict.flaw] for conflict in found.conflicts)


def test_a_line_of_which_an_id_is_accepted_is_left_out_and_the_others_are_taken_in() -> None:
    there = InUse()
    lines, [(_, client)] = client_claimed_twice(there)
    there.carry_out(lines, accepted=[client])
    with there.store.transaction() as tx:
        kept = {line.customer for line in lines if tx.identities.of_customer(line.customer)}
    assert kept == set(there.customers[1:4])
    assert there.copy(there.active) is not None, "an order is read and shown whatever is wrong with it"


def test_a_line_that_was_mapped_differently_meanwhile_is_never_written_over() -> None:
    there = InUse()
    lines, _ = mapped_differently(there)
    there.ordering.reconcile()
    before = there.kept()
    with pytest.raises(TooLate):
        there.carry_out(lines)
    assert there.kept() == before


def test_a_cancelled_order_needs_no_client() -> None:
    there = InUse()
    for order in (there.active, there.cancelled):
        there.world.agent.cancel(order)
    assert there.plan(there.map()[1:]).conflicts == ()


def test_the_service_of_a_contract_that_was_cancelled_has_ended_rightly() -> None:
    there = InUse()
    there.world.billing.cancel_order(there.world.billed(there.active)[0])
    opportunity = there.world.salesforce.orders[there.active].snapshot.opportunity
    assert opportunity is not None
    record = there.world.salesforce.opportunities[opportunity]
    ended = attrs.evolve(record.opportunity, stage="Cancelled")
    there.world.salesforce.save_opportunity(attrs.evolve(record, opportunity=ended))
    assert there.plan().conflicts == ()


def test_a_suspended_service_is_no_conflict() -> None:
    there = InUse()
    for service, known in list(there.world.billing._services.items()):
        suspended: BilledService = attrs.evolve(known, status="Suspended")
        there.world.billing._services[service] = suspended
    assert there.plan().conflicts == ()


def test_an_unknown_stage_counts_where_an_order_lives_on_it() -> None:
    there = InUse()
    opportunity = there.world.salesforce.orders[there.approved].snapshot.opportunity
    assert opportunity is not None
    record = there.world.salesforce.opportunities[opportunity]
    odd = attrs.evolve(record.opportunity, stage="Nearly")
    there.world.salesforce.save_opportunity(attrs.evolve(record, opportunity=odd))
    assert flaws(there.plan().conflicts) == [(Flaw.UNKNOWN_TEXT, opportunity)]
    there.world.agent.cancel(there.approved)
    assert there.plan().conflicts == ()


def test_every_flaw_has_a_way_out() -> None:
    assert set(REMEDIES) == set(Flaw)


class Many(MemoryRecordsBefore):
    """An org of many Accounts with one order each, which knows how many batches of them are held."""

    def __init__(self, there: InUse, accounts: int) -> None:
        super().__init__(there.world.salesforce)
        self._order = there.world.salesforce.orders[there.review].snapshot
        self._accounts = accounts
        self._read: list[ReferenceType[OrderSnapshot]] = []
        self.most_held = 0

    def orders(self, *, after: AccountId | None = None) -> Iterator[tuple[OrderSnapshot, ...]]:
        for number in range(self._accounts):
            account = AccountId(f"001{number:012d}AAA")
            if after is None or account > after:
                self.most_held = max(self.most_held, sum(each() is not None for each in self._read))
                yield self._batch(account, number)

    def _batch(self, account: AccountId, number: int) -> tuple[OrderSnapshot, ...]:
        made = attrs.evolve(
            self._order, id=OrderId(f"801{number:012d}AAA"), account=account, opportunity=None
        )
        self._read.append(ref(made))
        return (made,)


def test_a_look_holds_no_more_of_many_orders_than_of_few() -> None:
    there = InUse()
    many = Many(there, 300)
    there.records = many
    found = there.plan([])
    assert found.orders[Standing.LEFT_ALONE] == 300
    assert {conflict.flaw for conflict in found.conflicts} == {Flaw.ACCOUNT_WITHOUT_CLIENT}
    assert many.most_held <= 2
