"""Taking orders through provisioning: what these tests do again and again, and where they look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from ordering_core import CustomerId, Draft, Held, HoldCode, InternetDraft, OrderId, OrderState, Rest
from ordering_core.application.record import order_subject
from ordering_core.domain.journal import CaseFile, JournalRow, Outcome, Step
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.ports.order_records import Finding
from tests.unit.application.shop import ESIM, OTHER_ADDRESS, World, place, ready_checkout, submitted


SETTLED: Final = timedelta(seconds=91)
"""Longer than an intent stays its runner's alone."""

LINE_OPENS: Final = timedelta(minutes=10)
A_LONG_TIME: Final = timedelta(days=40)


class Crash(Exception):
    """The process dies here."""


def crash() -> None:
    raise Crash


def approved(world: World, customer: CustomerId, draft: Draft = ESIM) -> OrderId:
    """Return an order that was placed and approved, told to go ahead where needed, and not run since."""
    order = place(world, customer, draft)
    world.run_due()
    world.agent.approve(order)
    if isinstance(draft, InternetDraft):
        world.agent.set_activation(order, "Activating")
    world.hints.take()
    return order


def readdressed(world: World, customer: CustomerId, draft: Draft = ESIM) -> OrderId:
    """Return an approved order to another address than the customer's present one."""
    session = ready_checkout(world, customer, draft)
    world.ordering.update_address(session.id, OTHER_ADDRESS, customer=customer)
    world.ordering.confirm_address(session.id, customer=customer)
    order = submitted(world, session.id, customer)
    world.agent.approve(order)
    return order


def carry_on(world: World, order: OrderId, *, at_most: timedelta = A_LONG_TIME) -> Rest | None:
    """Let everything happen that happens by itself, and return how the order rests then."""
    limit = world.clock.now() + at_most
    while world.run_due() or ((due := world.queue.next_due()) and due <= limit):
        due = world.queue.next_due()
        if due is not None and world.clock.now() < due <= limit:
            world.clock.move_to(due)
    return case_file(world, order).rest


def finish(world: World, order: OrderId) -> Rest:
    """Run the order, and again once the network has opened its line."""
    world.ordering.provision(order)
    world.clock.advance(LINE_OPENS)
    return world.ordering.provision(order)


def case_file(world: World, order: OrderId) -> CaseFile:
    with world.store.transaction() as tx:
        kept = tx.journal.case_file(order_subject(order))
    assert kept is not None
    return kept


def rows(world: World, order: OrderId, step: Step) -> list[JournalRow]:
    with world.store.transaction() as tx:
        return [row for row in tx.journal.rows(order_subject(order)) if row.step is step]


def outcomes(world: World, order: OrderId, step: Step) -> list[Outcome | None]:
    return [row.outcome for row in rows(world, order, step)]


def in_salesforce(world: World, order: OrderId) -> OrderSnapshot:
    with world.salesforce.lock:
        return world.salesforce.joined(world.salesforce.orders[order])


def state(world: World, order: OrderId) -> OrderState:
    with world.store.transaction() as tx:
        copy = tx.projection.get(order)
    assert copy is not None
    return copy.status.state


def findings(world: World) -> list[Finding]:
    with world.store.transaction() as tx:
        return list(tx.findings.all_open())


def held(rest: Rest | None, code: HoldCode) -> Held:
    assert isinstance(rest, Held), rest
    assert rest.code is code
    return rest


def mails(world: World, order: OrderId) -> list[str]:
    return [mail.kind.value for mail in world.notifications.sent if mail.order == order]


def counted(world: World, act: Callable[[], object]) -> dict[str, int]:
    """Return how often each outside operation was called while *act* ran."""
    before = world.faults.counts()
    act()
    after = world.faults.counts()
    changed = {name: after[name] - before.get(name, 0) for name in after}
    return {name: calls for name, calls in changed.items() if calls and not name.startswith("store.")}


def calls_to(counts: dict[str, int], *ports: str) -> int:
    return sum(calls for name, calls in counts.items() if name.partition(".")[0] in ports)
