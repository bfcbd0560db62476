"""
The calls about one profile, with what is kept of each before it is made and after it was answered.

What is kept is in the book; what time alone settles, a call that timed out here and may still be done there,
is known to this process only.
"""

from __future__ import annotations

import time

from collections.abc import Mapping
from typing import Final

import attrs

from ordering_adapters.sim_network.connection import Answer
from ordering_adapters.sim_network.es2plus.api import Es2PlusApi
from ordering_adapters.sim_network.es2plus.codes import Function
from ordering_adapters.sim_network.es2plus.settings import Es2PlusSettings
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.values import Iccid
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, OutcomeUnknown, Unavailable
from ordering_core.ports.profile_book import KeptProfile, ProfileBook


_FREE: Final = "Available"
_PADDED: Final = 20


class ProfileCalls:
    """Calls and their book; each call is of a profile as it is kept, and raises as `Es2PlusApi.call`."""

    def __init__(self, api: Es2PlusApi, book: ProfileBook) -> None:
        """Call through *api*, and keep in *book*."""
        self._api = api
        self._book = book
        self._quiet: dict[OrderId, float] = {}

    @property
    def settings(self) -> Es2PlusSettings:
        """The SM-DP+ that is called."""
        return self._api.settings

    def deadline(self) -> float:
        """Return when the calls of a step that begins now have to be over."""
        return self._api.connection.deadline()

    def may_still_arrive(self, mark: OrderId) -> bool:
        """Whether a call for *mark* that timed out here may still be done there."""
        return time.monotonic() < self._quiet.get(mark, 0.0)

    def is_taken(self, number: Iccid) -> bool:
        """Whether *number* belongs to an order of ours. Raises Unavailable."""
        return self._book.of_iccid(number) is not None

    def keep(self, profile: KeptProfile) -> KeptProfile:
        """Keep *profile*. Raises Unavailable, also when another process keeps it."""
        try:
            return self._book.keep(profile)
        except Conflict:
            raise Taken(System.SIM_NETWORK, "ANOTHER_RUN") from None

    def order(self, kept: KeptProfile, until: float) -> Answer:
        """Order the profile of our number for the device; without a number, one that the SM-DP+ chooses."""
        number = {} if kept.iccid is None else {"iccid": _written(kept.iccid)}
        asked = {"eid": kept.eid.value, **number, "profileType": kept.profile_type}
        return self._called(kept, Function.DOWNLOAD, asked, until)

    def confirm(self, kept: KeptProfile, until: float) -> Answer:
        """Confirm the order under an id of ours; nothing is released yet."""
        chosen = {"eid": kept.eid.value, "matchingId": kept.matching_id}
        asked = {"iccid": _written(kept.iccid), **chosen, "releaseFlag": False}
        return self._called(kept, Function.CONFIRM, asked, until)

    def release(self, kept: KeptProfile, until: float) -> None:
        """Let the device have the profile."""
        self._called(kept, Function.RELEASE, {"iccid": _written(kept.iccid)}, until)

    def cancel(self, kept: KeptProfile, until: float) -> None:
        """Give the profile back, which the SM-DP+ does only if device and id are the ones that have it."""
        bound = {"matchingId": kept.matching_id} if kept.matching_id else {}
        asked = {"eid": kept.eid.value, "finalProfileStatusIndicator": _FREE, **bound}
        self._called(kept, Function.CANCEL, {"iccid": _written(kept.iccid), **asked}, until)

    def _called(
        self, kept: KeptProfile, function: Function, fields: Mapping[str, object], until: float
    ) -> Answer:
        self._quiet.pop(kept.mark, None)
        try:
            return self._api.call(function, fields, until=until)
        except OutcomeUnknown as error:
            if error.reason.endswith("Timeout"):
                # It may still be on its way; nothing is concluded before it must have arrived.
                self._quiet[kept.mark] = time.monotonic() + self._api.connection.timeout
            raise


def blank(kept: KeptProfile) -> KeptProfile:
    """Return *kept* as if nothing had been asked for yet."""
    return attrs.evolve(kept, iccid=None, state=None, asked=None, matching_id="", activation_code="")


class Taken(Unavailable):
    """Another process keeps the same profile, or has just taken the same number."""


def _written(iccid: Iccid | None) -> str:
    """Return a number as it goes over the wire: 20 places, the last filled."""
    return "" if iccid is None else iccid.value.ljust(_PADDED, "F")
