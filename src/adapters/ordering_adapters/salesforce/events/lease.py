"""
Who follows the bus: one at a time, whichever process, and another soon after it died (DESIGN 5, Events).

The lease is a row in our store with its holder and its end. Two holders at once, should clocks differ, cost
time and nothing else: what they do twice is the same as once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ordering_core.errors import Conflict
from ordering_core.ports.clock import Clock
from ordering_core.ports.store import Store, Transaction


NAME: Final = "lease:salesforce-events"


class Lease:
    """The lease *name*, as *holder* sees it; a holder has a name that no other has."""

    def __init__(
        self, store: Store, clock: Clock, *, holder: str, lasts: timedelta, name: str = NAME
    ) -> None:
        """Nothing is taken yet."""
        self._store = store
        self._clock = clock
        self._holder = holder
        self._lasts = lasts
        self._name = name

    def take(self) -> bool:
        """
        Take the lease, or renew it; return whether it is ours until *lasts* from now.

        Raises:
            Unavailable: The store cannot be reached.

            OutcomeUnknown: The reply to the commit was lost; it may be ours.

        """
        now = self._clock.now()
        try:
            with self._store.transaction() as tx:
                kept = tx.checkpoints.get(self._name)
                if kept and not self._is_free(kept, now):
                    return False
                place = f"{(now + self._lasts).isoformat()} {self._holder}"
                tx.checkpoints.replace(self._name, place, before=kept)
        except Conflict:
            return False
        return True

    def is_ours(self, tx: Transaction) -> bool:
        """Return whether nobody else has taken it, by what *tx* sees."""
        return _holder(tx.checkpoints.get(self._name) or "") == self._holder

    def release(self) -> None:
        """
        Let the next one have it at once, if it is ours.

        Raises:
            PortError: The store does not do it; the lease ends by itself.

        """
        with self._store.transaction() as tx:
            if self.is_ours(tx):
                tx.checkpoints.set(self._name, "")

    def _is_free(self, kept: str, now: datetime) -> bool:
        return _holder(kept) == self._holder or datetime.fromisoformat(kept.partition(" ")[0]) <= now


def _holder(kept: str) -> str:
    return kept.partition(" ")[2]
