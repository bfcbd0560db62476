"""Lists that WHMCS counts more rows of than it shows, however often they are read."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock
from typing import Final


MOST_LOOKS: Final = 3
"""Looks in a row that find a list short; then it will not complete itself."""

_MOST: Final = 10_000


class Shortfalls:
    """
    How often in a row each list was found short.

    A list that a change of the moment has made short is complete at the next look. One that stays short lacks
    what its total counts, such as services whose product was deleted: only WHMCS's administrator can mend it.
    """

    def __init__(self) -> None:
        """Begin without knowing anything."""
        self._lock = Lock()
        self._looks: dict[Hashable, int] = {}

    def again(self, known: Hashable, /) -> bool:
        """Count one more look that found the list *known* short; tell whether that is one too many."""
        with self._lock:
            looks = self._looks.pop(known, 0) + 1
            self._looks[known] = looks
            if len(self._looks) > _MOST:
                del self._looks[next(iter(self._looks))]
        return looks >= MOST_LOOKS

    def over(self, known: Hashable, /) -> None:
        """Forget what was counted: the list *known* is complete."""
        with self._lock:
            self._looks.pop(known, None)
