"""What the demo left behind: which record of which system belongs to which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ordering_adapters.memory.world import ClockT, MemoryWorld
from ordering_core.application.record import order_subject
from ordering_core.domain.identifiers import OrderId
from ordering_entrypoints.demo_client import OrderSeen
from ordering_entrypoints.rests import told
from ordering_entrypoints.terminal import Terminal


NONE: Final = "-"


def show_records(terminal: Terminal, world: MemoryWorld[ClockT], pages: Mapping[str, OrderSeen]) -> None:
    """Write a column for each of *pages*, by the names of their stories: what exists where."""
    columns = [_records(world, page) for page in pages.values()]
    facts = columns[0].keys()
    terminal.say()
    rows = [(fact, *(column[fact] for column in columns)) for fact in facts]
    terminal.table(("what exists where", *pages), rows)


def _records(world: MemoryWorld[ClockT], page: OrderSeen) -> Mapping[str, str]:
    """Return everything that belongs to the order of *page*."""
    order = OrderId(page.id)
    record = world.salesforce.orders[order]
    snapshot = record.snapshot
    linked = world.salesforce.opportunities.get(snapshot.opportunity) if snapshot.opportunity else None
    opportunity = linked.opportunity if linked else None
    bills = world.billing.orders_of(order)
    lines = world.lines.lines_of(order)
    services = sorted(service.id for bill in bills for service in bill.services)
    return {
        "customer reads": page.label,
        "monthly, with tax": str(page.monthly),
        "one-time, with tax": str(page.one_time),
        "order number": page.number,
        "Salesforce Order": snapshot.id,
        "  Status": snapshot.status or NONE,
        "  activation": snapshot.activation.status or NONE,
        "Opportunity": opportunity.id if opportunity else NONE,
        "  Stage": opportunity.stage if opportunity else NONE,
        "Case": record.case or NONE,
        "WHMCS order": _listed(bill.id for bill in bills),
        "  status": _listed(bill.status for bill in bills),
        "  services": _listed(services),
        "network line": _listed(line.id for line in lines),
        "  state": _listed(line.state for line in lines),
    }


def _listed(values: Iterable[object]) -> str:
    """Return *values* with commas between."""
    return ", ".join(map(str, values)) or NONE


def show_rest(terminal: Terminal, world: MemoryWorld[ClockT], order: OrderId) -> None:
    """Write why *order* did not get through, and what its runbook says."""
    with world.ordering.store.transaction() as tx:
        case_file = tx.journal.case_file(order_subject(order))
    for line in told(case_file.rest if case_file else None):
        terminal.say(f"  {line}")
