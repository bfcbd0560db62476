"""Closed days in memory keep their contract."""

from datetime import date

import pytest

from ordering_adapters.memory.closed_days import MemoryClosedDays
from ordering_core.testing.contracts.closed_days import ClosedDaysContract


class TestMemoryClosedDays(ClosedDaysContract):
    @pytest.fixture
    def closed_days(self) -> MemoryClosedDays:
        return MemoryClosedDays({self.holiday})

    @property
    def holiday(self) -> date:
        return date(2026, 7, 20)
