"""Days on which the company is closed."""

from __future__ import annotations

import abc

from datetime import date, timedelta

import pytest

from ordering_core.ports.closed_days import ClosedDays


class ClosedDaysContract(abc.ABC):
    """Days on which the company is closed."""

    @pytest.fixture
    @abc.abstractmethod
    def closed_days(self) -> ClosedDays:
        """Return the adapter under test, knowing `holiday` and no other closed day in its week."""

    @property
    @abc.abstractmethod
    def holiday(self) -> date:
        """A closed day with open days before and after it."""

    def test_both_ends_are_included(self, closed_days: ClosedDays) -> None:
        day = timedelta(days=1)
        assert closed_days.between(self.holiday, self.holiday) == {self.holiday}
        assert self.holiday in closed_days.between(self.holiday - day, self.holiday)
        assert self.holiday in closed_days.between(self.holiday, self.holiday + day)
        assert closed_days.between(self.holiday + day, self.holiday + day) == frozenset()
        assert closed_days.between(self.holiday - day, self.holiday - day) == frozenset()

    def test_an_ordinary_weekend_is_not_listed(self, closed_days: ClosedDays) -> None:
        week = [self.holiday + timedelta(days=passed) for passed in range(-3, 4)]
        assert closed_days.between(week[0], week[-1]) == {self.holiday}

    def test_from_later_to_earlier_there_is_nothing(self, closed_days: ClosedDays) -> None:
        assert closed_days.between(self.holiday, self.holiday - timedelta(days=1)) == frozenset()

    def test_a_span_is_the_union_of_its_parts(self, closed_days: ClosedDays) -> None:
        first, middle, last = date(2026, 1, 1), date(2026, 6, 30), date(2027, 1, 31)
        whole = closed_days.between(first, last)
        assert whole == closed_days.between(first, middle) | closed_days.between(
            middle + timedelta(days=1), last
        )
        assert all(first <= day <= last for day in whole)
