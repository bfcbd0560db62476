"""The sandbox's own clock: it runs beside the machine's, can be set, moved and stopped."""

from __future__ import annotations

import time

from datetime import UTC, datetime, timedelta
from threading import Lock


def machine_time() -> datetime:
    """Return the machine's time: for what two machines agree on (assertions, certificates)."""
    return datetime.fromtimestamp(time.time(), UTC)


class SandboxClock:
    """The time one stand-in believes in; never read for time-outs, which are the machine's."""

    def __init__(self, at: datetime | None = None) -> None:
        """Run beside the machine's clock, or from *at* on."""
        self._lock = Lock()
        self._offset = timedelta()
        self._stopped: datetime | None = None
        if at is not None:
            self.set(at)

    def now(self) -> datetime:
        """Return the time, an aware UTC instant."""
        with self._lock:
            return self._read()

    def set(self, at: datetime, *, stopped: bool = False) -> None:
        """Say that it is *at* now; *stopped*, it stays so."""
        with self._lock:
            self._put(at, stopped=stopped)

    def advance(self, by: timedelta) -> None:
        """Move the clock forward, whether it runs or stands."""
        with self._lock:
            self._put(self._read() + by, stopped=self._stopped is not None)

    def reset(self) -> None:
        """Run beside the machine's clock again."""
        with self._lock:
            self._offset, self._stopped = timedelta(), None

    @property
    def stopped(self) -> bool:
        """Whether it stands still."""
        with self._lock:
            return self._stopped is not None

    def _read(self) -> datetime:
        return self._stopped if self._stopped is not None else machine_time() + self._offset

    def _put(self, at: datetime, *, stopped: bool) -> None:
        self._stopped = at.astimezone(UTC) if stopped else None
        self._offset = at.astimezone(UTC) - machine_time()
