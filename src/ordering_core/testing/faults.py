"""How calls of outside systems go wrong in a test, and the switches for it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol


class Fault(StrEnum):
    """How an outside call goes wrong."""

    DOWN = "down"
    """Nothing happens; Unavailable."""

    REFUSE = "refuse"
    """Nothing happens; Refused."""

    LOSE_REPLY = "lose_reply"
    """The work is done, the reply is lost; OutcomeUnknown."""

    SLOW = "slow"
    """OutcomeUnknown now, the work is done a little later (within the settle time)."""


class Moment(StrEnum):
    """Where inside an outside call a hook runs."""

    BEFORE = "before"
    """The request was made and has not arrived."""

    AFTER = "after"
    """The work is done and the reply has not arrived."""


class Faults(Protocol):
    """Switches for what outside calls do. An *operation* is ``port.method``, for example ``billing.add``."""

    @abstractmethod
    def set(self, operation: str, fault: Fault, /, *, times: int = 1, code: str = "") -> None:
        """Let the next *times* calls of *operation* go wrong; *code* is the refusal's code."""
        ...

    @abstractmethod
    def hook(self, operation: str, moment: Moment, action: Callable[[], None], /) -> None:
        """Run *action* once inside the next call of *operation*; what it raises leaves the call (a crash)."""
        ...

    @abstractmethod
    def clear(self) -> None:
        """Everything works again."""
        ...

    @abstractmethod
    def calls(self, operation: str, /) -> int:
        """Return how often *operation* was called so far, failed calls included."""
        ...
