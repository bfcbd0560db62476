"""What is asked of the mobile network, and the lines found there under our mark (DESIGN 5)."""

from __future__ import annotations

from enum import StrEnum

import attrs

from ordering_core.domain.configuration import NumberPorting
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.representation import shown
from ordering_core.domain.values import CardNumber, Eid, LineNumber
from ordering_core.errors import stable_code


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
    number: LineNumber | None = attrs.field(default=None, repr=False)
    porting: NumberPorting | None = attrs.field(default=None, repr=False)

    __repr__ = shown


class LineState(StrEnum):
    """Where a submitted line stands."""

    SUBMITTED = "submitted"
    OPEN = "open"
    FAILED = "failed"


def _failure(said: str) -> str:
    """Return the code that the network gave, if it gave one."""
    return stable_code(said) if said else said


@attrs.frozen(kw_only=True)
class Line:
    """A line as the network shows it; *failure* is the network's code when it failed, and no sentence."""

    id: LineId
    mark: OrderId
    state: LineState
    number: LineNumber | None = attrs.field(default=None, repr=False)
    failure: str = attrs.field(default="", converter=_failure)
    voice_mail: bool = False
    call_waiting: bool = False

    __repr__ = shown
