"""An SM-DP+ in memory: reserves, releases and takes back eSIM profiles."""

from __future__ import annotations

import secrets

from itertools import count
from threading import Lock

import attrs

from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.sim_numbers import iccid
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.values import Eid
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused
from ordering_core.ports.profile_delivery import Profile, ProfileDelivery, ProfileState


class MemoryProfileDelivery(ProfileDelivery):
    """One SM-DP+ with a stock of profiles; `install` is what a customer's device does."""

    def __init__(self, faults: MemoryFaults, *, stock: int = 1_000_000) -> None:
        """Begin with *stock* profiles."""
        self._faults = faults
        self.stock = stock
        self._lock = Lock()
        self._sequence = count(1)
        self._profiles: dict[OrderId, Profile] = {}

    def find(self, mark: OrderId, /) -> Profile | None:
        def read() -> Profile | None:
            with self._lock:
                return self._profiles.get(mark)

        return self._faults.call("profiles.find", read)

    def reserve(self, mark: OrderId, /, *, eid: Eid, profile_type: str) -> Profile:
        def work() -> Profile:
            with self._lock:
                if mark not in self._profiles:
                    if self.stock < 1:
                        raise Refused(System.SIM_NETWORK, "OUT_OF_STOCK", "no more profiles of this type")
                    self.stock -= 1
                    self._profiles[mark] = Profile(
                        mark=mark,
                        iccid=iccid(next(self._sequence)),
                        state=ProfileState.CONFIRMED,
                        activation_code=f"1$smdp.example${secrets.token_hex(8).upper()}",
                    )
                return self._profiles[mark]

        return self._faults.call("profiles.reserve", work)

    def release(self, mark: OrderId, /) -> Profile:
        def work() -> Profile:
            with self._lock:
                profile = self._known(mark)
                if profile.state is not ProfileState.INSTALLED:
                    profile = attrs.evolve(profile, state=ProfileState.RELEASED)
                    self._profiles[mark] = profile
                return profile

        return self._faults.call("profiles.release", work)

    def cancel(self, mark: OrderId, /) -> None:
        def work() -> None:
            with self._lock:
                profile = self._profiles.get(mark)
                if profile is None:
                    return
                if profile.state is ProfileState.INSTALLED:
                    raise Refused(System.SIM_NETWORK, "ALREADY_DOWNLOADED", "the profile is on a device")
                del self._profiles[mark]
                self.stock += 1

        self._faults.call("profiles.cancel", work)

    def install(self, mark: OrderId) -> None:
        """Let the customer's device download and install the released profile."""
        with self._lock:
            self._profiles[mark] = attrs.evolve(self._known(mark), state=ProfileState.INSTALLED)

    def _known(self, mark: OrderId) -> Profile:
        profile = self._profiles.get(mark)
        if profile is None:
            raise Refused(System.SIM_NETWORK, "NOT_FOUND", "no profile is reserved for this order")
        return profile
