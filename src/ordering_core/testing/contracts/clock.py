"""What time it is: an aware instant that never goes back."""

from __future__ import annotations

import abc

from datetime import UTC

import pytest

from ordering_core.ports.clock import Clock
from ordering_core.testing.contracts.threads import all_get_through


class ClockContract(abc.ABC):
    """What time it is."""

    @pytest.fixture
    @abc.abstractmethod
    def clock(self) -> Clock:
        """Return the clock under test."""

    def test_the_present_is_an_aware_instant_in_utc(self, clock: Clock) -> None:
        assert clock.now().tzinfo is UTC

    def test_time_never_goes_back(self, clock: Clock) -> None:
        answers = [clock.now() for _ in range(100)]
        assert answers == sorted(answers)

    def test_time_never_goes_back_in_any_of_two_threads(self, clock: Clock) -> None:
        all_get_through(*[lambda: self.test_time_never_goes_back(clock)] * 2)
