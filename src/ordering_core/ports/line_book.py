"""
What we know of submitted lines beside the network itself: how it answered, and what it completed later.

A network answers a request long before the line is open, and tells of that by a file or a message of its own
(DESIGN 4 and 5; reference japan-telecom 3.1). The book is where both meet; it is the network adapter's.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

import attrs

from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.lines import Line, LineState
from ordering_core.domain.representation import shown
from ordering_core.domain.values import MobileNumber
from ordering_core.errors import stable_code


@attrs.frozen(kw_only=True)
class Completion:
    """
    What the network says became of one request, however it says so.

    At least one of *mark* (our order), *line* (the network's number of the request) and *sim* (`sim_key` of
    its EID or card) names the request; empty ones are not said. *failure* is empty for a line that is open.
    """

    mark: OrderId = OrderId("")
    line: LineId = LineId("")
    sim: str = attrs.field(default="", repr=False)
    number: MobileNumber | None = attrs.field(default=None, repr=False)
    failure: str = attrs.field(default="", converter=lambda said: stable_code(said) if said else "")

    __repr__ = shown

    @property
    def state(self) -> LineState:
        """Where the line stands."""
        return LineState.FAILED if self.failure else LineState.OPEN


class LineBook(Protocol):
    """The lines we know of. Safe to share between threads and processes."""

    @abstractmethod
    def learn(self, line: Line, /, *, sim: str = "") -> None:
        """
        Keep what the network says of *line*; *sim* is the `sim_key` of what it was submitted for.

        What is known stays where the network says less: a number is not forgotten, and a line that is open or
        failed does not become submitted again.

        Raises:
            Unavailable: Nothing was kept.

        """
        ...

    @abstractmethod
    def line(self, line: LineId, /) -> Line | None:
        """
        Return the line, or None when it is not known.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def lines(self, mark: OrderId, /) -> tuple[Line, ...]:
        """
        Return every line known of one order, oldest first.

        Raises:
            Unavailable: They cannot be read now.

        """
        ...

    @abstractmethod
    def complete(self, completion: Completion, /) -> OrderId | None:
        """
        Keep a completion and return its order; None when it fits none, and is kept all the same.

        Taking the same one twice is the same as once. It belongs to the order it names, else to that of the
        line it names, else to that of the only line submitted for its SIM that is not settled yet.

        Raises:
            Unavailable: Nothing was kept.

        """
        ...

    @abstractmethod
    def unmatched(self) -> tuple[Completion, ...]:
        """
        Return the completions that fit no order yet, oldest first.

        Raises:
            Unavailable: They cannot be read now.

        """
        ...
