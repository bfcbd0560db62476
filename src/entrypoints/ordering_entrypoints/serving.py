"""
A server of ours that ends as its supervisor expects: told once, it finishes; told twice, it is gone.

Uvicorn by itself ends with the signal's status instead of 0, and takes nothing more the moment it is told.
"""

from __future__ import annotations

import signal

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from types import FrameType
from typing import Final

import uvicorn

from ordering_entrypoints.http.machinery import Departure


TELLING: Final = (signal.SIGTERM, signal.SIGINT)
"""The signals that tell a process to stop."""


class Server(uvicorn.Server):
    """Serves until it is told to stop; *departure* begins then, and after *drain* it takes nothing more."""

    def __init__(self, config: uvicorn.Config, departure: Departure, *, drain: timedelta) -> None:
        """Get ready to serve."""
        super().__init__(config)
        self._departure = departure
        self._drain = drain
        self._until: float | None = None

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to whoever started the server: they may come before it serves."""
        yield

    def leave(self) -> None:
        """Be not ready from now on, and stop after a while."""
        self._until = monotonic() + self._drain.total_seconds()

    async def on_tick(self, counter: int) -> bool:
        """Look several times a second whether to stop; others are told here, outside of the signal."""
        if self._until is not None:
            self._departure.begin()
            if monotonic() >= self._until:
                self.should_exit = True
        return await super().on_tick(counter)


@contextmanager
def told_by_signals(stop: Callable[[], None]) -> Generator[None]:
    """Call *stop* when the process is told to end, once: told again, it ends at once."""
    before = {each: signal.getsignal(each) for each in TELLING}

    def told(_signal: int, _frame: FrameType | None) -> None:
        for each in TELLING:
            signal.signal(each, signal.SIG_DFL)
        stop()

    for each in TELLING:
        signal.signal(each, told)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
