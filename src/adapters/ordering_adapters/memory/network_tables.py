"""What the books of the mobile network are written in: lines, completions, profiles."""

from __future__ import annotations

from itertools import count

import attrs

from ordering_adapters.memory.tables import ChangeLog, Table
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.lines import Line
from ordering_core.ports.line_book import Completion
from ordering_core.ports.profile_book import KeptProfile


@attrs.frozen(kw_only=True)
class LineRow:
    """A line, the key of the SIM it was submitted for, and its *number* among all rows."""

    number: int
    line: Line
    sim: str


@attrs.frozen(kw_only=True)
class CompletionRow:
    """A completion, its order if it fits one, and its *number* among all rows."""

    number: int
    completion: Completion
    order: OrderId | None


class NetworkTables:
    """The tables of one store."""

    def __init__(self, log: ChangeLog) -> None:
        self.numbers = count(1)
        self.lines: Table[LineId, LineRow] = Table(log)
        self.completions: Table[Completion, CompletionRow] = Table(log)
        self.profiles: Table[OrderId, KeptProfile] = Table(log)
