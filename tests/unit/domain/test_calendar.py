"""Days and hours in Tokyo: boundaries of days and months, the activation window, business time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from hypothesis import example, given
from hypothesis import strategies as st

from ordering_core.domain.calendar import (
    JST,
    ActivationWindow,
    BusinessHours,
    at_jst,
    business_date,
    days_left_including,
    first_of_next_month,
    last_of_month,
    notice_end,
    start_of_day,
)


MINUTE = timedelta(minutes=1)
STEP = timedelta(minutes=5)
MICROSECOND = timedelta(microseconds=1)
# The two autumn holidays that follow; the last is the company's own closure at the year's end (reference 6).
HOLIDAYS = {date(2026, 11, 3), date(2026, 11, 23)}
YEAR_END = {date(2026, 12, 29) + timedelta(days=n) for n in range(6)}
HOURS = BusinessHours(closed_days=frozenset(HOLIDAYS | YEAR_END))
WINDOW = ActivationWindow()

days = st.dates(date(1953, 1, 1), date(2100, 12, 31))
instants = st.datetimes(datetime(1953, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
# From a Thursday before a holiday to well past the year's end, on whole steps, as an oracle can count them.
busy_instants = st.integers(0, 50 * 24 * 12).map(lambda n: at_jst(date(2026, 11, 19), time()) + n * STEP)
working_times = st.integers(0, 30 * 12).map(lambda n: n * STEP)


def jst(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=JST)


def works_at(at: datetime) -> bool:
    tokyo = at.astimezone(JST)
    return (
        tokyo.strftime("%a") not in {"Sat", "Sun"}
        and tokyo.date() not in HOURS.closed_days
        and "09:30" <= tokyo.strftime("%H:%M") < "18:00"
    )


class TestDays:
    @given(instants)
    def test_jst_is_what_the_time_zone_database_says_of_tokyo(self, at: datetime) -> None:
        assert business_date(at) == at.astimezone(ZoneInfo("Asia/Tokyo")).date()
        assert at.astimezone(JST).tzname() == "JST"

    @given(days)
    def test_a_day_begins_at_midnight_in_tokyo_and_not_an_instant_earlier(self, day: date) -> None:
        start = start_of_day(day)
        assert start.tzinfo is UTC
        assert business_date(start) == day
        assert business_date(start - MICROSECOND) == day - timedelta(days=1)
        assert start_of_day(day + timedelta(days=1)) - start == timedelta(days=1)

    def test_the_25th_ends_at_15_00_utc(self) -> None:
        assert business_date(datetime(2026, 11, 25, 14, 59, tzinfo=UTC)) == date(2026, 11, 25)
        assert business_date(datetime(2026, 11, 25, 15, 0, tzinfo=UTC)) == date(2026, 11, 26)

    @given(days, st.times())
    def test_an_instant_of_a_day_is_on_that_day_and_shows_that_time(self, day: date, clock: time) -> None:
        at = at_jst(day, clock)
        assert business_date(at) == day
        assert at.astimezone(JST).time() == clock

    def test_the_zone_of_the_instant_does_not_matter(self) -> None:
        new_york = datetime(2026, 11, 24, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
        assert business_date(new_york) == date(2026, 11, 25)

    def test_an_instant_without_a_zone_is_refused_everywhere(self) -> None:
        naive = datetime(2026, 11, 25, 12, 0)  # noqa: DTZ001
        with pytest.raises(ValueError, match="needs a time zone"):
            business_date(naive)
        with pytest.raises(ValueError, match="needs a time zone"):
            WINDOW.next_opening(naive)
        with pytest.raises(ValueError, match="needs a time zone"):
            HOURS.add_business_hours(naive, timedelta())
        with pytest.raises(ValueError, match="needs a time zone"):
            HOURS.add_business_days(naive, 0)


class TestMonths:
    @given(days)
    @example(date(2028, 2, 29))
    @example(date(2026, 12, 31))
    @example(date(2026, 1, 31))
    def test_the_last_of_a_month_is_the_day_before_the_first_of_the_next(self, day: date) -> None:
        first, last = first_of_next_month(day), last_of_month(day)
        assert first.day == 1
        assert first - last == timedelta(days=1)
        assert (last.year, last.month) == (day.year, day.month)
        assert last >= day

    @pytest.mark.parametrize(
        ("day", "first"),
        [
            (date(2026, 11, 25), date(2026, 12, 1)),
            (date(2026, 12, 26), date(2027, 1, 1)),
            (date(2028, 1, 29), date(2028, 2, 1)),
            (date(2028, 2, 29), date(2028, 3, 1)),
        ],
    )
    def test_the_first_of_the_next_month(self, day: date, first: date) -> None:
        assert first_of_next_month(day) == first


class TestCounting:
    def test_a_reservation_of_fifteen_days_counts_the_day_it_was_issued(self) -> None:
        issued, last = date(2026, 11, 10), date(2026, 11, 24)
        assert days_left_including(last, issued) == 15

    @pytest.mark.parametrize(("day", "left"), [(15, 10), (17, 8), (18, 7), (24, 1), (25, 0), (26, -1)])
    def test_days_left_of_a_reservation_whose_last_day_is_the_24th(self, day: int, left: int) -> None:
        assert days_left_including(date(2026, 11, 24), date(2026, 11, day)) == left

    def test_a_notice_of_thirty_days_does_not_count_the_day_it_was_given(self) -> None:
        assert notice_end(date(2026, 11, 25), 30) == date(2026, 12, 25)

    @given(days, st.integers(0, 400))
    def test_the_two_ways_of_counting_differ_by_one_day(self, day: date, count: int) -> None:
        assert days_left_including(notice_end(day, count), day) == count + 1


class TestActivationWindow:
    @pytest.mark.parametrize(
        ("at", "opening"),
        [
            (jst(2026, 11, 25, 0, 0), jst(2026, 11, 25, 10, 0)),
            (jst(2026, 11, 25, 9, 59), jst(2026, 11, 25, 10, 0)),
            (jst(2026, 11, 25, 10, 0), jst(2026, 11, 25, 10, 0)),
            (jst(2026, 11, 25, 17, 59), jst(2026, 11, 25, 17, 59)),
            (jst(2026, 11, 25, 18, 0), jst(2026, 11, 26, 10, 0)),
            (jst(2026, 12, 31, 23, 59), jst(2027, 1, 1, 10, 0)),
        ],
    )
    def test_the_next_opening_is_now_or_today_or_tomorrow(self, at: datetime, opening: datetime) -> None:
        assert WINDOW.next_opening(at) == opening
        assert WINDOW.next_opening(at).tzinfo is UTC

    @given(instants, st.times(), st.times())
    def test_the_next_opening_lies_inside_at_or_after_and_within_a_day(
        self, at: datetime, one: time, other: time
    ) -> None:
        opens, closes = sorted((one, other))
        if opens == closes:
            return
        window = ActivationWindow(opens=opens, closes=closes)
        opening = window.next_opening(at)
        assert timedelta() <= opening - at < timedelta(days=1)
        assert opens <= opening.astimezone(JST).time() < closes
        assert window.next_opening(opening) == opening
        assert opening in {at, window.opening_on(business_date(opening))}

    @given(instants, instants)
    def test_who_comes_later_is_never_let_in_earlier(self, one: datetime, other: datetime) -> None:
        earlier, later = sorted((one, other))
        assert WINDOW.next_opening(earlier) <= WINDOW.next_opening(later)

    def test_a_date_alone_means_the_opening_of_that_day(self) -> None:
        assert WINDOW.opening_on(date(2026, 11, 25)) == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)

    @pytest.mark.parametrize("closes", [time(10), time(9, 59)])
    def test_hours_that_end_before_they_begin_are_refused(self, closes: time) -> None:
        with pytest.raises(ValueError, match="earlier than closes"):
            ActivationWindow(opens=time(10), closes=closes)
        with pytest.raises(ValueError, match="earlier than closes"):
            BusinessHours(opens=time(10), closes=closes)


class TestBusinessHours:
    @pytest.mark.parametrize(
        ("at", "hours", "due"),
        [
            (jst(2026, 11, 20, 17, 30), 2, jst(2026, 11, 24, 11, 0)),  # Friday; Monday is a holiday
            (jst(2026, 12, 28, 17, 0), 2, jst(2027, 1, 4, 10, 30)),  # the company closes for the new year
            (jst(2026, 11, 25, 16, 0), 2, jst(2026, 11, 25, 18, 0)),  # a day's work ends at closing
            (jst(2026, 11, 25, 18, 0), 2, jst(2026, 11, 26, 11, 30)),
            (jst(2026, 11, 21, 12, 0), 2, jst(2026, 11, 24, 11, 30)),
            (jst(2026, 11, 25, 5, 0), 0, jst(2026, 11, 25, 5, 0)),
            (jst(2026, 11, 25, 9, 30), 24, jst(2026, 11, 27, 16, 30)),
        ],
    )
    def test_working_time_passes_only_while_people_work(
        self, at: datetime, hours: int, due: datetime
    ) -> None:
        assert HOURS.add_business_hours(at, timedelta(hours=hours)) == due
        assert HOURS.add_business_hours(at, timedelta(hours=hours)).tzinfo is UTC

    @given(busy_instants, working_times)
    def test_it_is_the_first_instant_by_which_an_oracle_counted_that_much_work(
        self, at: datetime, hours: timedelta
    ) -> None:
        due, counted = at, timedelta()
        while counted < hours:
            counted += STEP if works_at(due) else timedelta()
            due += STEP
        assert HOURS.add_business_hours(at, hours) == due

    @given(instants, working_times, working_times)
    def test_adding_twice_is_adding_the_sum(self, at: datetime, one: timedelta, other: timedelta) -> None:
        twice = HOURS.add_business_hours(HOURS.add_business_hours(at, one), other)
        assert twice == HOURS.add_business_hours(at, one + other)

    @given(busy_instants, busy_instants, working_times)
    def test_who_comes_later_is_never_due_earlier(
        self, one: datetime, other: datetime, hours: timedelta
    ) -> None:
        earlier, later = sorted((one, other))
        assert HOURS.add_business_hours(earlier, hours) <= HOURS.add_business_hours(later, hours)

    @pytest.mark.parametrize(
        ("at", "count", "due"),
        [
            (jst(2026, 11, 20, 17, 30), 1, jst(2026, 11, 24, 17, 30)),
            (
                jst(2026, 11, 20, 18, 0),
                1,
                jst(2026, 11, 25, 9, 30),
            ),  # after closing: counts from Tuesday's opening
            (jst(2026, 11, 24, 9, 30), 1, jst(2026, 11, 25, 9, 30)),
            (jst(2026, 11, 24, 3, 0), 1, jst(2026, 11, 25, 9, 30)),
            (jst(2026, 11, 22, 12, 0), 2, jst(2026, 11, 26, 9, 30)),
            (jst(2026, 12, 28, 10, 0), 1, jst(2027, 1, 4, 10, 0)),
            (jst(2026, 11, 21, 12, 0), 0, jst(2026, 11, 24, 9, 30)),
        ],
    )
    def test_business_days_keep_the_time_of_day(self, at: datetime, count: int, due: datetime) -> None:
        assert HOURS.add_business_days(at, count) == due
        assert HOURS.add_business_days(at, count).tzinfo is UTC

    @given(busy_instants, st.integers(0, 10))
    def test_a_business_day_is_a_full_day_of_business_hours(self, at: datetime, count: int) -> None:
        by_days = HOURS.add_business_days(at, count)
        by_hours = HOURS.add_business_hours(at, count * timedelta(hours=8.5))
        assert works_at(by_days)
        assert HOURS.add_business_hours(by_days, MINUTE) == HOURS.add_business_hours(by_hours, MINUTE)

    def test_weekends_and_closed_days_are_no_business_days(self) -> None:
        week = [date(2026, 11, 20) + timedelta(days=n) for n in range(7)]
        assert [HOURS.is_business_day(day) for day in week] == [True, False, False, False, True, True, True]
        assert BusinessHours().is_business_day(date(2026, 11, 23))

    def test_business_time_is_not_taken_away(self) -> None:
        at = jst(2026, 11, 25, 12)
        with pytest.raises(ValueError, match="zero or more"):
            HOURS.add_business_hours(at, -MICROSECOND)
        with pytest.raises(ValueError, match="zero or more"):
            HOURS.add_business_days(at, -1)
