"""Hints from outside that an order may have changed: at least once, never the truth (DESIGN 3.2)."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from itertools import count
from threading import Lock

import attrs

from ordering_core.domain.identifiers import OrderId


class HintKind(StrEnum):
    """Who hints at what."""

    PROVISION_REQUESTED = "provision-requested"
    """The approval flow of Salesforce (OrderProvisionRequested__e)."""

    CHANGED = "changed"
    """Somebody changed a record in Salesforce (OrderChangeEvent, AccountChangeEvent)."""

    LINE_COMPLETED = "line-completed"
    """The mobile network finished with a line."""


@attrs.frozen
class Hint:
    """A hint about *order*; *id* begins with its kind and stays the same when it is delivered again."""

    id: str
    order: OrderId


class MemoryHints:
    """The queue of what was not delivered yet, for any number of threads."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = Lock()
        self._numbers = count(1)
        self._waiting: deque[Hint] = deque()

    def tell(self, order: OrderId, kind: HintKind) -> None:
        """Publish a hint about *order*."""
        with self._lock:
            self._waiting.append(Hint(f"{kind}:{next(self._numbers)}", order))

    def take(self) -> tuple[Hint, ...]:
        """Hand out what waits, oldest first: whoever takes it delivers it, or it is lost."""
        with self._lock:
            taken = tuple(self._waiting)
            self._waiting.clear()
            return taken

    def give_back(self, hints: tuple[Hint, ...]) -> None:
        """Take back what could not be delivered, to hand it out again first."""
        with self._lock:
            self._waiting.extendleft(reversed(hints))
