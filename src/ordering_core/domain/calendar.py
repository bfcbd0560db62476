"""
Days and hours as a business in Japan counts them.

Instants are aware and come back in UTC; a *day* is a date in Tokyo (DESIGN 2, Time). Two ways of counting
days stay two functions: a porting reservation counts the day it was issued, a notice does not count the day
it was given (reference japan-telecom 6).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

import attrs

from ordering_core.domain.representation import shown


JST: Final = timezone(timedelta(hours=9), "JST")
"""Tokyo's time: nine hours ahead without summer time since 1952, so no time zone database is needed."""

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_FORWARD_ONLY: Final = "business time is added, not taken away; give zero or more"


def _in_tokyo(at: datetime) -> datetime:
    """Return the wall clock in Tokyo at the instant *at*."""
    if at.utcoffset() is None:
        msg = "an instant needs a time zone; give the datetime a tzinfo such as UTC"
        raise ValueError(msg)
    return at.astimezone(JST)


def business_date(at: datetime) -> date:
    """
    Return the date in Tokyo at the instant *at*: 15:00 UTC is the next day's midnight.

    Raises:
        ValueError: When *at* is naive.

    """
    return _in_tokyo(at).date()


def at_jst(day: date, clock: time) -> datetime:
    """Return the instant at which Tokyo's clocks show *clock* on *day*."""
    return datetime.combine(day, clock, JST).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Return the first instant of *day* in Tokyo."""
    return at_jst(day, time.min)


def first_of_next_month(day: date) -> date:
    """Return the first day of the month after that of *day*."""
    return (day.replace(day=28) + 4 * _DAY).replace(day=1)


def last_of_month(day: date) -> date:
    """Return the last day of the month of *day*."""
    return first_of_next_month(day) - _DAY


def days_left_including(expiry: date, day: date) -> int:
    """Return the days from *day* to *expiry*, both counted: 1 on the last day, then 0 (DESIGN 3.24)."""
    return (expiry - day).days + 1


def notice_end(day: date, days: int) -> date:
    """Return the last of *days* days of notice given on *day*, which itself is not counted (DESIGN 3.15)."""
    return day + timedelta(days=days)


def _require_order(opens: time, closes: time) -> None:
    """Refuse hours that end before they begin; none of ours run past midnight."""
    if not opens < closes:
        msg = "opening hours must open before they close, on the same day; set opens earlier than closes"
        raise ValueError(msg)


@attrs.frozen(kw_only=True)
class ActivationWindow:
    """
    The hours of a day, JST, in which lines may be opened: from *opens* to just before *closes* (DESIGN 3.4).

    Raises:
        ValueError: On construction, unless it opens before it closes.

    """

    opens: time = time(10)
    closes: time = time(18)

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        _require_order(self.opens, self.closes)

    def opening_on(self, day: date) -> datetime:
        """Return the instant at which the window opens on *day*."""
        return at_jst(day, self.opens)

    def next_opening(self, at: datetime) -> datetime:
        """
        Return the first instant from *at* on that lies inside: *at* itself, or an opening.

        Raises:
            ValueError: When *at* is naive.

        """
        tokyo = _in_tokyo(at)
        if self.opens <= tokyo.time() < self.closes:
            return at.astimezone(UTC)
        return self.opening_on(tokyo.date() if tokyo.time() < self.opens else tokyo.date() + _DAY)


@attrs.frozen(kw_only=True)
class BusinessHours:
    """
    When people work: Monday to Friday from *opens* to *closes* JST, but not on *closed_days*.

    Raises:
        ValueError: On construction, unless it opens before it closes.

    """

    opens: time = time(9, 30)
    closes: time = time(18)
    closed_days: frozenset[date] = frozenset()

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        _require_order(self.opens, self.closes)

    def is_business_day(self, day: date) -> bool:
        """Whether anybody works on *day*."""
        return day.weekday() < _SATURDAY and day not in self.closed_days

    def add_business_hours(self, at: datetime, hours: timedelta) -> datetime:
        """
        Return the first instant at which *hours* of working time have passed since *at*.

        The clock stands still outside working hours; a day's work that begins at opening ends at closing.

        Raises:
            ValueError: When *at* is naive or *hours* negative.

        """
        if hours < timedelta():
            raise ValueError(_FORWARD_ONLY)
        now = _in_tokyo(at)
        left = hours
        while left:
            now = self._next_working(now)
            today = datetime.combine(now.date(), self.closes, JST) - now
            if left <= today:
                now, left = now + left, timedelta()
            else:
                now, left = now + today, left - today
        return now.astimezone(UTC)

    def add_business_days(self, at: datetime, days: int) -> datetime:
        """
        Return the same time of day, *days* business days after *at*.

        What comes in outside working hours counts from the next opening.

        Raises:
            ValueError: When *at* is naive or *days* negative.

        """
        if days < 0:
            raise ValueError(_FORWARD_ONLY)
        start = self._next_working(_in_tokyo(at))
        day = start.date()
        for _ in range(days):
            day = self._business_day_from(day + _DAY)
        return at_jst(day, start.time())

    def _next_working(self, tokyo: datetime) -> datetime:
        """Return *tokyo* itself when people are at work, else the next opening."""
        day = self._business_day_from(tokyo.date())
        if day == tokyo.date() and tokyo.time() >= self.closes:
            day = self._business_day_from(day + _DAY)
        return max(tokyo, datetime.combine(day, self.opens, JST))

    def _business_day_from(self, day: date) -> date:
        """Return the first business day that is *day* or later."""
        while not self.is_business_day(day):
            day += _DAY
        return day
