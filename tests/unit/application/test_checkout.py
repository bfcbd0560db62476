from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from ordering_core import (
    CheckoutClosed,
    CheckoutExpired,
    CheckoutSession,
    CustomerId,
    NotFound,
    OrderRejected,
    Policy,
    SessionId,
    Sku,
)
from ordering_core.errors import Conflict
from tests.unit.application.shop import (
    ESIM,
    OTHER_ADDRESS,
    PHYSICAL,
    ROUTER,
    World,
    new_world,
    picture,
    ready_checkout,
)


TTL = Policy().checkout_ttl
MOMENT = timedelta(microseconds=1)

Use = Callable[[World, SessionId, CustomerId], object]

OWNERS_USES: list[Use] = [
    lambda world, session, customer: world.ordering.checkout(session, customer=customer),
    lambda world, session, customer: world.ordering.change_checkout(session, PHYSICAL, customer=customer),
    lambda world, session, customer: world.ordering.requirements(session, customer=customer),
    lambda world, session, customer: world.ordering.confirm_address(session, customer=customer),
    lambda world, session, customer: world.ordering.update_address(session, OTHER_ADDRESS, customer=customer),
    lambda world, session, customer: world.ordering.request_eligibility(session, customer=customer),
    lambda world, session, customer: world.ordering.submit(session, customer=customer),
]
NAMES = ["read", "change", "review", "confirm", "update", "eligibility", "submit"]
CHANGES: list[Use] = [OWNERS_USES[1], OWNERS_USES[3], OWNERS_USES[4]]


def test_a_picture_shows_what_changes() -> None:
    world = new_world()
    before = picture(world)
    assert picture(world) == before
    world.ordering.begin_checkout(ESIM)
    assert picture(world) != before


def test_a_session_keeps_the_cart_and_the_prices_that_were_shown() -> None:
    world = new_world()
    session = world.ordering.begin_checkout(ESIM)
    assert session.draft == ESIM
    assert session.prices == {Sku("SIM-DATA-5GB"): Decimal(980), Sku("SIM-ACTIVATION"): Decimal(1500)}
    assert session.owner is None
    assert world.ordering.checkout(session.id, customer=None) == session


@pytest.mark.parametrize("use", OWNERS_USES, ids=NAMES)
def test_a_stranger_cannot_tell_anothers_session_from_none_and_writes_nothing(use: Use) -> None:
    world = new_world()
    owner, stranger = world.new_customer(), world.new_customer()
    session = world.ordering.begin_checkout(ESIM, customer=owner)
    before = picture(world)
    told = []
    for wanted in (session.id, SessionId("no-such-session")):
        with pytest.raises(NotFound) as caught:
            use(world, wanted, stranger)
        told.append((type(caught.value), str(caught.value), caught.value.args))
    assert told[0] == told[1]
    assert picture(world) == before


def test_without_login_nobody_reaches_a_customers_session_and_a_customer_no_anonymous_one() -> None:
    world = new_world()
    customer = world.new_customer()
    anonymous = world.ordering.begin_checkout(ESIM)
    owned = world.ordering.begin_checkout(ESIM, customer=customer)
    with pytest.raises(NotFound):
        world.ordering.checkout(owned.id, customer=None)
    with pytest.raises(NotFound):
        world.ordering.checkout(anonymous.id, customer=customer)


def test_adopting_keeps_the_cart_and_changes_the_name_of_the_session() -> None:
    world = new_world()
    customer = world.new_customer()
    anonymous = world.ordering.begin_checkout(ESIM)
    owned = world.ordering.adopt_checkout(anonymous.id, customer=customer)
    assert owned.id != anonymous.id
    assert (owned.draft, owned.prices, owned.request_key) == (
        anonymous.draft,
        anonymous.prices,
        anonymous.request_key,
    )
    assert world.ordering.checkout(owned.id, customer=customer) == owned
    for who in (None, customer, world.new_customer()):
        with pytest.raises(NotFound):
            world.ordering.checkout(anonymous.id, customer=who)


def test_an_adopted_session_cannot_be_adopted_by_another() -> None:
    world = new_world()
    owner, thief = world.new_customer(), world.new_customer()
    owned = world.ordering.adopt_checkout(world.ordering.begin_checkout(ESIM).id, customer=owner)
    before = picture(world)
    for session in (owned.id, SessionId("no-such-session")):
        with pytest.raises(NotFound, match="no such checkout session"):
            world.ordering.adopt_checkout(session, customer=thief)
    assert picture(world) == before


def test_a_change_takes_the_new_cart_at_todays_prices_and_keeps_the_confirmed_address() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    changed = world.ordering.change_checkout(session.id, ROUTER, customer=customer)
    assert changed.draft == ROUTER
    assert set(changed.prices) == set(ROUTER.skus)
    assert changed.address_confirmed


def test_a_wrong_change_leaves_the_session_as_it_was() -> None:
    world = new_world()
    session = world.ordering.begin_checkout(ESIM)
    before = picture(world)
    with pytest.raises(OrderRejected):
        world.ordering.change_checkout(session.id, attrs.evolve(ESIM, eid=None), customer=None)
    assert picture(world) == before


@pytest.mark.parametrize("use", OWNERS_USES, ids=NAMES)
def test_a_session_ends_with_its_time_and_not_a_moment_before(use: Use) -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    world.clock.move_to(session.expires_at - MOMENT)
    use(world, session.id, customer)

    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    world.clock.move_to(session.expires_at)
    before = picture(world)
    with pytest.raises(CheckoutExpired, match="configure the service again"):
        use(world, session.id, customer)
    assert picture(world) == before


@pytest.mark.parametrize("change", CHANGES, ids=["change", "confirm", "update"])
def test_every_change_of_the_owner_lets_the_session_live_on(change: Use) -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    world.clock.advance(timedelta(hours=20))
    change(world, session.id, customer)
    assert world.ordering.checkout(session.id, customer=customer).expires_at == world.clock.now() + TTL


def test_looking_at_a_session_does_not_let_it_live_on() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    world.clock.advance(timedelta(hours=1))
    world.ordering.checkout(session.id, customer=customer)
    world.ordering.requirements(session.id, customer=customer)
    assert world.ordering.checkout(session.id, customer=customer).expires_at == session.expires_at


def test_an_expired_session_cannot_be_adopted() -> None:
    world = new_world()
    session = world.ordering.begin_checkout(ESIM)
    world.clock.move_to(session.expires_at)
    with pytest.raises(CheckoutExpired):
        world.ordering.adopt_checkout(session.id, customer=world.new_customer())


@pytest.mark.parametrize(
    "change", [*CHANGES, OWNERS_USES[5]], ids=["change", "confirm", "update", "eligibility"]
)
def test_a_submitted_session_takes_no_change_and_names_its_order(change: Use) -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    order = world.ordering.submit(session.id, customer=customer).order
    world.clock.advance(2 * TTL)
    before = picture(world)
    with pytest.raises(CheckoutClosed) as caught:
        change(world, session.id, customer)
    assert caught.value.order_id == order
    assert picture(world) == before
    assert world.ordering.checkout(session.id, customer=customer).order == order


def test_of_two_changes_at_once_one_is_told_to_look_again() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(ESIM, customer=customer)
    changed: list[CheckoutSession] = []
    world.faults.hook(
        "orders.placing_facts",
        "before",
        lambda: changed.append(world.ordering.change_checkout(session.id, PHYSICAL, customer=customer)),
    )
    with pytest.raises(Conflict):
        world.ordering.confirm_address(session.id, customer=customer)
    assert world.ordering.checkout(session.id, customer=customer) == changed[0]
