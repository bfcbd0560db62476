"""Delivering eSIM profiles, beside any line provisioning (SGP.22 ES2+; reference japan-telecom 3.2)."""

from __future__ import annotations

from abc import abstractmethod
from enum import StrEnum
from typing import Protocol

import attrs

from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.representation import shown
from ordering_core.domain.values import Eid, Iccid


class ProfileState(StrEnum):
    """Where an ordered profile stands (SGP.22 profile states that matter to us)."""

    LINKED = "linked"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    INSTALLED = "installed"
    CANCELLED = "cancelled"


@attrs.frozen(kw_only=True)
class Profile:
    """A profile reserved for one order; *activation_code* is a bearer secret, shown to its owner only."""

    mark: OrderId
    iccid: Iccid = attrs.field(repr=False)
    state: ProfileState
    activation_code: str | None = attrs.field(default=None, repr=False)

    __repr__ = shown


class ProfileDelivery(Protocol):
    """The SM-DP+ that delivers eSIM profiles."""

    @abstractmethod
    def find(self, mark: OrderId, /) -> Profile | None:
        """
        Return the profile reserved for *mark*, cancelled ones left out, or None.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def reserve(self, mark: OrderId, /, *, eid: Eid, profile_type: str) -> Profile:
        """
        Download and confirm a profile for *eid*, not yet released; reserving again returns the one reserved.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened; look before reserving again.

            Refused: No profile can be had (code OUT_OF_STOCK when none is left).

        """
        ...

    @abstractmethod
    def release(self, mark: OrderId, /) -> Profile:
        """
        Let the device download the profile; releasing a released one changes nothing.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened; releasing again is safe.

            Refused: There is no profile for *mark* (code NOT_FOUND).

        """
        ...

    @abstractmethod
    def cancel(self, mark: OrderId, /) -> None:
        """
        Give the profile back to the stock; cancelling twice, or with nothing reserved, changes nothing.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened; cancelling again is safe.

            Refused: It was downloaded already (code ALREADY_DOWNLOADED).

        """
        ...
