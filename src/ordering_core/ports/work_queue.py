"""Running what was triggered; triggers themselves belong to the store's transaction (DESIGN 6)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from ordering_core.domain.journal import Subject


RETRY_AFTER: Final = timedelta(minutes=1)
"""How long after a run that raised its trigger is due again, if the error does not say when."""

SWEPT: Final = "sweep:"
"""
How the causes of the sweep begin.

They tell no news, only that a run may have been lost: any run of the subject that ends well serves them.
"""


class RunBroke(Exception):
    """
    A run that broke off by *error*, raised from it by a handler that knows when to be called *again*.

    It says nothing but the name of the error, which may quote what was stored.
    """

    def __init__(self, error: Exception, *, again: datetime) -> None:
        """Keep what kind of *error* it was."""
        super().__init__(type(error).__name__)
        self.error = type(error)
        self.again = again


def error_of(error: Exception) -> type[Exception]:
    """Return what kind of error broke a run that raised *error*."""
    return error.error if isinstance(error, RunBroke) else type(error)


def again_after(error: Exception, at: datetime) -> datetime:
    """Return when a run that was begun at *at* and raised *error* is to be tried again."""
    return error.again if isinstance(error, RunBroke) else at + RETRY_AFTER


class WorkQueue(Protocol):
    """The running side of triggers."""

    @abstractmethod
    def run_due(self, at: datetime, handle: Callable[[Subject], None], /, *, limit: int = 100) -> int:
        """
        Hand every subject with a trigger due at *at* to *handle*; return how many were handed over.

        The earliest comes first. *handle* runs outside any transaction; what it triggers to be due at once
        runs too, within *limit*. A trigger whose handler raises is kept and due again a minute after *at*, or
        when its `RunBroke` says, and the others go on; one whose handler is torn down (any other
        BaseException, which is passed on) is due again as it was. No trigger is handed to two callers at
        once, and none handled is comes again.

        A subject does not gather triggers by failing: older ones that would come before it is tried again
        are served by that try. What the sweep wanted to have run is served by any run that ends well.
        """
        ...

    @abstractmethod
    def next_due(self) -> datetime | None:
        """Return when the next waiting trigger becomes due, or None when none waits."""
        ...
