"""Keeping passwords so that nobody can read them."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class PasswordHasher(Protocol):
    """Hashes and verifies passwords."""

    @abstractmethod
    def hash(self, password: str, /) -> str:
        """Return a salted hash; the same password gives a different one every time."""
        ...

    @abstractmethod
    def verify(self, password: str, hashed: str, /) -> bool:
        """Whether *password* is the one behind *hashed*; False for a text that is no hash."""
        ...
