"""
What becomes of a reserved profile: its device gets it, or it is given back.

Who hears *not allowed* of a call that was made before hears of that call. Who hears it of the first may hear
of the same call come twice: that a given-back profile is free, only ordering it once more can tell.
"""

from __future__ import annotations

from typing import Final

import attrs

from ordering_adapters.sim_network.es2plus.calls import ProfileCalls, blank
from ordering_adapters.sim_network.es2plus.codes import Code
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused
from ordering_core.ports.profile_book import KeptProfile
from ordering_core.ports.profile_delivery import ProfileState


RESERVED: Final = frozenset({ProfileState.CONFIRMED, ProfileState.RELEASED, ProfileState.INSTALLED})
"""What an order can have its profile in; a linked one is on its way there."""

_GIVEN_BACK: Final = frozenset({Code.NOT_ALLOWED, Code.EID_DIFFERS})
"""What is said of a profile that nobody has any more."""

_NEVER_OURS: Final = _GIVEN_BACK | {Code.MATCHING_ID_DIFFERS, Code.ALREADY_DOWNLOADED}
"""What is said, too, of a profile that another has."""


class ProfileSteps:
    """Steps of one operator's profiles; whoever takes one is alone with the profile."""

    def __init__(self, calls: ProfileCalls) -> None:
        """Take them through *calls*."""
        self._calls = calls

    def released(self, kept: KeptProfile, until: float) -> KeptProfile:
        """Let the device have it."""
        before = ProfileState.RELEASED in {kept.state, kept.asked}
        kept = self._calls.keep(attrs.evolve(kept, asked=ProfileState.RELEASED))
        try:
            self._calls.release(kept, until)
        except Refused as refusal:
            # A device that was quicker than our second call has it by now.
            if not (before and refusal.code == Code.WRONG_STATE):
                self._calls.keep(attrs.evolve(kept, asked=None))
                raise
        return self._calls.keep(attrs.evolve(kept, state=ProfileState.RELEASED, asked=None))

    def cancelled(self, kept: KeptProfile, until: float) -> KeptProfile:
        """Give the profile back; who has never had one has nothing to give."""
        if kept.state is ProfileState.INSTALLED:
            raise Refused(System.SIM_NETWORK, Code.ALREADY_DOWNLOADED)
        if kept.iccid is None:
            return self._given(kept)
        before = kept.asked is ProfileState.CANCELLED
        if kept.state is not None:
            kept = self._calls.keep(attrs.evolve(kept, asked=ProfileState.CANCELLED))
        try:
            self._cancel(kept, until)
        except Refused as refusal:
            if not self._is_gone(kept, refusal.code, until, before=before):
                self._calls.keep(attrs.evolve(kept, asked=None) if kept.state else kept)
                raise
        return self._given(kept)

    def _cancel(self, kept: KeptProfile, until: float) -> None:
        try:
            self._calls.cancel(kept, until)
        except Refused as refusal:
            if refusal.code != Code.MATCHING_ID_DIFFERS or not kept.matching_id:
                raise
            self._calls.cancel(attrs.evolve(kept, matching_id=""), until)

    def _is_gone(self, kept: KeptProfile, code: str, until: float, *, before: bool) -> bool:
        """Whether there is nothing to give back, since the SM-DP+ refuses under *code*."""
        if kept.state is None:
            return code in _NEVER_OURS
        if before or code not in _GIVEN_BACK:
            return code in _GIVEN_BACK
        try:
            self._calls.order(kept, until)
        except Refused:
            return False
        self._calls.cancel(attrs.evolve(kept, matching_id=""), until)
        return True

    def _given(self, kept: KeptProfile) -> KeptProfile:
        return self._calls.keep(attrs.evolve(blank(kept), state=ProfileState.CANCELLED))
