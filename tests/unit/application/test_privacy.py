"""What identifies a person stays where it belongs: in the session, the order and Salesforce."""

from __future__ import annotations

import pickle
import traceback

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs
import pytest

from ordering_core import (
    Cursor,
    CustomerId,
    HoldCode,
    IllegalTransition,
    OrderId,
    OrderingError,
    PortError,
    Refused,
)
from ordering_core.application.record import order_subject
from ordering_core.testing.faults import Fault
from tests.unit.application.riding import approved, case_file, held, in_salesforce
from tests.unit.application.shop import (
    EID,
    ESIM,
    OTHER_ADDRESS,
    PNG,
    PORTED_CARD,
    PORTING,
    World,
    inside,
    new_world,
    place,
    ready_checkout,
    submitted,
)


SECRETS = [
    EID,
    "1234567890",
    "08012345678",
    "山田",
    "太郎",
    "ヤマダ",
    "タロウ",
    "1990",
    "梅田1-2-3",
    "大阪市北区",
]
PRIVATE = attrs.evolve(PORTED_CARD, sim_type="eSIM", eid=EID)


def assert_private(*texts: object) -> None:
    for text in map(str, texts):
        assert not [secret for secret in SECRETS if secret in text]


def test_the_secrets_of_these_tests_are_in_what_is_ordered() -> None:
    everything = str([attrs.asdict(PRIVATE), attrs.asdict(OTHER_ADDRESS)])
    assert "1990" in everything or str(PORTING.birth_date)
    assert not [secret for secret in SECRETS if secret != "1990" and secret not in everything]


def ride(world: World, customer: CustomerId) -> None:
    """Take a port to a card from submit to its end, with everything that can be told about it."""
    order = place(world, customer, PORTED_CARD)
    world.agent.approve(order)
    world.agent.assign_sim(order)
    world.run_due()
    world.ordering.sim_arrived(order, customer=customer)
    world.run_due()
    world.clock.advance(timedelta(hours=1))
    world.run_due()
    other = place(world, customer, attrs.evolve(ESIM))
    world.agent.cancel(other)
    world.run_due()


def test_events_decisions_journal_and_findings_hold_nothing_personal() -> None:
    world = new_world()
    customer = world.new_customer()
    world.ordering.upload_card(PNG, customer=customer, key="one")
    ride(world, customer)
    events = world.ordering.changes(after=Cursor(0), limit=1000)
    assert len(events) > 8
    with world.store.transaction() as tx:
        decisions = [tx.decisions.of(order) for order in world.salesforce.orders]
        rows = list(world.store._parts.journal._rows._rows.values())
        findings = tx.findings.all_open()
        case_files = list(world.store._parts.journal._case_files._rows.values())
    assert rows
    assert_private(
        [attrs.asdict(event) for event in events],
        [attrs.asdict(row) for row in rows],
        decisions,
        findings,
        case_files,
    )


def test_printing_what_use_cases_answer_shows_nothing_personal() -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(PRIVATE, customer=customer)
    moved = world.ordering.update_address(session.id, OTHER_ADDRESS, customer=customer)
    confirmed = world.ordering.confirm_address(session.id, customer=customer)
    review = world.ordering.requirements(session.id, customer=customer)
    order = submitted(world, session.id, customer)
    page = world.ordering.order(order, customer=customer)
    assert_private(
        world.ordering.check(PRIVATE),
        session,
        moved,
        confirmed,
        review,
        page,
        world.ordering.list_orders(customer=customer),
    )


