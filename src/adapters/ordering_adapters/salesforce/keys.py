"""
Doing a thing once under one key.

Where Salesforce itself keeps the values of a key field apart, writing a second time is refused, and what is
there is found. Where it does not, this process lets only one thread at a time look and write under a key;
processes are kept apart by the journal (DESIGN 6), and an unknown outcome rests until the first attempt can
no longer arrive (DESIGN 3.10).
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock

import attrs

from ordering_core.domain.identifiers import RequestKey
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown
from ordering_core.ports.clock import Clock


@attrs.define
class _Turn:
    lock: Lock = attrs.field(factory=Lock)
    waiting: int = 0


class Turns:
    """One thread at a time for each key; a key that nobody uses takes no room."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._turns: dict[RequestKey, _Turn] = {}

    @contextmanager
    def of(self, key: RequestKey) -> Generator[None]:
        """Be the only one that works on *key*."""
        with self._lock:
            turn = self._turns.setdefault(key, _Turn())
            turn.waiting += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.waiting -= 1
                if not turn.waiting:
                    del self._turns[key]


class Doubts:
    """The keys under which something may still arrive."""

    def __init__(self, clock: Clock, *, last: timedelta) -> None:
        """A doubt lasts as long as a request may still be running there."""
        self._clock = clock
        self._last = last
        self._lock = Lock()
        self._since: dict[RequestKey, datetime] = {}

    @contextmanager
    def watching(self, key: RequestKey) -> Generator[None]:
        """Remember when what is done here under *key* ends in an unknown outcome."""
        try:
            yield
        except OutcomeUnknown:
            with self._lock:
                self._since[key] = self._clock.now()
            raise

    def settle(self, key: RequestKey) -> None:
        """Forget a doubt that was answered."""
        with self._lock:
            self._since.pop(key, None)

    def require_none(self, key: RequestKey) -> None:
        """
        See that nothing can arrive under *key* any more.

        Raises:
            OutcomeUnknown: An earlier attempt may still be running.

        """
        with self._lock:
            since = self._since.get(key)
            if since is not None and self._clock.now() - since < self._last:
                raise OutcomeUnknown(System.SALESFORCE, "an earlier attempt may still arrive")
            self._since.pop(key, None)
