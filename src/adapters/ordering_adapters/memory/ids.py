"""New names: unguessable ones for use, and a sequence that is the same in every run for tests."""

from __future__ import annotations

import secrets

from hashlib import sha256
from itertools import count
from threading import Lock
from typing import Final

from ordering_core.ports.ids import IdSource


RANDOM_BYTES: Final = 16
"""Bytes of chance in a name: 128 bits, more than the port's 122."""


class MemoryIds(IdSource):
    """Names from the operating system's source of chance."""

    def new(self) -> str:
        return secrets.token_urlsafe(RANDOM_BYTES)


class SequentialIds(IdSource):
    """
    The same names in the same order in every run, of the length of real ones.

    Never for real customers: whoever knows the *seed* knows every name.
    """

    def __init__(self, seed: str = "") -> None:
        """Begin the sequence that belongs to *seed*."""
        self._seed = seed
        self._lock = Lock()
        self._numbers = count(1)

    def new(self) -> str:
        with self._lock:
            number = next(self._numbers)
        return f"{number:06d}-{sha256(f'{self._seed}:{number}'.encode()).hexdigest()[:32]}"
