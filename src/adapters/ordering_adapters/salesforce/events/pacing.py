"""How long to wait after a failure: longer each time, a little differently everywhere, and not for ever."""

from __future__ import annotations

import random

from datetime import timedelta
from typing import Final


_SPREAD: Final = 0.2
"""By how much of itself a delay may be shorter, so that many do not come back at once."""


class Pacing:
    """The delays of one reader; used by one thread."""

    def __init__(self, first: timedelta, longest: timedelta) -> None:
        """Begin with *first*, and double up to *longest*."""
        self._first = first.total_seconds()
        self._longest = longest.total_seconds()
        self._next = self._first

    def succeeded(self) -> None:
        """Begin with the first delay again."""
        self._next = self._first

    def delay(self) -> float:
        """Return how many seconds to wait now."""
        now, self._next = self._next, min(self._longest, self._next * 2)
        return now * (1 - _SPREAD * random.random())  # noqa: S311 - nothing depends on its being secret
