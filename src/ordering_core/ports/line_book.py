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
from ordering_core.domain.values import LineNumber
from ordering_core.errors import stable_code


def _failure(said: str) -> str:
    """Return the code that the network gave, if it gave one."""
    return stable_code(said) if said else said


@attrs.frozen(kw_only=True)
class Completion:
    """
    What the network says became of one request, however it says so.

    At least one of *mark* (our order), *line* (the network's number of the request) and *sim* (`sim_key` of
    its EID or card) names the request; empty ones are not said. *failure* is empty for a line that is open.
    *when* is the network's own text for the moment: it tells two completions apart that say the same. Without
    it, and without *line*, one that says the same again is not taken for a word about a later request.
    """

    mark: OrderId = OrderId("")
    line: LineId = LineId("")
    sim: str = attrs.field(default="", repr=False)
    number: LineNumber | None = attrs.field(default=None, repr=False)
    failure: str = attrs.field(default="", converter=_failure)
    when: str = ""

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
        Keep a completion, let its order go on and return that; None when it fits none, and is kept as well.

        Taking the same one twice is the same as once. It belongs to the order it names, else to that of the
        line it names, else to that of the only line submitted for its SIM that is not settled yet. It fits
        none where what it names does not go together, such as an order with the SIM of another, or an order
        that nobody here knows. One that fits none belongs to the line it names as soon as that is learnt. A
        line is settled once: what says otherwise later is kept, and changes nothing.

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


class LineRows(Protocol):
    """What a book is written in: the rows of one transaction, which is kept as a whole or not at all."""

    @abstractmethod
    def of_id(self, line: LineId, /) -> Line | None:
        """Return the line, or None."""
        ...

    @abstractmethod
    def of_mark(self, mark: OrderId, /) -> tuple[Line, ...]:
        """Return the lines of an order, oldest first."""
        ...

    @abstractmethod
    def of_sim(self, sim: str, /) -> tuple[Line, ...]:
        """Return the lines submitted for a SIM, oldest first."""
        ...

    @abstractmethod
    def sim_of(self, line: LineId, /) -> str:
        """Return the `sim_key` that the line was submitted for, empty when that is not known."""
        ...

    @abstractmethod
    def knows(self, order: OrderId, /) -> bool:
        """Whether anything is known here of *order*."""
        ...

    @abstractmethod
    def put(self, line: Line, /, *, sim: str = "") -> None:
        """Keep *line* in place of the one with its id; an empty *sim* leaves what is there."""
        ...

    @abstractmethod
    def rename(self, line: LineId, /, *, to: LineId) -> None:
        """Let *line* be called *to* from now on."""
        ...

    @abstractmethod
    def order_of(self, completion: Completion, /) -> OrderId | None:
        """Return the order that *completion* was kept for, None when it was not, or fitted none."""
        ...

    @abstractmethod
    def keep(self, completion: Completion, /, *, order: OrderId | None) -> None:
        """Keep *completion*, or whom it is for now."""
        ...

    @abstractmethod
    def unmatched(self, line: LineId | None = None, /) -> tuple[Completion, ...]:
        """Return what was kept for no order, oldest first; of *line* alone, or everything."""
        ...

    @abstractmethod
    def trigger(self, order: OrderId, /, *, cause: str) -> None:
        """Let *order* go on, once per *cause*."""
        ...
