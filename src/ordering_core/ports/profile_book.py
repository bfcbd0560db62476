"""
What we know of reserved eSIM profiles: ES2+ has no question to ask, so what it answered is kept here.

The book is the profile adapter's, beside the book of lines (DESIGN 5; reference japan-telecom 3.2).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

import attrs

from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.representation import shown
from ordering_core.domain.values import Eid, Iccid
from ordering_core.ports.profile_delivery import ProfileState


@attrs.frozen(kw_only=True)
class KeptProfile:
    """
    One order's profile, as far as it has come.

    *iccid* is None while a profile was asked for by its type and the answer is not known. *asked* is its
    state once the call under way is answered, None when none is: a call that never was may have been done.
    *matching_id* and *activation_code* are bearer secrets. *version* counts from 0, before the first keeping.
    """

    mark: OrderId
    eid: Eid = attrs.field(repr=False)
    profile_type: str
    iccid: Iccid | None = attrs.field(default=None, repr=False)
    state: ProfileState | None = None
    asked: ProfileState | None = None
    matching_id: str = attrs.field(default="", repr=False)
    activation_code: str = attrs.field(default="", repr=False)
    version: int = 0

    __repr__ = shown


class ProfileBook(Protocol):
    """The profiles we know of, one per order. Safe to share between threads and processes."""

    @abstractmethod
    def get(self, mark: OrderId, /) -> KeptProfile | None:
        """
        Return the order's profile, or None.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def of_iccid(self, iccid: Iccid, /) -> KeptProfile | None:
        """
        Return the profile with this number, or None.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def keep(self, profile: KeptProfile, /) -> KeptProfile:
        """
        Keep *profile* in place of the one of the same order and version; return it with its next version.

        Raises:
            Conflict: Another version is kept, or the number belongs to another order.

            Unavailable: Nothing was kept.

        """
        ...
