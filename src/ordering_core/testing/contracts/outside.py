"""
What the contracts of all outside systems need: ways to make the next call go wrong, and things to send there.

Fixtures return the adapter under test on an empty system. Hooks act behind the adapter's back: they never use
it, or a suite would prove only that an adapter agrees with itself. A hook runs after the fixture, on the same
instance.
"""

from __future__ import annotations

import abc

from collections.abc import Callable
from datetime import date
from typing import Final, TypeVar

import pytest

from ordering_core.domain.address import PostalAddress, PostalCode
from ordering_core.errors import OutcomeUnknown, Unavailable
from ordering_core.testing.contracts.threads import at_once
from ordering_core.testing.faults import Fault


T = TypeVar("T")

DAY: Final = date(2026, 6, 3)

HOUSE: Final = PostalAddress(
    postal_code=PostalCode("1540017"),
    prefecture="東京都",
    city="世田谷区",
    town_and_number="世田谷2-4-6",
)
FLAT: Final = PostalAddress(
    postal_code=PostalCode("5300001"),
    prefecture="大阪府",
    city="大阪市北区",
    town_and_number="梅田1-1-3",
    building="メゾン桜",
    room="1203",
)


class OutsideContract(abc.ABC):
    """A port behind which stands a system that can be down, slow, or lose a reply."""

    @abc.abstractmethod
    def break_next(self, method: str, fault: Fault) -> None:
        """Let the next call of the port's *method* go wrong; DOWN, LOSE_REPLY and SLOW are asked for."""

    @abc.abstractmethod
    def let_late_work_arrive(self) -> None:
        """Let the time pass after which a slow call's work is done."""

    def down(self, method: str, call: Callable[[], object]) -> None:
        """Make *call* while the system is down: Unavailable."""
        self.break_next(method, Fault.DOWN)
        with pytest.raises(Unavailable):
            call()

    def reply_lost(self, method: str, call: Callable[[], object]) -> None:
        """Make *call* while its reply gets lost: OutcomeUnknown, and the work is done."""
        self.break_next(method, Fault.LOSE_REPLY)
        with pytest.raises(OutcomeUnknown):
            call()

    def slow(self, method: str, call: Callable[[], object]) -> None:
        """Make *call* while the system is slow: OutcomeUnknown, and the work is done later."""
        self.break_next(method, Fault.SLOW)
        with pytest.raises(OutcomeUnknown):
            call()


def both(first: Callable[[], T], second: Callable[[], T]) -> tuple[T, T]:
    """Make two calls at once, which both have to get through, and return their answers."""
    answers: dict[int, T] = {}

    def keep(place: int, call: Callable[[], T]) -> None:
        answers[place] = call()

    raised = at_once(lambda: keep(0, first), lambda: keep(1, second))
    assert raised == [None, None]
    return answers[0], answers[1]
