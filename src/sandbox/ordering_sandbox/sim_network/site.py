"""The network's state behind one lock, its clock, switches and faults."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from threading import RLock

import attrs

from ordering_sandbox.clock import SandboxClock
from ordering_sandbox.faults import Switchboard
from ordering_sandbox.sim_network.keys import Keys
from ordering_sandbox.sim_network.network import Network
from ordering_sandbox.sim_network.profiles import ProfileStock
from ordering_sandbox.sim_network.switches import Switches


@attrs.define
class State:
    """What is lost when the process ends."""

    network: Network = attrs.field(factory=Network)
    profiles: ProfileStock = attrs.field(factory=ProfileStock)
    keys: Keys = attrs.field(factory=Keys)


class Site:
    """One network and its SM-DP+."""

    def __init__(self, *, clock: SandboxClock, faults: Switchboard) -> None:
        """Begin empty."""
        self.clock = clock
        self.faults = faults
        self.switches = Switches()
        self._lock = RLock()
        self._state = State()

    @contextmanager
    def open(self) -> Generator[tuple[State, datetime]]:
        """Lend the state and the time to one caller; lines whose time has come are open by then."""
        with self._lock:
            now = self.clock.now()
            self._state.network.opening(self._state.network.lines, now)
            yield self._state, now

    def refill(self, state: State, switches: Switches) -> None:
        """Forget everything for *state* and *switches*."""
        with self._lock:
            self._state, self.switches = state, switches
