"""
Reading the order of a run, and keeping what the reading means before anything is decided on it.

The facts of the provision gate are gathered here, for no rule asks another system.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs

from ordering_core.application.approval import approval
from ordering_core.application.gate_facts import client_of, eligibility_of, eligibility_requests, gate_facts
from ordering_core.application.outside import Outside
from ordering_core.application.record import keep_reading
from ordering_core.domain.calendar import business_date
from ordering_core.domain.history import observe
from ordering_core.domain.journal import Step
from ordering_core.domain.provisioning.run import Reading, Run
from ordering_core.domain.rules import validate, verdict
from ordering_core.domain.violations import Gate
from ordering_core.ports.closed_days import ClosedDays
from ordering_core.ports.store import Store


_DAYS_AHEAD: Final = timedelta(days=31)
"""How far closed days are asked for: more than any run of them lasts."""


def read_order(outside: Outside, store: Store, closed_days: ClosedDays, run: Run) -> Run:
    """
    Return *run* knowing the order as it is now, which is kept first.

    Raises:
        Unavailable: It cannot be read now.

        Conflict: Another run kept something meanwhile; begin again.

    """
    facts = outside.orders.provisioning_facts(run.order)
    if facts is None:
        return attrs.evolve(run, gone=True)
    intended = any(row.step is Step.ADD_BILLING_ORDER for row in run.rows)
    seen = observe(run.case_file, facts.order, billing_intended=intended)
    decision = approval(
        run.case_file,
        seen,
        facts,
        catalogue=outside.catalogue,
        store=store,
        policy=run.policy,
        at=run.at,
    )
    with store.transaction() as tx:
        kept = keep_reading(tx, seen, facts.order, before=run.case_file, decision=decision, at=run.at)
        client = run.client or client_of(tx, facts.order)
        asked = eligibility_requests(tx, facts.order)
    known = attrs.evolve(
        run,
        case_file=kept,
        client=client,
        closed_days=closed_days.between(
            business_date(facts.order.created_at), business_date(run.at) + _DAYS_AHEAD
        ),
        fresh=True,
    )
    reading = Reading(
        snapshot=facts.order,
        account=facts.account,
        observation=attrs.evolve(seen, case_file=kept),
        read_at=run.at,
        eligibility=eligibility_of(facts.order, facts.account, asked, run.policy),
    )
    return judged(known, reading)


def judged(run: Run, reading: Reading) -> Run:
    """Return *run* knowing *reading* and what the rule book says of it at the provision gate."""
    facts = gate_facts(
        reading.snapshot,
        reading.account,
        gate=Gate.PROVISION,
        products={line.sku: line for line in run.quote.lines} if run.quote else {},
        client=run.client,
        eligibility=reading.eligibility,
        opportunities=run.opportunities or (),
        policy=run.policy,
        at=run.at,
    )
    found = verdict(facts)
    configuration = validate(facts) if found.passed else None
    return attrs.evolve(run, reading=attrs.evolve(reading, verdict=found, configuration=configuration))


def ask_opportunities(outside: Outside, run: Run) -> Run:
    """Return *run* knowing the Account's Opportunities, and judged anew. Raises Unavailable."""
    found = outside.opportunities.of_account(run.snapshot.account)
    return judged(attrs.evolve(run, opportunities=found), run.present)
