"""`ordering adopt --provision`: taking over one order that was left alone, after a look at WHMCS."""

from __future__ import annotations

import attrs

from ordering_core.application.ordering import Ordering
from ordering_core.application.taking_over import TakeOver, look_before_taking_over, take_over
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.journal import Runner
from ordering_core.domain.taking_over import promised
from ordering_core.errors import NotFound
from ordering_core.ports.go_live import ServicesBefore
from ordering_entrypoints.cli_adopt import IN_THE_WAY, ConflictView, show_conflicts
from ordering_entrypoints.terminal import Terminal, Unusable
from ordering_entrypoints.wire import to_json


@attrs.frozen(kw_only=True)
class TakeOverView:
    """
    What taking an order over means, and whether it was done.

    *bills* are the items that would be billed, with their net prices; *billed* are WHMCS orders of this order
    that are there already, from which provisioning goes on.
    """

    applied: bool
    passed: bool
    order: str
    status: str | None
    bills: tuple[str, ...]
    billed: tuple[int, ...]
    conflicts: tuple[ConflictView, ...]


def provision(
    terminal: Terminal,
    ordering: Ordering,
    order: str,
    *,
    services: ServicesBefore,
    by: str,
    reason: str,
    accepted: frozenset[str],
    apply: bool,
    as_json: bool,
) -> int:
    """
    Show what taking over *order* means; with *apply* do it, unless something is in the way.

    Services of which the ids are *accepted* are none of this order's. Returns 1 when something else is in the
    way, else 0.

    Raises:
        Unusable: There is no such order.

        PortError: Something cannot be read or kept now.

    """
    try:
        found = look_before_taking_over(
            OrderId(order),
            catalogue=ordering.catalogue,
            orders=ordering.orders,
            billing=ordering.billing,
            services=services,
            store=ordering.store,
        )
    except NotFound:
        raise Unusable(f"Salesforce has no order {order}; the id has 18 characters") from None
    passed = not found.in_the_way(accepted)
    if apply and passed:
        take_over(
            found,
            by=by,
            reason=reason,
            accepted=accepted,
            store=ordering.store,
            policy=ordering.policy,
            runner=Runner(ordering.ids.new()),
            at=ordering.clock.now(),
        )
    view = _view(found, accepted, applied=apply and passed, passed=passed)
    if as_json:
        terminal.say(to_json(view))
    else:
        _show(terminal, view, apply=apply)
    return 0 if passed else IN_THE_WAY


def _view(found: TakeOver, accepted: frozenset[str], *, applied: bool, passed: bool) -> TakeOverView:
    order = found.facts.order
    known = all(line.sku in found.products for line in order.lines)
    lines = promised(order, found.products) if known and not found.billed else ()
    in_the_way = found.in_the_way(accepted)
    return TakeOverView(
        applied=applied,
        passed=passed,
        order=order.id,
        status=order.status,
        bills=tuple(f"{line.name}, ¥{line.price:,}, {line.cycle}" for line in lines),
        billed=tuple(known.id for known in found.billed),
        conflicts=tuple(
            attrs.evolve(ConflictView.of(each, accepted), accepted=each not in in_the_way)
            for each in found.conflicts
        ),
    )


def _show(terminal: Terminal, view: TakeOverView, *, apply: bool) -> None:
    terminal.say(f"order {view.order}, {view.status or 'without a status'}")
    for line in view.bills:
        terminal.say(f"  would be billed: {line}")
    for known in view.billed:
        terminal.say(f"  billed already, as WHMCS order {known}; ordering goes on from there")
    if view.conflicts:
        terminal.say()
        show_conflicts(terminal, view.conflicts)
    terminal.say()
    if view.applied:
        terminal.say(f"Taken over; ordering show {view.order} tells how it goes on.")
    elif not view.passed:
        terminal.say(f"{'It was not taken over' if apply else 'It cannot be taken over'}; see above.")
    else:
        terminal.say("Nothing is in the way, and nothing was kept: --apply takes it over.")
