"""What the machinery around a process may ask of it: whether it can do its work, its figures, its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from ordering_core.errors import PortError
from ordering_core.ports.store import Store
from ordering_entrypoints.http.fan_out import FanOut


Check: TypeAlias = Callable[[], str]
"""Returns what keeps one part of a process from working, empty when nothing does; it asks nobody outside."""

Answered: TypeAlias = Callable[[str, str, int, float], None]
"""Is told of every request that was answered: its method, its route's template, its status, its seconds."""

STOPPING: Final = "stopping"
"""The part that keeps a process from being ready once it was told to stop."""

BEING_STOPPED: Final = "the process was told to stop; ask another one"
"""Why it is not ready then."""


class NotReady(Exception):
    """The process cannot work now; *parts* says why, by what of it is not ready."""

    def __init__(self, parts: Mapping[str, str]) -> None:
        """Keep the parts."""
        super().__init__(parts)
        self.parts = parts


class Departure:
    """The end of a process: begun once, known to everybody who has to make room for it."""

    def __init__(self) -> None:
        """Nobody was told to stop yet."""
        self._lock = Lock()
        self._begun = False
        self._leavers: list[Callable[[], None]] = []

    @property
    def has_begun(self) -> bool:
        """Whether the process was told to stop."""
        return self._begun

    def then(self, leave: Callable[[], None]) -> None:
        """Have *leave* called when it begins, at once if it has."""
        with self._lock:
            if not self._begun:
                self._leavers.append(leave)
                return
        leave()

    def begin(self) -> None:
        """Let everybody know; beginning twice is the same as once."""
        with self._lock:
            leavers, self._leavers = self._leavers, []
            self._begun = True
        for leave in leavers:
            leave()


def reaches(store: Store) -> Check:
    """Return what looks whether *store* can be reached."""

    def reach() -> str:
        try:
            with store.transaction():
                return ""
        except PortError as error:
            return error.reason or str(error)

    return reach


@attrs.frozen(kw_only=True)
class Machinery:
    """
    What an app shows of its process to the machinery that runs it.

    *checks* are by the name of the part that they look at. *figures* returns the metrics and their media
    type; None shows none. *answered* is told of requests.
    """

    checks: Mapping[str, Check] = MappingProxyType({})
    figures: Callable[[], tuple[bytes, str]] | None = None
    answered: Answered | None = None
    departure: Departure = attrs.field(factory=Departure)
    fan_out: FanOut = attrs.field(factory=FanOut)

    def unready(self) -> dict[str, str]:
        """Return what keeps the process from working, by part; empty when it can work."""
        if self.departure.has_begun:
            return {STOPPING: BEING_STOPPED}
        found = {part: check() for part, check in self.checks.items()}
        return {part: why for part, why in found.items() if why}
