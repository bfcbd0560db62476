"""The clocks keep their contract."""

import pytest

from ordering_adapters.clock import SystemClock
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.clock import ClockContract
from ordering_core.testing.contracts.samples import START


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()


class TestManualClock(ClockContract):
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock(START)
