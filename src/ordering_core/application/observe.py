"""
Reading an order again because something hinted at a change (DESIGN 3.2).

A hint is never the truth: early, repeated, out of order or lost, it changes nothing in the end, because what
counts is what Salesforce says when it is read. What agents did there by hand is recorded, never refused.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Final

import attrs

from ordering_core.application.approval import approval
from ordering_core.application.placing import Placing
from ordering_core.application.record import keep_reading, order_subject
from ordering_core.domain import history
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.journal import CaseFile, Held, Step
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, NotFound
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.checkout_records import PlacementState


PROVISION_REQUESTED: Final = "provision-requested:"
"""How the causes that name an OrderProvisionRequested__e begin; its event id follows."""

READINGS: Final = 5
"""How often an order is read again because somebody was faster, before the hint is given back."""


def observe(
    order: OrderId,
    *,
    cause: str,
    published_at: datetime | None,
    catalogue: ProductCatalogue,
    placing: Placing,
) -> None:
    """
    Record what *order* has become, and let it run.

    *cause* names the hint and counts once for each version of the order that it finds.

    Raises:
        NotFound: Salesforce has no such order.

        Unavailable: It cannot be read now; the hint is to be given again.

        Conflict: Others kept changing it; the hint is to be given again.

    """
    for _ in range(READINGS - 1):
        with suppress(Conflict):
            return _observe(
                order, cause=cause, published_at=published_at, catalogue=catalogue, placing=placing
            )
    return _observe(order, cause=cause, published_at=published_at, catalogue=catalogue, placing=placing)


def _observe(
    order: OrderId,
    *,
    cause: str,
    published_at: datetime | None,
    catalogue: ProductCatalogue,
    placing: Placing,
) -> None:
    """Read *order* once and keep what that adds up to. Raises Conflict when somebody was faster."""
    subject = order_subject(order)
    with placing.store.at_once() as tx:
        remembered, rows = tx.journal.recall(subject)
    known = remembered or CaseFile(subject=subject)
    billing_intended = any(row.step is Step.ADD_BILLING_ORDER for row in rows)
    facts = placing.orders.provisioning_facts(order)
    if facts is None:
        raise NotFound("order")
    if _is_being_placed(facts.order, placing=placing):
        raise Conflict(System.STORE, "the order was just found to be placed")
    seen = history.observe(known, facts.order, billing_intended=billing_intended)
    decision = approval(
        known,
        seen,
        facts,
        catalogue=catalogue,
        store=placing.store,
        policy=placing.policy,
        at=placing.at,
    )
    asked_again = _asked_for_again(seen.case_file, cause, published_at=published_at)
    with placing.store.transaction() as tx:
        keep_reading(
            tx,
            attrs.evolve(seen, case_file=asked_again),
            facts.order,
            before=known,
            decision=decision,
            at=placing.at,
        )
        # A hint that comes again and finds something new has to be followed again.
        tx.trigger(subject, cause=f"{cause}:{facts.order.version}")


def _is_being_placed(snapshot: OrderSnapshot, *, placing: Placing) -> bool:
    """Whether the order belongs to a submit that does not know of it yet; then it does now."""
    if snapshot.request_key is None:
        return False
    with placing.store.at_once() as tx:
        placement = tx.requests.get(snapshot.request_key)
    if placement is None or placement.state is not PlacementState.PLACING:
        return False
    placing.complete(placement, snapshot)
    return True


def _asked_for_again(case_file: CaseFile, cause: str, *, published_at: datetime | None) -> CaseFile:
    """
    Let a new OrderProvisionRequested__e ask for a held order again (DESIGN 3.19 c).

    It does once per event id, and only if it was published after the hold began, as far as that is known. An
    id that was seen before the hold is remembered, so that the event asks for nothing when it comes again.
    """
    if not cause.startswith(PROVISION_REQUESTED) or cause in case_file.causes:
        return case_file
    held = case_file.rest
    asks = isinstance(held, Held) and not (published_at is not None and published_at <= held.since)
    return attrs.evolve(
        case_file,
        retry_requested=case_file.retry_requested or asks,
        causes=case_file.causes | {cause},
    )
