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


class WorkQueue(Protocol):
    """The running side of triggers."""

    @abstractmethod
    def run_due(self, at: datetime, handle: Callable[[Subject], None], /, *, limit: int = 100) -> int:
        """
        Hand every subject with a trigger due at *at* to *handle*; return how many were handed over.

        The earliest comes first. *handle* runs outside any transaction; what it triggers to be due at once
        runs too, within *limit*. A trigger whose handler raises is kept and due again a minute after *at*,
        and the others go on; one whose handler is torn down (any other BaseException, which is passed on) is
        due again as it was. No trigger is handed to two callers at once, and none handled is comes again.

        A subject does not gather triggers by failing: older ones that would come before it is tried again
        are served by that try. What the sweep wanted to have run is served by any run that ends well.
        """
        ...

    @abstractmethod
    def next_due(self) -> datetime | None:
        """Return when the next waiting trigger becomes due, or None when none waits."""
        ...
