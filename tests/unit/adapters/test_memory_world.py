"""A whole ordering system in memory: its customers, its hints, its work."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Thread

import pytest

from ordering_adapters.memory import (
    SMALL_CATALOGUE,
    HintKind,
    MemoryWorld,
    in_memory_ordering,
)
from ordering_core.domain.billing import BillingLine, NewBillingOrder
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.identifiers import BillingProductId, CustomerId, OrderId, OrderItemId, Sku
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.domain.lines import LineRequest
from ordering_core.domain.policy import Policy
from ordering_core.domain.values import Eid
from ordering_core.domain.vocabulary import BillingCycle, OrderType
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.faults import Fault, Moment
from ordering_core.testing.world import World


START = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)
EID = "89049032000001000000012345678954"
DRAFT = SimDraft(
    skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")),
    sim_type="eSIM",
    eid=EID,
    activation_type="Immediate",
)


@pytest.fixture
def world() -> MemoryWorld[ManualClock]:
    return MemoryWorld(clock=ManualClock(START))


def placed(world: MemoryWorld[ManualClock], customer: CustomerId) -> OrderId:
    session = world.ordering.begin_checkout(DRAFT, customer=customer)
    world.ordering.confirm_address(session.id, customer=customer)
    order = world.ordering.submit(session.id, customer=customer).order
    assert order is not None
    return order


def test_it_is_a_world_for_the_shipped_machines() -> None:
    world: World = MemoryWorld(clock=ManualClock(START))
    world.new_customer()
    assert world.run_due() == 0


# Customers


@pytest.mark.parametrize("apartment", [True, False])
def test_customers_are_distinct_and_reachable_by_letter(
    world: MemoryWorld[ManualClock], apartment: bool
) -> None:
    customers = [world.new_customer(apartment=apartment) for _ in range(100)]
    accounts = [world.salesforce.accounts[world.account_of(customer)] for customer in customers]
    addresses = {account.address for account in accounts if account.address}
    assert len(set(customers)) == len({account.id for account in accounts}) == len(addresses) == 100
    assert (
        len({account.email for account in accounts}) == len({account.number for account in accounts}) == 100
    )
    assert len({world.client_of(customer) for customer in customers}) == 100
    assert not any(address.missing_fields(apartment=apartment) for address in addresses)
    assert {bool(address.building and address.room) for address in addresses} == {apartment}


def test_a_customer_is_known_under_all_three_ids(world: MemoryWorld[ManualClock]) -> None:
    customer = world.new_customer()
    with world.store.transaction() as tx:
        identity = tx.identities.of_customer(customer)
    assert identity is not None
    assert (identity.account, identity.client) == (world.account_of(customer), world.client_of(customer))
    address = world.salesforce.accounts[identity.account].address
    assert world.billing.client(identity.client).address == address


@pytest.mark.parametrize("given", [True, False])
def test_a_customer_has_what_was_asked_for(world: MemoryWorld[ManualClock], given: bool) -> None:
    customer = world.new_customer(with_payment_method=given, verified=given)
    identity = world.salesforce.accounts[world.account_of(customer)].identity
    assert (identity.status == "Verified", identity.verified_at == START) == (given, given)
    assert bool(world.billing.payment_methods(world.client_of(customer))) is given


def test_a_payment_method_is_of_the_policys_gateway() -> None:
    world = MemoryWorld(clock=ManualClock(START), policy=Policy(whmcs_gateway="paypay"))
    (method,) = world.billing.payment_methods(world.client_of(world.new_customer()))
    assert method.counts(gateway="paypay", at=START)


def test_customers_are_made_by_many_threads(world: MemoryWorld[ManualClock]) -> None:
    made: list[CustomerId] = []
    threads = [Thread(target=lambda: made.extend(world.new_customer() for _ in range(10))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == len({world.account_of(customer) for customer in made}) == 40


# Work


def test_hints_are_observed_and_work_is_run_until_nothing_is_due(world: MemoryWorld[ManualClock]) -> None:
    customer = world.new_customer()
    order = placed(world, customer)
    world.agent.set_status(order, "Pending Review")
    assert world.run_due() >= 1
    assert world.hints.take() == ()
    due = world.queue.next_due()
    assert due is None or due > START


def test_a_hint_that_could_not_be_observed_is_kept(world: MemoryWorld[ManualClock]) -> None:
    order = placed(world, world.new_customer())
    world.run_due()
    world.agent.approve(order)
    world.faults.set("orders.read", Fault.DOWN, times=100)
    world.faults.set("orders.provisioning_facts", Fault.DOWN, times=100)
    world.run_due()
    world.faults.clear()
    kept = world.hints.take()
    assert {hint.order for hint in kept} == {order}
    assert any(hint.id.startswith(HintKind.PROVISION_REQUESTED) for hint in kept)


def test_a_crash_while_observing_leaves_the_hint(world: MemoryWorld[ManualClock]) -> None:
    order = placed(world, world.new_customer())
    world.run_due()

    def crash() -> None:
        raise KeyboardInterrupt

    for operation in ("orders.read", "orders.provisioning_facts"):
        world.faults.hook(operation, Moment.BEFORE, crash)
    world.agent.approve(order)
    with pytest.raises(KeyboardInterrupt):
        world.run_due()
    assert len(world.hints.take()) == 2


def test_work_that_triggers_itself_for_ever_is_an_error(
    world: MemoryWorld[ManualClock], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ordering_adapters.memory.world.MOST_ROUNDS", 3)
    subject = Subject(SubjectKind.ONBOARDING, "nobody")
    rounds: list[int] = []

    def again(_: object) -> None:
        rounds.append(1)
        with world.store.transaction() as tx:
            tx.trigger(subject, cause=f"round {len(rounds)}")

    again(subject)
    monkeypatch.setattr(type(world.ordering), "run", lambda _, subject: again(subject))
    with pytest.raises(RuntimeError, match="without an end"):
        world.run_due()


def test_late_work_arrives_when_the_world_runs(world: MemoryWorld[ManualClock]) -> None:
    order = OrderId("801-1")
    world.faults.set("lines.submit", Fault.SLOW)
    with pytest.raises(Exception, match="no reply in time"):
        world.lines.submit(LineRequest(mark=order, network_plan="P", voice=True, eid=Eid(EID)))
    assert world.opened(order) == ()
    world.clock.advance(timedelta(minutes=1))
    world.run_due()
    assert len(world.opened(order)) == 1


def test_everything_billed_is_seen_cancelled_or_not(world: MemoryWorld[ManualClock]) -> None:
    client = world.client_of(world.new_customer())
    order = OrderId("801-1")
    line = BillingLine(
        item=OrderItemId("802-1"),
        product=BillingProductId(1),
        cycle=BillingCycle.MONTHLY,
        price=Decimal(1),
    )
    bill = NewBillingOrder(client=client, reference=order, gateway="stripe", lines=(line,))
    first, second = world.billing.add(bill), world.billing.add(bill)
    world.billing.cancel_order(first)
    assert world.billed(order) == (first, second)


# The system alone


def test_the_system_alone_runs_on_the_machines_clock_with_names_nobody_guesses() -> None:
    first, second = in_memory_ordering(), in_memory_ordering()
    assert first.catalogue_for(OrderType.SIM).products
    assert first.begin_checkout(DRAFT).id != second.begin_checkout(DRAFT).id


def test_a_world_is_the_same_in_every_run() -> None:
    first, second = (MemoryWorld(clock=ManualClock(START)) for _ in range(2))
    assert first.ordering.begin_checkout(DRAFT).id == second.ordering.begin_checkout(DRAFT).id


def test_the_small_catalogue_sells_every_type_and_keeps_its_bundles() -> None:
    assert all(SMALL_CATALOGUE.of_type(order_type) for order_type in OrderType)
    assert all(
        product.bundles <= SMALL_CATALOGUE.products.keys() for product in SMALL_CATALOGUE.products.values()
    )
    billed = [product.billing_product for product in SMALL_CATALOGUE.products.values()]
    assert len(set(billed)) == len(billed)
