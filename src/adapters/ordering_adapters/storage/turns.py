"""
Threads of this process, each waiting for its turn at the database.

Within a process a lock is fairer and quicker than the database's own way of waiting.
"""

from __future__ import annotations

from datetime import timedelta
from threading import Lock, Semaphore, get_ident
from typing import Final

from ordering_core.domain.vocabulary import System
from ordering_core.errors import Unavailable


class Turns:
    """Turns of one thread at a time, or of several."""

    def __init__(self, patience: timedelta, *, inside: set[int], most: int = 1) -> None:
        """Let *most* threads in, and those of *inside* not again; let one wait for *patience* at most."""
        self._patience: Final = patience.total_seconds()
        self._free: Final = Lock() if most == 1 else Semaphore(most)
        self._inside: Final = inside

    def take(self) -> None:
        """
        Wait until it is this thread's turn.

        Raises:
            RuntimeError: It has one already.

            Unavailable: The others did not end in time.

        """
        thread = get_ident()
        if thread in self._inside:
            raise RuntimeError("this thread has a transaction open already")
        if not self._free.acquire(timeout=self._patience):
            raise Unavailable(System.STORE, "other threads keep it busy")
        self._inside.add(thread)

    def give_back(self) -> None:
        """Let the next thread have its turn."""
        self._inside.discard(get_ident())
        self._free.release()
