"""What the demo left behind: which record of which system belongs to which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ordering_core.application.record import order_subject
from ordering_core.domain.identifiers import OrderId
from ordering_entrypoints.demo_client import OrderSeen
from ordering_entrypoints.demo_network import DemoNetwork
from ordering_entrypoints.demo_org import DemoOrg, Row, text_in
from ordering_entrypoints.demo_whmcs import DemoWhmcs
from ordering_entrypoints.demo_world import ClockT, DemoWorld
from ordering_entrypoints.rests import told
from ordering_entrypoints.terminal import Terminal


NONE: Final = "-"
SERVICE: Final = "WHMCS_Service_ID__c"


def show_records(
    terminal: Terminal,
    world: DemoWorld[ClockT, DemoWhmcs],
    network: DemoNetwork,
    pages: Mapping[str, OrderSeen],
) -> None:
    """Write a column for each of *pages*, by the names of their stories: what exists where."""
    columns = [_records(world, network, page) for page in pages.values()]
    facts = columns[0].keys()
    terminal.say()
    rows = [(fact, *(column[fact] for column in columns)) for fact in facts]
    terminal.table(("what exists where", *pages), rows)


def _records(world: DemoWorld[ClockT, DemoWhmcs], network: DemoNetwork, page: OrderSeen) -> Mapping[str, str]:
    """Return everything that belongs to the order of *page*, each read in the system that holds it."""
    order = OrderId(page.id)
    bills = world.billing.bills_of(order)
    lines = network.lines_of(order)
    services = sorted((item for bill in bills for item in bill.items), key=lambda item: item.relid)
    return {
        "customer reads": page.label,
        "monthly, with tax": str(page.monthly),
        "one-time, with tax": str(page.one_time),
        "order number": page.number,
        **_in_salesforce(world.org, order),
        "WHMCS order": _listed(bill.id for bill in bills),
        "  status": _listed(bill.status for bill in bills),
        "  services": _listed(service.relid for service in services),
        "  their status": _listed(sorted({service.status for service in services})),
        "network line": _listed(line.receipt for line in lines),
        "  state": _listed(line.state for line in lines),
        "  eSIM profile": _listed(state for line in lines for state in network.profiles_for(line)),
    }


def _in_salesforce(org: DemoOrg, order: OrderId) -> Mapping[str, str]:
    """Return what the org holds of *order*, as SOQL finds it."""
    fields = ("AccountId", "OpportunityId", "Status", "Activation_Status__c", "WHMCS_Order_ID__c")
    record = _first(org.find("Order", "Id", *fields, where={"Id": order}))
    opportunity = text_in(record, "OpportunityId")
    linked = _first(org.find("Opportunity", "StageName", SERVICE, where={"Id": opportunity}))
    cases = org.find("Case", "Id", "Description", where={"AccountId": text_in(record, "AccountId")})
    items = org.find("OrderItem", SERVICE, where={"OrderId": order})
    return {
        "Salesforce Order": text_in(record, "Id") or NONE,
        "  Status": text_in(record, "Status") or NONE,
        "  activation": text_in(record, "Activation_Status__c") or NONE,
        "  its WHMCS order": text_in(record, "WHMCS_Order_ID__c") or NONE,
        "  its services": _listed(sorted(filter(None, (text_in(item, SERVICE) for item in items)))),
        "Opportunity": opportunity or NONE,
        "  Stage": text_in(linked, "StageName") or NONE,
        "  its service": text_in(linked, SERVICE) or NONE,
        "Cases": _listed(text_in(case, "Id") for case in cases if order in text_in(case, "Description")),
    }


def _first(rows: Sequence[Row]) -> Row:
    """Return the first of *rows*, one without fields when there is none."""
    return rows[0] if rows else {}


def _listed(values: Iterable[object]) -> str:
    """Return *values* with commas between."""
    return ", ".join(map(str, values)) or NONE


def show_rest(terminal: Terminal, world: DemoWorld[ClockT, DemoWhmcs], order: OrderId) -> None:
    """Write why *order* did not get through, and what its runbook says."""
    with world.ordering.store.transaction() as tx:
        case_file = tx.journal.case_file(order_subject(order))
    for line in told(case_file.rest if case_file else None):
        terminal.say(f"  {line}")
