"""`ordering sim`: what the network says became of lines, from its files, and what of it fits no order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from ordering_adapters.sim_network.completions import (
    BadRow,
    CompletionLayout,
    UnreadableFile,
    read_completions,
)
from ordering_core.application.ordering import Ordering
from ordering_core.errors import PortError
from ordering_core.ports.line_book import LineBook
from ordering_entrypoints.cli_input import name_of, read_bytes
from ordering_entrypoints.settings import DATABASE, Settings, SettingsError
from ordering_entrypoints.sim_network_ports import layout_of, line_book
from ordering_entrypoints.terminal import Terminal, Unusable
from ordering_entrypoints.wire import to_json
from ordering_entrypoints.wire.completions import unmatched_views


LARGEST: Final = 50_000_000
"""Bytes of a file of completions."""

_INCOMPLETE: Final = 1
_NOT_KEPT: Final = "not_kept"


@attrs.frozen(kw_only=True)
class BadRowView:
    """A row that was not taken: its line in the file, its column, and the problem there."""

    line: int
    column: str
    problem: str


@attrs.frozen(kw_only=True)
class TakenView:
    """What became of a file: rows taken, the lines of those that fit no order, and the rows not taken."""

    taken: int
    unmatched: tuple[int, ...]
    bad: tuple[BadRowView, ...]


def complete(terminal: Terminal, settings: Settings, ordering: Ordering, name: str, *, as_json: bool) -> int:
    """
    Take the file of completions *name*, or standard input when that is ``-``; return the exit status.

    It is 0 when every row was taken and fits an order, else 1. Taking a file again changes nothing.

    Raises:
        Unusable: The file cannot be read, or has another form.

        SettingsError: The settings cannot be used.

    """
    book = _book(settings, ordering)
    try:
        rows, bad = read_completions(read_bytes(name, LARGEST), _layout(settings))
    except UnreadableFile as problem:
        raise Unusable(f"{name_of(name)} is no file of completions: {problem}") from None
    unmatched: list[int] = []
    failed: list[BadRow] = []
    for row in rows:
        try:
            if book.complete(row.completion) is None:
                unmatched.append(row.place)
        except PortError:
            failed.append(BadRow(place=row.place, column="", problem=_NOT_KEPT))
    not_taken = sorted((*bad, *failed), key=lambda row: row.place)
    taken = TakenView(
        taken=len(rows) - len(failed),
        unmatched=tuple(unmatched),
        bad=tuple(BadRowView(line=row.place, column=row.column, problem=row.problem) for row in not_taken),
    )
    if as_json:
        terminal.say(to_json(taken))
    else:
        _show(terminal, taken)
    return _INCOMPLETE if taken.bad or taken.unmatched else 0


def show_unmatched(terminal: Terminal, settings: Settings, ordering: Ordering, *, as_json: bool) -> int:
    """Show the completions that fit no order; return 1 when there are any. Raises SettingsError."""
    found = unmatched_views(_book(settings, ordering).unmatched())
    if as_json:
        terminal.say(to_json(found))
    elif found:
        terminal.table(
            ("order named", "line named", "by SIM", "state", "code", "when"),
            [
                (view.order, view.line, "yes" if view.by_sim else "no", view.state, view.failure, view.when)
                for view in found
            ],
        )
    else:
        terminal.say("Every completion fits an order.")
    return _INCOMPLETE if found else 0


def _book(settings: Settings, ordering: Ordering) -> LineBook:
    if settings.database is None:
        raise Unusable(f"completions are kept in the database of the orders; set {DATABASE}")
    return line_book(ordering.store, database=True)


def _layout(settings: Settings) -> CompletionLayout:
    try:
        return layout_of(settings.sim)
    except ValueError as error:
        raise SettingsError((f"ORDERING_SIM_*: {error}",)) from None


def _show(terminal: Terminal, taken: TakenView) -> None:
    terminal.say(f"{taken.taken} rows were taken.")
    if taken.unmatched:
        terminal.say(f"Of these fit no order and are kept: lines {_listed(taken.unmatched)}.")
    if taken.bad:
        terminal.table(
            ("line", "column", "not taken because"),
            [(str(row.line), row.column, row.problem) for row in taken.bad],
        )


def _listed(places: Sequence[int]) -> str:
    return ", ".join(map(str, places))
