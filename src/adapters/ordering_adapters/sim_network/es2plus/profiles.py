"""
The port of profile delivery on ES2+: order, confirm, release, take back, each as often as one likes.

The protocol has no question and promises nothing of repeated calls. So everything that could be lost with an
answer is chosen by us and kept before the call: the number of the profile, from a range that is ours, and the
id that a device finds it by. They tell later whether a profile that is *in use* is ours.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock
from typing import Final
from weakref import WeakValueDictionary

import attrs

from ordering_adapters.sim_network.es2plus.api import Es2PlusApi
from ordering_adapters.sim_network.es2plus.calls import ProfileCalls
from ordering_adapters.sim_network.es2plus.codes import Code
from ordering_adapters.sim_network.es2plus.reservation import Reservation
from ordering_adapters.sim_network.es2plus.steps import RESERVED, ProfileSteps
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.values import Eid, Iccid
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.profile_book import KeptProfile, ProfileBook
from ordering_core.ports.profile_delivery import Profile, ProfileDelivery, ProfileState


_WITH_DEVICE: Final = frozenset({ProfileState.RELEASED, ProfileState.INSTALLED})


class Es2PlusProfiles(ProfileDelivery):
    """The profiles of one operator; *book* knows of each what the SM-DP+ cannot be asked."""

    def __init__(self, api: Es2PlusApi, book: ProfileBook) -> None:
        """Call through *api*, and keep in *book* before and after."""
        self._book = book
        self._calls = ProfileCalls(api, book)
        self._reservation = Reservation(self._calls)
        self._steps = ProfileSteps(self._calls)
        self._guard = Lock()
        self._turns: WeakValueDictionary[OrderId, _Turn] = WeakValueDictionary()

    def find(self, mark: OrderId, /) -> Profile | None:
        """Return the reserved profile; what a lost answer left open is settled once it cannot arrive."""
        with self._alone(mark):
            kept = self._book.get(mark)
            if kept is None or kept.state is ProfileState.CANCELLED:
                return None
            if kept.state in RESERVED:
                return _profile(kept)
            if self._calls.may_still_arrive(mark) or kept.asked is None:
                return None
            until = self._calls.deadline()
            try:
                if kept.asked is ProfileState.CANCELLED:
                    self._steps.cancelled(kept, until)
                    return None
                return _profile(self._reservation.reserved(kept, until))
            except OutcomeUnknown as error:
                raise Unavailable(System.SIM_NETWORK, error.reason) from None
            except Refused:
                return None

    def reserve(self, mark: OrderId, /, *, eid: Eid, profile_type: str) -> Profile:
        until = self._calls.deadline()
        with self._alone(mark):
            kept = self._book.get(mark)
            fresh = KeptProfile(mark=mark, eid=eid, profile_type=profile_type)
            if kept is None:
                return _profile(self._reservation.reserved(fresh, until))
            if kept.state is not ProfileState.CANCELLED and (kept.eid, kept.profile_type) != (
                eid,
                profile_type,
            ):
                if kept.state in _WITH_DEVICE:
                    raise Refused(System.SIM_NETWORK, Code.EID_DIFFERS)
                kept = self._steps.cancelled(kept, until)
            elif kept.asked is ProfileState.CANCELLED:
                kept = self._steps.cancelled(kept, until)
            if kept.state is ProfileState.CANCELLED:
                kept = attrs.evolve(fresh, version=kept.version)
            return _profile(self._reservation.reserved(kept, until))

    def release(self, mark: OrderId, /) -> Profile:
        until = self._calls.deadline()
        with self._alone(mark):
            kept = self._book.get(mark)
            if kept is None or kept.state not in RESERVED:
                raise Refused(System.SIM_NETWORK, Code.NOT_FOUND)
            if kept.state is ProfileState.INSTALLED:
                return _profile(kept)
            return _profile(self._steps.released(kept, until))

    def cancel(self, mark: OrderId, /) -> None:
        until = self._calls.deadline()
        with self._alone(mark):
            kept = self._book.get(mark)
            if kept is not None and kept.state is not ProfileState.CANCELLED:
                self._steps.cancelled(kept, until)

    def installed(self, iccid: Iccid) -> OrderId | None:
        """
        Keep that a device has installed the profile and return its order; None when it is nobody's.

        Hearing it twice is the same as once.

        Raises:
            Unavailable: It was not kept.

        """
        kept = self._book.of_iccid(iccid)
        if kept is None:
            return None
        with self._alone(kept.mark):
            kept = self._book.of_iccid(iccid)
            if kept is None or kept.state not in RESERVED:
                return None
            if kept.state is not ProfileState.INSTALLED:
                self._calls.keep(attrs.evolve(kept, state=ProfileState.INSTALLED, asked=None))
            return kept.mark

    @contextmanager
    def _alone(self, mark: OrderId) -> Generator[None]:
        """Let one thread at a time move the profile of one order."""
        with self._guard:
            turn = self._turns.setdefault(mark, _Turn())
        with turn.lock:
            yield


class _Turn:
    """Whose turn it is to move one profile; forgotten with the last who waits for it."""

    def __init__(self) -> None:
        self.lock = Lock()


def _profile(kept: KeptProfile) -> Profile:
    if kept.iccid is None or kept.state is None:
        raise Refused(System.SIM_NETWORK, Code.NOT_FOUND)
    return Profile(
        mark=kept.mark,
        iccid=kept.iccid,
        state=kept.state,
        activation_code=kept.activation_code or None,
    )
