"""What was kept for long enough is forgotten, at its instant, and nothing that an open order needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import attrs
import pytest

from hypothesis import given, settings
from hypothesis import strategies as st

from ordering_core import CursorTooOld, Draft, OrderId, OrderState, Policy
from ordering_core.application.record import order_subject
from ordering_core.application.retention import BATCH, KEEP_ANSWERS, round_began
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.events import EventKind, OrderEvent
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.identifiers import Cursor, CustomerId, SessionId
from ordering_core.domain.journal import CaseFile, Done, Outcome, Runner, Step
from ordering_core.ports.checkout_records import Answer, AnswerState, Placement, PlacementState
from ordering_core.ports.order_records import Finding
from tests.unit.application.riding import LINE_OPENS, case_file, findings, mails, state
from tests.unit.application.shop import ESIM, HOME, PORTED_CARD, ROUTER, WEDNESDAY, World, new_world, place


MICROSECOND = timedelta(microseconds=1)
LONG = timedelta(days=3650)


def finished(world: World, customer: CustomerId | None = None) -> OrderId:
    """Return an order whose service is active and that nothing is left to do for."""
    order = place(world, customer or world.new_customer())
    world.run_due()
    world.agent.approve(order)
    world.run_due()
    world.clock.advance(LINE_OPENS)
    world.run_due()
    assert case_file(world, order).rest == Done()
    return order


def forget_all(world: World) -> int:
    """Forget until a whole round has found nothing more, and return how much was forgotten."""
    total = 0
    while True:
        before = round_of(world)
        gone = world.ordering.forget()
        total += gone
        if gone == 0 and round_of(world) != before:
            return total
        world.clock.advance(MICROSECOND)


def round_of(world: World) -> datetime | None:
    with world.ordering.store.transaction() as tx:
        return round_began(tx)


def events(world: World, order: OrderId) -> tuple[OrderEvent, ...]:
    with world.ordering.store.transaction() as tx:
        return tx.events.after(Cursor(0), order=order, limit=1000)


def placement(world: World, order: OrderId) -> Placement:
    with world.ordering.store.transaction() as tx:
        found = tx.requests.of_order(order)
    assert found is not None
    return found


def session_is_kept(world: World, session: SessionId) -> bool:
    with world.ordering.store.transaction() as tx:
        return tx.sessions.get(session) is not None


def everything_of(world: World, order: OrderId) -> tuple[object, ...]:
    """Return all that is kept of *order*."""
    with world.ordering.store.transaction() as tx:
        kept = tx.requests.of_order(order)
        return (
            kept,
            kept and tx.sessions.get(kept.session),
            tx.journal.rows(order_subject(order)),
            tx.journal.case_file(order_subject(order)),
            tx.events.after(Cursor(0), order=order, limit=1000),
            tx.decisions.of(order),
            tx.projection.get(order),
        )


# --- at the instant ---------------------------------------------------------------------------------


def test_the_events_of_a_finished_order_go_at_their_instant_but_the_last() -> None:
    world = new_world()
    order = finished(world)
    told = events(world, order)
    world.clock.move_to(told[-1].at + world.ordering.policy.keep_events - MICROSECOND)
    world.ordering.forget()
    assert events(world, order) == told
    world.clock.advance(MICROSECOND)
    assert world.ordering.forget() == len(told) - 1
    assert events(world, order) == told[-1:]
    assert world.ordering.forget() == 0


def test_what_was_typed_for_a_finished_order_goes_at_its_instant_and_what_was_promised_stays() -> None:
    world = new_world()
    order = finished(world)
    last, before = events(world, order)[-1].at, placement(world, order)
    assert isinstance(before.order.draft, SimDraft)
    world.clock.move_to(last + world.ordering.policy.keep_order_details - MICROSECOND)
    world.ordering.forget()
    assert placement(world, order) == before
    assert session_is_kept(world, before.session)
    world.clock.advance(MICROSECOND)
    assert world.ordering.forget() > 0
    after = placement(world, order)
    assert isinstance(after.order.draft, SimDraft)
    assert after.order.draft.eid is None
    assert after.order.draft.skus == before.order.draft.skus
    assert after.order.address.town_and_number != before.order.address.town_and_number
    assert after.order.quote == before.order.quote
    assert not session_is_kept(world, before.session)
    assert world.ordering.forget() == 0


def test_nothing_that_names_its_customer_stays_with_a_finished_port_or_note() -> None:
    world = new_world()
    noted = attrs.evolve(HOME, notes="the dog is called Pochi")
    orders = [place(world, world.new_customer(), draft) for draft in (PORTED_CARD, noted, ROUTER)]
    world.run_due()
    for order in orders:
        world.agent.cancel(order)
    world.run_due()
    world.clock.advance(world.ordering.policy.keep_order_details)
    assert forget_all(world) > 0
    kept = repr([attrs.asdict(placement(world, order).order) for order in orders])
    for personal in ("山田", "ヤマダ", "08012345678", "1234567890", "Pochi", "神宮前"):
        assert personal not in kept


def test_idempotency_keys_and_refused_placings_go_at_their_instant() -> None:
    world = new_world()
    answer = Answer(scope="s", key="k", fingerprint="f", state=AnswerState.RUNNING, since=WEDNESDAY)
    order = place(world, world.new_customer())
    refused = attrs.evolve(placement(world, order), state=PlacementState.REFUSED, placed=None)
    with world.store.transaction() as tx:
        tx.answers.begin(answer)
        tx.requests.replace(refused, runner=refused.runner)
    world.clock.move_to(WEDNESDAY + KEEP_ANSWERS)
    assert world.ordering.forget() == 0
    world.clock.advance(MICROSECOND)
    assert world.ordering.forget() == 1
    world.clock.move_to(refused.settles_at + world.ordering.policy.keep_order_details - MICROSECOND)
    world.ordering.forget()
    with world.store.transaction() as tx:
        assert tx.requests.get(refused.key) == refused
    world.clock.advance(MICROSECOND)
    world.ordering.forget()
    with world.store.transaction() as tx:
        assert tx.requests.get(refused.key) is None


@pytest.mark.parametrize(
    ("field", "policy"),
    [
        ("keep_uploads", lambda kept: Policy(keep_uploads=kept)),
        ("keep_checkouts", lambda kept: Policy(keep_checkouts=kept)),
        ("keep_events", lambda kept: Policy(keep_events=kept)),
        ("keep_order_details", lambda kept: Policy(keep_order_details=kept)),
    ],
)
def test_nothing_may_be_forgotten_within_the_hour(field: str, policy: Callable[[timedelta], Policy]) -> None:
    assert getattr(policy(timedelta(hours=1)), field) == timedelta(hours=1)
    with pytest.raises(ValueError, match=f"{field} must be 60 minutes or more"):
        policy(timedelta(hours=1) - MICROSECOND)


def test_a_finished_order_of_unknown_age_is_left_alone() -> None:
    world = new_world()
    with world.store.transaction() as tx:
        kept = tx.journal.keep(CaseFile(subject=order_subject(OrderId("801-old")), rest=Done()))
    world.clock.advance(LONG)
    assert forget_all(world) == 0
    with world.store.transaction() as tx:
        assert tx.journal.case_file(kept.subject) == kept


# --- what is needed ---------------------------------------------------------------------------------


def test_a_finished_order_about_which_a_finding_is_open_keeps_everything() -> None:
    world = new_world()
    order = finished(world)
    with world.store.transaction() as tx:
        tx.findings.open(Finding(code=FindingCode.LINKS_NOT_WRITTEN, subject=order, since=WEDNESDAY))
    world.clock.advance(LONG)
    before = everything_of(world, order)
    world.ordering.forget()
    assert everything_of(world, order) == before
    with world.store.transaction() as tx:
        tx.findings.close(FindingCode.LINKS_NOT_WRITTEN, order)
    assert findings(world) == []
    assert forget_all(world) > 0


def test_an_order_whose_details_were_forgotten_is_shown_and_done_as_before() -> None:
    world = new_world()
    customer = world.new_customer()
    order = finished(world, customer)
    before = world.ordering.order(order, customer=customer)
    billed, opened = world.billed(order), world.opened(order)
    world.clock.advance(LONG)
    forget_all(world)
    after = world.ordering.order(order, customer=customer)
    assert attrs.evolve(after, as_of=before.as_of) == before
    world.agent.set_activation(order, "Activating")
    world.run_due()
    assert state(world, order) is OrderState.ACTIVATED
    assert (world.billed(order), world.opened(order)) == (billed, opened)


def stopped_and_forgotten(world: World) -> OrderId:
    """Return a cancelled order whose customer was told, and whose event of that is forgotten."""
    order = place(world, world.new_customer())
    world.run_due()
    world.agent.cancel(order)
    world.ordering.observe(order, cause="cancelled")
    world.run_due()
    world.agent.set_activation(order, None, at=world.clock.now() + timedelta(days=3))
    world.ordering.observe(order, cause="dated")
    world.run_due()
    assert mails(world, order) == ["received", "stopped"]
    world.clock.move_to(events(world, order)[-1].at + world.ordering.policy.keep_events)
    assert forget_all(world) > 0
    assert [each.kind for each in events(world, order)] == [EventKind.DATE_CHANGED]
    return order


def test_a_stop_whose_event_was_forgotten_is_not_told_again() -> None:
    world = new_world()
    order = stopped_and_forgotten(world)
    world.agent.clear_error(order)
    world.ordering.observe(order, cause="edited")
    world.run_due()
    assert mails(world, order) == ["received", "stopped"]


def test_a_stop_after_one_whose_event_was_forgotten_is_told_once() -> None:
    world = new_world()
    order = stopped_and_forgotten(world)
    world.agent.set_status(order, "Draft")
    world.ordering.observe(order, cause="taken up")
    world.run_due()
    for cause in ("cancelled again", "edited"):
        world.agent.cancel(order)
        world.ordering.observe(order, cause=cause)
        world.run_due()
        assert mails(world, order) == ["received", "stopped", "stopped"]


def test_a_stop_that_an_earlier_version_told_of_is_not_told_again_and_the_next_is() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.run_due()
    at, subject, mark = world.clock.now(), order_subject(order), f"{order}:stopped:1"
    with world.store.transaction() as tx:
        row = tx.journal.intend(subject, Step.NOTIFY, mark=mark, runner=Runner("r"), at=at, settles_at=at)
        tx.journal.settle(row.id, outcome=Outcome.DONE, at=at, evidence={})
    for cause, status in (("cancelled", "Cancelled"), ("taken up", "Draft"), ("again", "Cancelled")):
        assert mails(world, order) == ["received"]
        world.agent.set_status(order, status)
        world.ordering.observe(order, cause=cause)
        world.run_due()
    assert mails(world, order) == ["received", "stopped"]


def test_a_host_whose_cursor_is_too_old_is_told_from_where_to_go_on_and_misses_nothing_then() -> None:
    world = new_world()
    first, second = finished(world), finished(world)
    feed = world.ordering.changes(after=Cursor(0))
    world.clock.advance(world.ordering.policy.keep_events)
    forget_all(world)
    assert [event.order for event in world.ordering.changes(after=Cursor(0))] == [first, second]
    with pytest.raises(CursorTooOld, match="follow after cursor") as told:
        world.ordering.changes(after=feed[0].cursor)
    open_now = place(world, world.new_customer())
    going_on = world.ordering.changes(after=Cursor(told.value.resume_after))
    assert going_on[0].order == second
    assert {event.order for event in going_on} == {second, open_now}


def test_a_customer_who_follows_an_open_order_resumes_from_any_cursor() -> None:
    world = new_world()
    customer = world.new_customer()
    waiting = place(world, customer)
    done = finished(world)
    mine = events(world, waiting)
    world.clock.advance(LONG)
    forget_all(world)
    assert len(events(world, done)) == 1
    for event in mine:
        later = world.ordering.watch(waiting, customer=customer, after=event.cursor)
        assert [each.cursor for each in later] == [each.cursor for each in mine if each.cursor > event.cursor]


DRAFTS = (ESIM, HOME, PORTED_CARD, ROUTER)
ENDS = ("placed", "approved", "held", "finished", "cancelled")


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.sampled_from(DRAFTS), st.sampled_from(ENDS)), min_size=1, max_size=5),
    st.timedeltas(min_value=timedelta(0), max_value=LONG),
)
def test_nothing_of_an_open_order_is_ever_forgotten(orders: list[tuple[Draft, str]], wait: timedelta) -> None:
    world = new_world()
    for draft, end in orders:
        customer = world.new_customer()
        order = place(world, customer, draft)
        world.run_due()
        if end in {"approved", "held", "finished"}:
            if end == "held":
                world.agent.remove_payment_methods(world.client_of(customer))
            world.agent.approve(order)
        if end == "cancelled":
            world.agent.cancel(order)
        world.run_due()
    world.clock.advance(LINE_OPENS)
    world.run_due()
    world.clock.advance(wait)
    with world.store.transaction() as tx:
        open_orders = [OrderId(kept.subject.key) for kept in tx.journal.unfinished()]
        waiting = world.queue.next_due
    before = [everything_of(world, order) for order in open_orders]
    due = waiting()
    forget_all(world)
    assert [everything_of(world, order) for order in open_orders] == before
    assert waiting() == due


# --- in batches -------------------------------------------------------------------------------------


def test_a_turn_looks_at_a_batch_and_a_round_at_everything() -> None:
    world = new_world()
    order = finished(world)
    with world.store.transaction() as tx:
        [event] = tx.events.after(Cursor(0), order=order, limit=1)
        for number in range(BATCH * 2):
            other = OrderId(f"802{number:04}")
            tx.journal.keep(CaseFile(subject=order_subject(other), rest=Done()))
            for _ in range(2):
                tx.events.append(attrs.evolve(event, order=other))
    world.clock.advance(world.ordering.policy.keep_events)
    own = len(events(world, order)) - 1
    began = world.clock.now()
    turns: list[int] = []
    for _ in range(3):
        turns.append(world.ordering.forget())
        assert round_of(world) == (began if len(turns) < 3 else world.clock.now())
        world.clock.advance(timedelta(seconds=30))
    assert turns == [own + BATCH - 1, BATCH, 1]
    with world.store.transaction() as tx:
        assert len(tx.events.after(Cursor(0), limit=1000)) == BATCH * 2 + 1
