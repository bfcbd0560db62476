"""What time it is."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The one source of the present; the domain never asks it, use cases pass its answer on."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the present as an aware UTC instant; never earlier than the last answer."""
        ...
