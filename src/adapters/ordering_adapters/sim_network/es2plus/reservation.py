"""
Reserving a profile: order one for the device, then confirm it under an id that we chose.

A number may be in use because our own order came twice, or because it is another's. Confirming tells: only
the device that has the profile may confirm it. That it may not be confirmed is said of one that our own
confirmation, come twice, has confirmed, of another's, and where the operator lacks the right. The id tells:
only who has it may take the profile back, to order it again.
"""

from __future__ import annotations

import hashlib
import secrets

from typing import Final

import attrs

from ordering_adapters.sim_network.connection import Answer
from ordering_adapters.sim_network.es2plus.calls import ProfileCalls, Taken, blank
from ordering_adapters.sim_network.es2plus.codes import Code
from ordering_adapters.sim_network.es2plus.steps import RESERVED
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.values import Iccid
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.profile_book import KeptProfile
from ordering_core.ports.profile_delivery import ProfileState


_GROUP: Final = 5


class Reservation:
    """Reserves one operator's profiles; whoever does is alone with the profile."""

    def __init__(self, calls: ProfileCalls) -> None:
        """Reserve through *calls*."""
        self._calls = calls
        self._numbers = calls.settings.iccids

    def reserved(self, kept: KeptProfile, until: float) -> KeptProfile:
        """
        Order a profile and confirm it, as far as that was not done; raises as the port does.

        A profile whose state is None while its confirmation is asked for was in use when it was ordered.
        """
        tried: Iccid | None = None
        while kept.state not in RESERVED:
            if kept.state is None and kept.asked is not ProfileState.CONFIRMED:
                kept = self._ordered(kept, until, after=tried)
            again, tried = kept.iccid == tried, kept.iccid
            kept = self._confirmed(kept, until, again=again)
        return kept

    def _ordered(self, kept: KeptProfile, until: float, *, after: Iccid | None) -> KeptProfile:
        """Order a profile for the device; *after* is a number that is another's."""
        if kept.iccid is None and (kept.asked is not None or kept.profile_type not in self._numbers):
            return self._any_ordered(kept, until)
        before = kept.asked is ProfileState.LINKED
        kept = kept if before else self._numbered(kept, after=after)
        try:
            self._calls.order(kept, until)
        except Unavailable:
            if not before:
                self._calls.keep(blank(kept))
            raise
        except Refused as refusal:
            if refusal.code == Code.IN_USE:
                return kept
            self._calls.keep(blank(kept))
            raise
        return self._calls.keep(attrs.evolve(kept, state=ProfileState.LINKED, asked=None))

    def _any_ordered(self, kept: KeptProfile, until: float) -> KeptProfile:
        """Order whichever profile the SM-DP+ chooses; an answer that was lost took its number along."""
        if kept.asked is not None:
            raise Refused(
                System.SIM_NETWORK,
                Code.UNKNOWN_ORDER,
                "ask the SM-DP+ whether it has linked a profile to this device, then cancel the reservation",
            )
        kept = self._calls.keep(attrs.evolve(kept, asked=ProfileState.LINKED))
        try:
            answer = self._calls.order(kept, until)
        except (Refused, Unavailable):
            self._calls.keep(attrs.evolve(kept, asked=None))
            raise
        try:
            iccid = Iccid.parse(str(answer.get("iccid", "")))
        except InvalidValue:
            raise OutcomeUnknown(System.SIM_NETWORK, "ICCID_UNREADABLE") from None
        return self._calls.keep(attrs.evolve(kept, iccid=iccid, state=ProfileState.LINKED, asked=None))

    def _numbered(self, kept: KeptProfile, *, after: Iccid | None) -> KeptProfile:
        """Keep the next number of our range that belongs to no other order, before it is asked for."""
        numbers = self._numbers[kept.profile_type]
        start = int.from_bytes(hashlib.sha256(kept.mark.encode()).digest()[:8])
        places = (numbers.number(start + step) for step in range(numbers.count))
        for number in places:
            if after is not None:
                after = None if number == after else after
                continue
            try:
                if not self._calls.is_taken(number):
                    return self._calls.keep(attrs.evolve(kept, iccid=number, asked=ProfileState.LINKED))
            except Taken:
                continue
        self._calls.keep(blank(kept))
        raise Refused(System.SIM_NETWORK, Code.OUT_OF_STOCK)

    def _confirmed(self, kept: KeptProfile, until: float, *, again: bool) -> KeptProfile:
        """Confirm the order, or return what to go on with; *again*: it was taken back before."""
        before = kept.asked is ProfileState.CONFIRMED
        if not before:
            kept = self._calls.keep(
                attrs.evolve(kept, asked=ProfileState.CONFIRMED, matching_id=_new_matching_id())
            )
        answer: Answer = {}
        try:
            answer = self._calls.confirm(kept, until)
        except Refused as refusal:
            if refusal.code == Code.EID_DIFFERS:
                return self._left(kept)
            if refusal.code != Code.NOT_ALLOWED:
                self._undecided(kept)
                raise
            if not before or kept.state is None:
                return self._taken_back(kept, refusal, until, again=again)
        address = self._calls.settings.smdp_address or str(answer.get("smdpAddress") or "")
        code = f"1${address}${kept.matching_id}" if address else ""
        return self._calls.keep(
            attrs.evolve(kept, state=ProfileState.CONFIRMED, asked=None, activation_code=code)
        )

    def _taken_back(self, kept: KeptProfile, refusal: Refused, until: float, *, again: bool) -> KeptProfile:
        """Take back what our confirmation may have confirmed, to order it again under its number, once."""
        kept = self._calls.keep(attrs.evolve(kept, asked=ProfileState.CANCELLED))
        try:
            self._calls.cancel(kept, until)
        except Refused:
            if kept.state is None:
                return self._left(kept)
            self._undecided(kept)
            raise refusal from None
        if again:
            self._calls.keep(blank(kept))
            raise refusal
        return self._calls.keep(attrs.evolve(blank(kept), iccid=kept.iccid, asked=ProfileState.LINKED))

    def _left(self, kept: KeptProfile) -> KeptProfile:
        """Leave a profile to the other who has it."""
        left = self._calls.keep(blank(kept))
        if kept.state is not None:
            raise Unavailable(System.SIM_NETWORK, Code.IN_USE)
        return left

    def _undecided(self, kept: KeptProfile) -> None:
        """Keep that the confirmation was refused, and the profile is as it was ordered."""
        asked = ProfileState.LINKED if kept.state is None else None
        self._calls.keep(attrs.evolve(kept, asked=asked))


def _new_matching_id() -> str:
    """Return an id that nobody can guess, written as the specification's example is."""
    text = secrets.token_hex(_GROUP * 2).upper()
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
