"""
An SM-DP+: its stock of profiles and what becomes of each (SGP.22 section 3.1.6, reference 3.2).

Available → Allocated or Linked → Confirmed or Released → Downloaded → Installed; cancelling goes back to
Available, or to Unavailable.
"""

from __future__ import annotations

import secrets

from enum import StrEnum

import attrs


class ProfileState(StrEnum):
    """Where a profile stands."""

    AVAILABLE = "Available"
    ALLOCATED = "Allocated"
    LINKED = "Linked"
    CONFIRMED = "Confirmed"
    RELEASED = "Released"
    DOWNLOADED = "Downloaded"
    INSTALLED = "Installed"
    UNAVAILABLE = "Unavailable"
    ERROR = "Error"


ORDERED = frozenset({ProfileState.ALLOCATED, ProfileState.LINKED})
"""Ordered, and not confirmed yet."""

CANCELLABLE = ORDERED | {ProfileState.CONFIRMED, ProfileState.RELEASED, ProfileState.ERROR}
"""What an operator may still take back."""


@attrs.define(kw_only=True)
class Profile:
    """One profile; *eid*, *matching_id* and *confirmation_code* are empty until an order binds them."""

    iccid: str
    profile_type: str
    state: ProfileState = ProfileState.AVAILABLE
    eid: str = ""
    matching_id: str = ""
    confirmation_code: str = ""

    def free(self, state: ProfileState) -> None:
        """Unbind the profile and leave it in *state*."""
        self.state = state
        self.eid = self.matching_id = self.confirmation_code = ""


@attrs.define
class ProfileStock:
    """Every profile by its ICCID, without padding."""

    profiles: dict[str, Profile] = attrs.field(factory=dict[str, Profile])

    def find(self, iccid: str) -> Profile | None:
        """Return the profile of an ICCID with or without its padding F."""
        return self.profiles.get(iccid.rstrip("Ff"))

    def available(self, profile_type: str) -> Profile | None:
        """Return the next profile of a type that is in stock."""
        return next(
            (
                profile
                for profile in self.profiles.values()
                if profile.profile_type == profile_type and profile.state is ProfileState.AVAILABLE
            ),
            None,
        )

    def has_type(self, profile_type: str) -> bool:
        """Whether such profiles were ever made."""
        return any(profile.profile_type == profile_type for profile in self.profiles.values())

    def bound(self, matching_id: str) -> Profile | None:
        """Return the profile that a matching id is bound to."""
        standing = (profile for profile in self.profiles.values() if profile.matching_id == matching_id)
        return next(standing, None) if matching_id else None

    def new_matching_id(self) -> str:
        """Return a matching id that no profile has."""
        while True:
            text = secrets.token_hex(10).upper()
            made = "-".join(text[start : start + 5] for start in range(0, 20, 5))
            if self.bound(made) is None:
                return made
