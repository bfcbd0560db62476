"""Where new, unguessable names come from."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class IdSource(Protocol):
    """Makes names for sessions, request keys and runs."""

    @abstractmethod
    def new(self) -> str:
        """Return a URL-safe text of at least 122 random bits, never the same twice."""
        ...
