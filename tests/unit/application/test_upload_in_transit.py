"""An uploaded card survives whoever took it: one file at the Account, and nothing left behind here."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ordering_core import OutcomeUnknown, Refused, Unavailable
from ordering_core.application.broken_runs import LONGEST
from ordering_core.domain.identifiers import CustomerId, RequestKey
from ordering_core.domain.journal import Outcome, Step, Subject, SubjectKind
from tests.unit.application.riding import SETTLED, Crash, crash
from tests.unit.application.shop import PNG, World, new_world


KEY = "card-1"


def key_of(customer: CustomerId) -> RequestKey:
    return RequestKey(f"{customer}:{KEY}")


def upload(world: World, customer: CustomerId) -> None:
    world.ordering.upload_card(PNG, customer=customer, key=KEY)


def in_transit(world: World, customer: CustomerId) -> bool:
    with world.ordering.store.transaction() as tx:
        return tx.uploads.get(key_of(customer)) is not None


def attempts(world: World, customer: CustomerId) -> list[Outcome | None]:
    with world.ordering.store.transaction() as tx:
        rows = tx.journal.rows(Subject(SubjectKind.IDENTITY, key_of(customer)))
    return [row.outcome for row in rows if row.step is Step.UPLOAD_CARD]


def arrived_once(world: World, customer: CustomerId) -> None:
    """Check that Salesforce has the image, waiting for review, and that nobody else does."""
    assert [file.content for file in world.salesforce.files.values()] == [PNG]
    assert world.salesforce.accounts[world.account_of(customer)].identity.status == "Pending"
    assert not in_transit(world, customer)
    assert world.queue.next_due() is None


def after(world: World, wait: timedelta) -> None:
    world.clock.advance(wait)
    world.run_due()


def test_an_upload_that_arrives_leaves_no_image_and_no_work_behind() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    upload(world, customer)
    arrived_once(world, customer)


@pytest.mark.parametrize("step", ["files.upload", "customers.mark_identity_pending"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_who_is_killed_with_an_image_in_hand_loses_nothing_and_sends_nothing_twice(
    step: str, moment: str
) -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.hook(step, moment, crash)
    with pytest.raises(Crash):
        upload(world, customer)
    assert in_transit(world, customer)
    after(world, SETTLED - timedelta(seconds=2))  # its runner may still be at it
    assert attempts(world, customer) == [None]
    after(world, timedelta(seconds=2))
    arrived_once(world, customer)
    assert attempts(world, customer) == [Outcome.UNKNOWN, Outcome.DONE]


def test_who_is_killed_before_the_second_attempt_is_recorded_sends_nothing_twice() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.hook("files.upload", "after", crash)
    with pytest.raises(Crash):
        upload(world, customer)
    for _ in range(3):
        world.faults.hook("files.upload", "after", crash)
        after(world, LONGEST)
        assert in_transit(world, customer)
    after(world, LONGEST)
    arrived_once(world, customer)


def test_an_upload_whose_reply_is_lost_arrives_by_itself() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.set("files.upload", "lose_reply")
    with pytest.raises(OutcomeUnknown):
        upload(world, customer)
    after(world, SETTLED)
    arrived_once(world, customer)


def test_a_file_that_is_there_but_not_marked_is_not_nothing() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.set("customers.mark_identity_pending", "down")
    with pytest.raises(OutcomeUnknown):
        upload(world, customer)
    after(world, SETTLED)
    arrived_once(world, customer)


def test_while_salesforce_is_down_a_kept_image_is_tried_every_minute() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.hook("files.upload", "before", crash)
    with pytest.raises(Crash):
        upload(world, customer)
    for _ in range(3):
        world.faults.set("files.upload", "down")
        after(world, SETTLED)
        assert in_transit(world, customer)
    after(world, timedelta(minutes=1))
    arrived_once(world, customer)


@pytest.mark.parametrize(("fault", "error"), [("down", Unavailable), ("refuse", Refused)])
def test_a_customer_who_is_told_that_nothing_happened_leaves_no_image(
    fault: str, error: type[Exception]
) -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    _fail(world, fault)
    with pytest.raises(error):
        upload(world, customer)
    assert not in_transit(world, customer)
    assert world.queue.next_due() is None


def _fail(world: World, fault: str) -> None:
    if fault == "down":
        world.faults.set("files.upload", "down")
    else:
        world.faults.hook("files.upload", "before", _refuse)


def _refuse() -> None:
    raise Refused("Salesforce", "STORAGE_LIMIT_EXCEEDED", "no room")


def test_what_an_earlier_attempt_may_have_left_is_not_given_up_because_salesforce_is_down_now() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.set("files.upload", "lose_reply")
    with pytest.raises(OutcomeUnknown):
        upload(world, customer)
    world.clock.advance(SETTLED)
    world.faults.set("files.upload", "down")
    with pytest.raises(Unavailable):
        upload(world, customer)
    assert in_transit(world, customer)
    after(world, SETTLED)
    arrived_once(world, customer)


def test_an_image_that_salesforce_refuses_later_is_not_kept() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.hook("files.upload", "before", crash)
    with pytest.raises(Crash):
        upload(world, customer)
    _fail(world, "refuse")
    after(world, SETTLED)
    assert not in_transit(world, customer)
    assert world.queue.next_due() is None
    assert attempts(world, customer) == [Outcome.UNKNOWN, Outcome.REFUSED]


def test_while_it_observes_nothing_is_kept_and_what_is_kept_waits() -> None:
    from ordering_core import Pause

    world = new_world()
    first, second = world.new_customer(verified=False), world.new_customer(verified=False)
    world.faults.hook("files.upload", "before", crash)
    with pytest.raises(Crash):
        upload(world, first)
    world.ordering.pause(Pause.OBSERVE)
    with pytest.raises(Unavailable, match="observe"):
        upload(world, second)
    assert not in_transit(world, second)
    after(world, SETTLED)
    assert in_transit(world, first)
    assert not world.salesforce.files
    world.ordering.resume({Pause.OBSERVE})
    after(world, timedelta(minutes=1))
    arrived_once(world, first)


def test_an_image_is_forgotten_after_its_time_at_the_instant_and_not_before() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.hook("files.upload", "before", crash)
    with pytest.raises(Crash):
        upload(world, customer)
    world.clock.advance(world.ordering.policy.keep_uploads - timedelta(microseconds=1))
    world.ordering.forget()
    assert in_transit(world, customer)
    world.clock.advance(timedelta(microseconds=1))
    assert world.ordering.forget() >= 1
    assert not in_transit(world, customer)
    world.run_due()
    assert not world.salesforce.files
    assert world.queue.next_due() is None
