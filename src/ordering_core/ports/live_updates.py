"""Waking those who follow an order; what they then read is the event log."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import OrderId


class Subscription(Protocol):
    """One follower's standing wish."""

    @abstractmethod
    def close(self) -> None:
        """Stop; closing twice changes nothing, and nothing is delivered afterwards."""
        ...


class LiveUpdates(Protocol):
    """Hands events to followers in this process, after they were committed."""

    @abstractmethod
    def subscribe(self, order: OrderId | None, notify: Callable[[OrderEvent], None], /) -> Subscription:
        """
        Call *notify* with every event of *order* (None: of all orders) committed from now on.

        They come in order, from any thread, outside any transaction. *notify* must not block; what it raises
        reaches neither the writer nor other followers. An event may be delivered again; a follower remembers
        its cursor.
        """
        ...
