"""Opening lines at the mobile network: submit once, completion comes later (DESIGN 5; japan-telecom 3)."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from enum import StrEnum
from typing import Protocol

import attrs

from ordering_core.domain.configuration import NumberPorting
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.values import CardNumber, Eid, MobileNumber


@attrs.frozen(kw_only=True)
class LineRequest:
    """
    A line to open.

    For an eSIM *eid*, for a card *card* with the *number* it was made with: exactly one of the two.

    *mark* is our order's id. *porting* is None for a new number. *network_plan* is the network's own plan
    code.
    """

    mark: OrderId
    network_plan: str
    voice: bool
    eid: Eid | None = attrs.field(default=None, repr=False)
    card: CardNumber | None = attrs.field(default=None, repr=False)
    number: MobileNumber | None = attrs.field(default=None, repr=False)
    porting: NumberPorting | None = attrs.field(default=None, repr=False)


class LineState(StrEnum):
    """Where a submitted line stands."""

    SUBMITTED = "submitted"
    OPEN = "open"
    FAILED = "failed"


@attrs.frozen(kw_only=True)
class Line:
    """A line as the network shows it; *failure* is the network's code when it failed."""

    id: LineId
    mark: OrderId
    state: LineState
    number: MobileNumber | None = attrs.field(default=None, repr=False)
    failure: str = ""
    voice_mail: bool = False
    call_waiting: bool = False


class LineProvisioning(Protocol):
    """The mobile network's line orders. One mutation in flight per line."""

    @abstractmethod
    def find(self, mark: OrderId, /) -> tuple[Line, ...] | None:
        """
        Return every line that carries *mark*, or None when this network cannot be asked.

        More than one means that a line was opened twice.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def submit(self, request: LineRequest, /) -> LineId:
        """
        Submit the line. **Submitting twice opens two lines, and a port cannot be undone**: look first.

        Raises:
            Unavailable: Nothing was submitted.

            OutcomeUnknown: It may have been submitted; never submit again without having looked.

            Refused: The network will not open it; *code* begins with ``MNP_`` when the port's data are the
            reason.

        """
        ...

    @abstractmethod
    def set_voice_options(self, line: LineId, /, *, voice_mail: bool, call_waiting: bool) -> None:
        """
        Set the line's voice options; setting them twice is the same as once.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened; setting them again is safe.

            Refused: The network will not set them.

        """
        ...

    @abstractmethod
    def terminate(self, line: LineId, /, *, run_date: date) -> None:
        """
        End the line on *run_date* (a JST date); terminating twice is the same as once.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened; terminating again is safe.

            Refused: The network will not end it.

        """
        ...
