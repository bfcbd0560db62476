"""A clock that stands still until it is moved: nothing that is tested with it ever sleeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock

from ordering_core.ports.clock import Clock


class ManualClock(Clock):
    """The present as the test says; it may be moved forward, from any thread, and never back."""

    def __init__(self, start: datetime) -> None:
        """
        Start at *start*.

        Raises:
            ValueError: *start* has no time zone.

        """
        self._lock = Lock()
        self._now = _utc(start)

    def now(self) -> datetime:
        """Return the present as an aware UTC instant."""
        with self._lock:
            return self._now

    def advance(self, by: timedelta) -> datetime:
        """
        Let *by* pass, and return the new present.

        Raises:
            ValueError: *by* is negative.

        """
        with self._lock:
            return self._move(self._now + by)

    def move_to(self, at: datetime) -> datetime:
        """
        Make *at* the present, and return it.

        Raises:
            ValueError: *at* is in the past, or has no time zone.

        """
        with self._lock:
            return self._move(_utc(at))

    def __repr__(self) -> str:
        """Show the present."""
        return f"ManualClock({self._now.isoformat()})"

    def _move(self, at: datetime) -> datetime:
        if at < self._now:
            raise ValueError(f"a clock never goes back: it is {self._now}, asked for was {at}")
        self._now = at
        return at


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone, for example tzinfo=UTC")
    return at.astimezone(UTC)
