"""
The calls that move one profile, each kept in the book before it is made and after it was answered.

Who hears *in use* or *not allowed* of a call that was made before hears of that call: numbers and ids were
chosen by us. Whoever hears it the first time hears of somebody else.
"""

from __future__ import annotations

import hashlib
import secrets
import time

from collections.abc import Mapping
from typing import Final

import attrs

from ordering_adapters.sim_network.connection import Answer
from ordering_adapters.sim_network.es2plus.api import Es2PlusApi
from ordering_adapters.sim_network.es2plus.codes import Code, Function
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.values import Iccid
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.profile_book import KeptProfile, ProfileBook
from ordering_core.ports.profile_delivery import ProfileState


RESERVED: Final = frozenset({ProfileState.CONFIRMED, ProfileState.RELEASED, ProfileState.INSTALLED})
"""What an order can have its profile in; a linked one is on its way there."""

_FREE: Final = "Available"
_PADDED: Final = 20
_GROUP: Final = 5


class ProfileSteps:
    """Steps of one operator's profiles; whoever takes one is alone with the profile."""

    def __init__(self, api: Es2PlusApi, book: ProfileBook) -> None:
        """Call through *api*, and keep in *book*."""
        self._api = api
        self._book = book
        self._settings = api.settings
        self._quiet: dict[OrderId, float] = {}

    def deadline(self) -> float:
        """Return when the calls of a step that begins now have to be over."""
        return self._api.connection.deadline()

    def may_still_arrive(self, mark: OrderId) -> bool:
        """Whether a call for *mark* that timed out here may still be done there."""
        return time.monotonic() < self._quiet.get(mark, 0.0)

    def reserved(self, kept: KeptProfile, until: float) -> KeptProfile:
        """Order a profile and confirm it, as far as that was not done; raises as the port does."""
        if kept.state in RESERVED:
            return kept
        if kept.state is None:
            kept = self._downloaded(kept, until)
        return self._confirmed(kept, until)

    def released(self, kept: KeptProfile, until: float) -> KeptProfile:
        """Let the device have it."""
        before = ProfileState.RELEASED in {kept.state, kept.asked}
        kept = self.keep(attrs.evolve(kept, asked=ProfileState.RELEASED))
        try:
            self._called(kept, Function.RELEASE, {"iccid": _written(kept.iccid)}, until)
        except Refused as refusal:
            # A device that was quicker than our second call has it by now.
            if not (before and refusal.code == Code.WRONG_STATE):
                self.keep(attrs.evolve(kept, asked=None))
                raise
        return self.keep(attrs.evolve(kept, state=ProfileState.RELEASED, asked=None))

    def cancelled(self, kept: KeptProfile, until: float) -> KeptProfile:
        """Give the profile back; who has never had one has nothing to give."""
        if kept.state is ProfileState.INSTALLED:
            raise Refused(System.SIM_NETWORK, Code.ALREADY_DOWNLOADED)
        given = attrs.evolve(
            kept, iccid=None, state=ProfileState.CANCELLED, asked=None, matching_id="", activation_code=""
        )
        if kept.iccid is None:
            return self.keep(given)
        before = kept.asked is ProfileState.CANCELLED or kept.state is None
        if kept.state is not None:
            kept = self.keep(attrs.evolve(kept, asked=ProfileState.CANCELLED))
        asked = {"iccid": _written(kept.iccid), "eid": kept.eid.value, "finalProfileStatusIndicator": _FREE}
        bound = {"matchingId": kept.matching_id} if kept.matching_id else {}
        try:
            try:
                self._called(kept, Function.CANCEL, {**asked, **bound}, until)
            except Refused as refusal:
                if refusal.code != Code.MATCHING_ID_DIFFERS or not bound:
                    raise
                self._called(kept, Function.CANCEL, asked, until)
        except Refused as refusal:
            if not before or refusal.code not in {Code.NOT_ALLOWED, Code.EID_DIFFERS}:
                self.keep(attrs.evolve(kept, asked=None) if kept.state else kept)
                raise
        return self.keep(attrs.evolve(given, version=kept.version))

    def keep(self, profile: KeptProfile) -> KeptProfile:
        """Keep *profile*. Raises Unavailable, also when another process keeps it."""
        try:
            return self._book.keep(profile)
        except Conflict:
            raise _Taken(System.SIM_NETWORK, "ANOTHER_RUN") from None

    def _downloaded(self, kept: KeptProfile, until: float) -> KeptProfile:
        """Order a profile for the device."""
        lost = kept.asked is not None and kept.iccid is None
        if lost or kept.profile_type not in self._settings.iccids:
            return self._any_downloaded(kept, until)
        before = kept.asked is ProfileState.LINKED
        for _ in range(self._settings.iccids[kept.profile_type].count):
            kept = kept if before else self._numbered(kept)
            try:
                self._called(
                    kept,
                    Function.DOWNLOAD,
                    {
                        "eid": kept.eid.value,
                        "iccid": _written(kept.iccid),
                        "profileType": kept.profile_type,
                    },
                    until,
                )
            except Unavailable:
                if not before:
                    self.keep(attrs.evolve(kept, iccid=None, asked=None))
                raise
            except Refused as refusal:
                if refusal.code != Code.IN_USE:
                    self.keep(attrs.evolve(kept, iccid=None, asked=None))
                    raise
                if not before:
                    continue  # another's: it was in use before we asked for it
            return self.keep(attrs.evolve(kept, state=ProfileState.LINKED, asked=None))
        self.keep(attrs.evolve(kept, iccid=None, asked=None))
        raise Refused(System.SIM_NETWORK, Code.OUT_OF_STOCK)

    def _any_downloaded(self, kept: KeptProfile, until: float) -> KeptProfile:
        """Order whichever profile the SM-DP+ chooses; an answer that was lost took its number along."""
        if kept.asked is not None:
            raise Refused(
                System.SIM_NETWORK,
                Code.UNKNOWN_ORDER,
                "ask the SM-DP+ whether it has linked a profile to this device, then cancel the reservation",
            )
        kept = self.keep(attrs.evolve(kept, asked=ProfileState.LINKED))
        asked = {"eid": kept.eid.value, "profileType": kept.profile_type}
        try:
            answer = self._called(kept, Function.DOWNLOAD, asked, until)
        except (Refused, Unavailable):
            self.keep(attrs.evolve(kept, asked=None))
            raise
        try:
            iccid = Iccid.parse(str(answer.get("iccid", "")))
        except InvalidValue:
            raise OutcomeUnknown(System.SIM_NETWORK, "ICCID_UNREADABLE") from None
        return self.keep(attrs.evolve(kept, iccid=iccid, state=ProfileState.LINKED, asked=None))

    def _numbered(self, kept: KeptProfile) -> KeptProfile:
        """Keep the next number of our range that belongs to no other order, before it is asked for."""
        numbers = self._settings.iccids[kept.profile_type]
        start = int.from_bytes(hashlib.sha256(kept.mark.encode()).digest()[:8])
        places = (numbers.number(start + step) for step in range(numbers.count))
        tried = kept.iccid
        for number in places:
            if tried is not None:
                tried = None if number == tried else tried
                continue
            try:
                if self._book.of_iccid(number) is None:
                    return self.keep(attrs.evolve(kept, iccid=number, asked=ProfileState.LINKED))
            except _Taken:
                continue
        self.keep(attrs.evolve(kept, iccid=None, asked=None))
        raise Refused(System.SIM_NETWORK, Code.OUT_OF_STOCK)

    def _confirmed(self, kept: KeptProfile, until: float) -> KeptProfile:
        """Confirm the order under an id of ours; nothing is released yet."""
        before = kept.asked is ProfileState.CONFIRMED
        if not before:
            kept = self.keep(attrs.evolve(kept, asked=ProfileState.CONFIRMED, matching_id=_new_matching_id()))
        answer: Answer = {}
        try:
            answer = self._called(
                kept,
                Function.CONFIRM,
                {
                    "iccid": _written(kept.iccid),
                    "eid": kept.eid.value,
                    "matchingId": kept.matching_id,
                    "releaseFlag": False,
                },
                until,
            )
        except Refused as refusal:
            if refusal.code == Code.EID_DIFFERS:
                # The number was another's all along: somebody took it before our order came.
                self.keep(attrs.evolve(kept, iccid=None, state=None, asked=None, matching_id=""))
                raise Unavailable(System.SIM_NETWORK, Code.IN_USE) from None
            if not (before and refusal.code == Code.NOT_ALLOWED):
                self.keep(attrs.evolve(kept, asked=None))
                raise
        address = self._settings.smdp_address or str(answer.get("smdpAddress") or "")
        code = f"1${address}${kept.matching_id}" if address else ""
        return self.keep(attrs.evolve(kept, state=ProfileState.CONFIRMED, asked=None, activation_code=code))

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


class _Taken(Unavailable):
    """Another process keeps the same profile, or has just taken the same number."""


def _written(iccid: Iccid | None) -> str:
    """Return a number as it goes over the wire: 20 places, the last filled."""
    return "" if iccid is None else iccid.value.ljust(_PADDED, "F")


def _new_matching_id() -> str:
    """Return an id that nobody can guess, written as the specification's example is."""
    text = secrets.token_hex(_GROUP * 2).upper()
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
