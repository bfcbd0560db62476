"""Forgetting in a database: what goes of a finished order, and that nothing of an open one does."""

from datetime import timedelta

import pytest

from ordering_core import CursorTooOld, OrderId
from ordering_core.application.record import order_subject
from ordering_core.domain.identifiers import Cursor
from tests.unit.application.riding import LINE_OPENS
from tests.unit.application.shop import ESIM, HOME, PORTED_CARD, World, place


MICROSECOND = timedelta(microseconds=1)


def kept_of(world: World, order: OrderId) -> tuple[object, ...]:
    """Return all that the database keeps of *order*."""
    with world.ordering.store.transaction() as tx:
        placement = tx.requests.of_order(order)
        assert placement is not None
        return (
            placement,
            tx.sessions.get(placement.session),
            tx.journal.rows(order_subject(order)),
            tx.journal.case_file(order_subject(order)),
            tx.events.after(Cursor(0), order=order, limit=1000),
            tx.decisions.of(order),
        )


def forget_at_the_instant(world: World) -> None:
    """Let a finished order among open ones grow old, and look at what is forgotten, and when."""
    open_orders = [place(world, world.new_customer(), draft) for draft in (HOME, PORTED_CARD)]
    order = place(world, world.new_customer(), ESIM)
    world.run_due()
    for each in (order, open_orders[1]):
        world.agent.approve(each)
    world.run_due()
    world.clock.advance(LINE_OPENS)
    world.run_due()
    untouched = [kept_of(world, each) for each in open_orders]
    feed = world.ordering.changes(after=Cursor(0), limit=1000)
    mine = [event for event in feed if event.order == order]
    policy = world.ordering.policy
    world.clock.move_to(mine[-1].at + policy.keep_events - MICROSECOND)
    world.ordering.forget()
    assert world.ordering.changes(after=Cursor(0), limit=1000) == feed
    world.clock.advance(MICROSECOND)
    assert world.ordering.forget() == len(mine) - 1
    left = world.ordering.changes(after=Cursor(0), limit=1000)
    assert left == tuple(event for event in feed if event not in mine[:-1])
    _resumed(world, [event.cursor for event in feed], gone=mine[-2].cursor)
    world.clock.move_to(mine[-1].at + policy.keep_order_details - MICROSECOND)
    before = kept_of(world, order)
    world.ordering.forget()
    assert kept_of(world, order) == before
    world.clock.advance(MICROSECOND)
    assert world.ordering.forget() > 0
    assert kept_of(world, order)[0] != before[0]
    assert kept_of(world, order)[1] is None
    assert kept_of(world, order)[2:] == before[2:]
    assert world.ordering.forget() == 0
    assert [kept_of(world, each) for each in open_orders] == untouched


def _resumed(world: World, cursors: list[Cursor], *, gone: Cursor) -> None:
    """Check which cursors of the feed are too old: those after which something was forgotten."""
    for cursor in cursors:
        if cursor < gone:
            with pytest.raises(CursorTooOld) as told:
                world.ordering.changes(after=cursor)
            assert told.value.resume_after == gone
        else:
            world.ordering.changes(after=cursor)
