"""Opening lines at the mobile network: submit once, completion comes later (DESIGN 5; japan-telecom 3)."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import Protocol

from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.lines import Line, LineRequest, LineState


__all__ = ["Line", "LineProvisioning", "LineRequest", "LineState"]


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
