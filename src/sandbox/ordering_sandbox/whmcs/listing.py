"""What actions answer with, and lists of it page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import attrs

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.parameters import Parameters
from ordering_sandbox.whmcs.tables import Row, Value


Answer: TypeAlias = "dict[str, Json]"
"""An action's answer, without ``result``, which a success gets."""

Handler: TypeAlias = Callable[[Work, Parameters], Answer]
"""Does an action."""

_PAGE: Final = 25


@attrs.frozen(kw_only=True)
class Page:
    """A part of what was found."""

    total: int
    start: int
    rows: Sequence[Row]

    def counts(self) -> Answer:
        """Return the counts as most lists say them."""
        return {
            "totalresults": self.total,
            "startnumber": self.start,
            "numreturned": len(self.rows),
        }


def page(
    work: Work,
    parameters: Parameters,
    table: str,
    conditions: Sequence[str] = (),
    values: Sequence[Value] = (),
    *,
    order: str = '"id"',
) -> Page:
    """Return the page of *table* that ``limitstart`` and ``limitnum`` (25) ask for."""
    start, wanted = max(parameters.number("limitstart"), 0), parameters.number("limitnum")
    size = wanted if wanted > 0 else _PAGE
    if work.switches.largest_page:
        size = min(size, work.switches.largest_page)
    return Page(
        total=work.rows.count(table, conditions, values),
        start=start,
        rows=work.rows.select(table, conditions, values, order=order, limit=size, offset=start),
    )


def equal_to(parameters: Parameters, *names: tuple[str, str]) -> tuple[list[str], list[Value]]:
    """Return conditions for those of *names* (parameter, column) that were sent with a number in them."""
    wanted = [(column, parameters.number(name)) for name, column in names if parameters.text(name)]
    return [f'"{column}" = ?' for column, _ in wanted], [number for _, number in wanted]
