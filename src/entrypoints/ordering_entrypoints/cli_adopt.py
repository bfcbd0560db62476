"""`ordering adopt`: the go-live on an org that is in use, looked at first and carried out on request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from ordering_core.application.go_live import Plan, carry_out, plan
from ordering_core.application.ordering import Ordering
from ordering_core.domain.customers import Identity
from ordering_core.domain.go_live import REMEDIES, Conflict, Flaw
from ordering_core.domain.identifiers import AccountId
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.ports.go_live import RecordsBefore, ServicesBefore
from ordering_entrypoints.terminal import Terminal
from ordering_entrypoints.wire import to_json


IN_THE_WAY: Final = 1
MOST_SHOWN: Final = 50
"""Conflicts of one kind in a table; JSON has them all."""

TOLD_EVERY: Final = 5_000


@attrs.frozen(kw_only=True)
class ConflictView:
    """One conflict: its code, the id of its record, with what, the way out, and whether it was accepted."""

    code: str
    record: str
    about: str
    remedy: str
    accepted: bool

    @classmethod
    def of(cls, conflict: Conflict, accepted: Collection[str]) -> ConflictView:
        """Show *conflict*."""
        return cls(
            code=conflict.flaw.value,
            record=conflict.record,
            about=conflict.about,
            remedy=REMEDIES[conflict.flaw],
            accepted=conflict.record in accepted,
        )


@attrs.frozen(kw_only=True)
class PlanView:
    """
    What was found, and whether it was taken in.

    *mapped* lines of the map, *new* of them; *accounts* with orders; *orders* by what they are to us; *ours*
    are those in flight that are provisioned without anybody's word.
    """

    applied: bool
    passed: bool
    mapped: int
    new: int
    accounts: int
    orders: Mapping[str, int]
    ours: tuple[str, ...]
    conflicts: tuple[ConflictView, ...]


def adopt(
    terminal: Terminal,
    ordering: Ordering,
    identities: Sequence[Identity],
    *,
    records: RecordsBefore,
    services: ServicesBefore,
    accepted: frozenset[str],
    apply: bool,
    as_json: bool,
) -> int:
    """
    Show what there is and what does not fit; with *apply* take it in, unless something is in the way.

    Records whose ids are *accepted* are in nobody's way. Returns 1 when others are, else 0.

    Raises:
        PortError: Something cannot be read or kept; with *apply* begin again, it goes on where it was.

    """
    told = _Told(records, terminal)
    found = plan(identities, records=told, services=services, store=ordering.store)
    passed = not found.in_the_way(accepted)
    if apply and passed:
        told = _Told(records, terminal)
        carry_out(identities, accepted=accepted, records=told, store=ordering.store, clock=ordering.clock)
    view = _view(found, accepted, applied=apply and passed, passed=passed)
    if as_json:
        terminal.say(to_json(view))
    else:
        _show(terminal, view, apply=apply)
    unknown = accepted - {conflict.record for conflict in found.conflicts}
    if unknown:
        terminal.remark(f"ordering: nothing is wrong with {', '.join(sorted(unknown))}")
    return 0 if passed else IN_THE_WAY


def show_conflicts(terminal: Terminal, conflicts: Sequence[ConflictView]) -> None:
    """Show *conflicts* in a table, and the way out of each kind."""
    by_code: defaultdict[str, list[ConflictView]] = defaultdict(list)
    for conflict in conflicts:
        by_code[conflict.code].append(conflict)
    terminal.table(
        ("conflict", "record", "with", "accepted"),
        [
            (each.code, each.record, each.about, "yes" if each.accepted else "no")
            for kind in by_code.values()
            for each in kind[:MOST_SHOWN]
        ],
    )
    for code, kind in by_code.items():
        if len(kind) > MOST_SHOWN:
            terminal.say(f"{code}: {len(kind) - MOST_SHOWN:,} more; --json shows them all")
    for code in by_code:
        terminal.say(f"\n{code}:\n  {REMEDIES[Flaw(code)]}")


def _view(found: Plan, accepted: Collection[str], *, applied: bool, passed: bool) -> PlanView:
    return PlanView(
        applied=applied,
        passed=passed,
        mapped=found.mapped,
        new=found.new,
        accounts=found.accounts,
        orders={standing.value: number for standing, number in found.orders.items()},
        ours=tuple(found.ours),
        conflicts=tuple(ConflictView.of(conflict, accepted) for conflict in found.conflicts),
    )


def _show(terminal: Terminal, view: PlanView, *, apply: bool) -> None:
    terminal.table(
        ("what is there", "number"),
        [
            ("customers in the map", f"{view.mapped:,}"),
            ("of them new here", f"{view.new:,}"),
            ("Accounts with orders", f"{view.accounts:,}"),
            *((f"orders: {standing}", f"{number:,}") for standing, number in view.orders.items()),
        ],
        numbers=("number",),
    )
    if view.ours:
        shown = ", ".join(view.ours[:MOST_SHOWN]) + (" …" if len(view.ours) > MOST_SHOWN else "")
        terminal.say(f"\nprovisioned without anybody's word, for they were ordered here: {shown}")
    if view.conflicts:
        terminal.say()
        show_conflicts(terminal, view.conflicts)
    terminal.say()
    if view.applied:
        terminal.say("Taken in. Orders in flight are left alone: ordering adopt --provision ORDER takes one.")
    elif not view.passed:
        refused = "Nothing was taken in: " if apply else ""
        terminal.say(f"{refused}put the conflicts right, or accept each with --except ID.")
    else:
        terminal.say("Nothing is in the way, and nothing was kept: --apply takes it in.")


class _Told(RecordsBefore):
    """Records that say now and then how many orders were read: a large org takes its time."""

    def __init__(self, records: RecordsBefore, terminal: Terminal) -> None:
        self._records = records
        self._terminal = terminal
        self._read = 0

    def orders(self, *, after: AccountId | None = None) -> Iterator[tuple[OrderSnapshot, ...]]:
        for batch in self._records.orders(after=after):
            before, self._read = self._read, self._read + len(batch)
            if before // TOLD_EVERY != self._read // TOLD_EVERY:
                self._terminal.remark(f"{self._read:,} orders read")
            yield batch

    def last_change(self) -> datetime | None:
        return self._records.last_change()

    def opportunities(self, accounts: Collection[AccountId], /) -> tuple[Opportunity, ...]:
        return self._records.opportunities(accounts)

    def customer_numbers(self, accounts: Collection[AccountId], /) -> Mapping[AccountId, str]:
        return self._records.customer_numbers(accounts)