def refused_by_salesforce(world: World, customer: CustomerId) -> None:
    session = ready_checkout(world, customer, PRIVATE)
    world.faults.set("orders.place", "refuse", code="FIELD_CUSTOM_VALIDATION_EXCEPTION")
    world.ordering.submit(session.id, customer=customer)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda world, who: world.ordering.price(attrs.evolve(PRIVATE, eid=EID + "1")),
        lambda world, who: world.ordering.begin_checkout(
            attrs.evolve(PRIVATE, porting=attrs.evolve(PORTING, phone_number="08012345678x")), customer=who
        ),
        lambda world, who: world.ordering.update_address(
            world.ordering.begin_checkout(PRIVATE, customer=who).id,
            attrs.evolve(OTHER_ADDRESS, prefecture="大阪市北区"),
            customer=who,
        ),
        lambda world, who: world.ordering.submit(
            world.ordering.begin_checkout(PRIVATE, customer=who).id, customer=who
        ),
        refused_by_salesforce,
        lambda world, who: world.ordering.sim_arrived(place(world, who, PRIVATE), customer=who),
    ],
    ids=["eid", "phone", "address", "incomplete", "refused", "sim"],
)
def test_no_error_repeats_what_was_typed(wrong: Callable[[World, CustomerId], object]) -> None:
    world = new_world()
    customer = world.new_customer()
    with pytest.raises(OrderingError) as caught:
        wrong(world, customer)
    error = caught.value
    assert_private(error, repr(error), error.args, "".join(traceback.format_exception_only(error)))
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_what_is_handed_to_outside_systems_as_a_key_is_no_personal_data() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    session = world.ordering.begin_checkout(PRIVATE, customer=customer)
    world.ordering.upload_card(PNG, customer=customer, key="a-key")
    world.ordering.update_address(session.id, OTHER_ADDRESS, customer=customer)
    confirmed = world.ordering.confirm_address(session.id, customer=customer)
    submitted(world, session.id, customer)
    assert_private(confirmed.id, confirmed.request_key)
    assert_private([case.case.key for case in world.salesforce.cases.values()])
    with world.store.triggers() as triggers:
        kept = str(inside(triggers))
    assert confirmed.request_key in kept
    assert_private(kept)


SAID: Final = "MNP_NAME_MISMATCH: 山田 太郎, 08012345678"
"""What a system puts where its code belongs."""


@pytest.mark.parametrize("operation", ["billing.add", "lines.submit", "orders.write"])
def test_a_refusal_whose_code_is_a_sentence_leaves_nothing_of_it_behind(operation: str) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set(operation, Fault.REFUSE, code=SAID, times=2)
    world.ordering.provision(order)
    assert_refused_in_private(world, order)


def test_a_line_that_fails_with_a_sentence_leaves_nothing_of_it_behind() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.provision(order)
    world.agent.fail_line(order, SAID)
    hold = held(world.ordering.provision(order), HoldCode.LINE_REFUSED)
    assert hold.facts["code"] == "REFUSED"
    assert_refused_in_private(world, order)


def assert_refused_in_private(world: World, order: OrderId) -> None:
    with world.store.transaction() as tx:
        rows = [attrs.asdict(row) for row in tx.journal.rows(order_subject(order))]
    kept = [rows, attrs.asdict(case_file(world, order)), attrs.asdict(in_salesforce(world, order).activation)]
    assert "REFUSED" in str(kept)
    assert_private(*kept)


@pytest.mark.parametrize(
    "code", ["A", "MNP_NAME.MISMATCH-2", "x" * 64, "356", "400-356", "8.1.1-3.8", "E123456"]
)
def test_a_refusal_keeps_what_is_a_code(code: str) -> None:
    assert Refused("WHMCS", code).code == code


@pytest.mark.parametrize(
    "code",
    [
        "",
        "x" * 65,
        "CODE\n",
        "two words",
        "氏名",
        "09012345678",
        "090-1234-5678",
        "1500001",
        "1985-04-03",
        "EID_89049032123451234512345678901235",
    ],
)
def test_a_refusal_names_no_code_that_is_none(code: str) -> None:
    refusal = Refused("WHMCS", code)
    assert refusal.code == "REFUSED"
    assert refusal.args == ("WHMCS", "REFUSED", "")


def test_errors_of_outside_systems_and_of_ours_are_told_apart_by_their_type() -> None:
    assert not issubclass(IllegalTransition, PortError)
    assert issubclass(PortError, OrderingError)
