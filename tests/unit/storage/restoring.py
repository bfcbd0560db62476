"""A system that is backed up, goes on, and is restored: what these tests do with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import attrs

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import open_storage
from ordering_adapters.storage.backup import backup, restore
from ordering_core import OrderId, Pause
from ordering_core.testing.clocks import ManualClock
from tests.unit.application.riding import LINE_OPENS, SETTLED, counted, crash, in_salesforce
from tests.unit.application.shop import ESIM, WEDNESDAY, World, place


WRITING = (
    "orders.write",
    "orders.place",
    "opportunities.move",
    "billing.add",
    "billing.accept",
    "billing.activate_service",
    "billing.update_address",
    "lines.submit",
    "lines.set_voice_options",
    "cases.open",
    "notifications.send",
)


def url(file: Path | str) -> str:
    """Return the URL of a file, or the URL itself."""
    return f"sqlite:///{file}" if isinstance(file, Path) else file


@contextmanager
def working(file: Path | str, outside: World | None = None) -> Iterator[World]:
    """Yield a world whose store is in *file*, or at that URL, with another's outside systems if given."""
    clock = outside.clock if outside else ManualClock(WEDNESDAY)
    with open_storage(url(file), clock) as storage:
        world = outside or MemoryWorld(clock=clock, storage=storage)
        if outside:
            store, world._queue, live_updates = world._kept_in(storage) or storage
            world.ordering = attrs.evolve(world.ordering, store=store, live_updates=live_updates)
        yield world


def go_on(world: World) -> None:
    """Let a minute, then the opening of lines pass, with everything that happens by itself."""
    for step in (timedelta(minutes=1), SETTLED, LINE_OPENS, LINE_OPENS):
        world.clock.advance(step)
        world.ordering.reconcile()
        world.ordering.sweep()
        world.run_due()


def unfinished(world: World) -> dict[str, object]:
    with world.ordering.store.transaction() as tx:
        return {kept.subject.key: kept.rest for kept in tx.journal.unfinished()}


def provision_all(world: World, orders: list[OrderId]) -> None:
    for order in orders:
        world.agent.approve(order)
    world.run_due()
    world.clock.advance(LINE_OPENS)
    world.run_due()


def before_and_after(
    folder: Path, *, orders: int, later: int, of: str | None = None, into: str | None = None
) -> None:
    """
    Restore a backup from before *later* of *orders* were provisioned, the last of them half.

    It is one of the database *of*, restored *into* another, or into the one file of SQLite it is of.
    """
    file: Path | str = of or folder / "ordering.db"
    copy = folder / "copy.db"
    with working(file) as world:
        placed = [place(world, world.new_customer(), ESIM) for _ in range(orders)]
        world.run_due()
        provision_all(world, placed[:-later])
        backup(url(file), copy)
        provision_all(world, placed[-later:-1])
        half = placed[-1]
        world.agent.approve(half)
        world.faults.hook("lines.submit", "after", crash)
        world.run_due()
        done = {order: (world.billed(order), world.opened(order)) for order in placed}
        assert all(len(billed) == len(opened) == 1 for billed, opened in done.values())
    target = into or file
    restore(url(target), copy, clock=world.clock, replace=isinstance(target, Path))

    with working(target, world):
        assert set(world.ordering.paused()) == {Pause.OBSERVE}
        calls = counted(world, lambda: go_on(world))
        assert {name: calls[name] for name in WRITING if name in calls} == {}
        world.ordering.resume({Pause.OBSERVE})
        calls = counted(world, lambda: go_on(world))
        assert calls.get("billing.add", 0) == 0
        assert calls.get("lines.submit", 0) == 0
        assert {order: (world.billed(order), world.opened(order)) for order in placed} == done
        assert unfinished(world) == {}
        assert {in_salesforce(world, order).activation.status for order in placed} == {"Activated"}
