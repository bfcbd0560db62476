"""The machine's own clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock

from ordering_core.ports.clock import Clock


def _machine_time() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - this is the Clock port


class SystemClock(Clock):
    """The machine's time, standing still while the machine's clock is set back."""

    def __init__(self, source: Callable[[], datetime] = _machine_time) -> None:
        """Read the time from *source*, an aware UTC instant."""
        self._source = source
        self._lock = Lock()
        self._last = source()

    def now(self) -> datetime:
        with self._lock:
            self._last = max(self._last, self._source())
            return self._last
