"""The manual clock: moved forward by hand, never back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.testing.clocks import ManualClock


START = datetime(2026, 6, 3, 1, tzinfo=UTC)
JST = timezone(timedelta(hours=9))


def test_it_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(START)
    assert clock.now() == clock.now() == START


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=400)), max_size=10))
def test_it_adds_up_what_passes(steps: list[timedelta]) -> None:
    clock = ManualClock(START)
    for step in steps:
        assert clock.advance(step) == clock.now()
    assert clock.now() == START + sum(steps, timedelta(0))


def test_it_answers_in_utc_whatever_it_is_told() -> None:
    clock = ManualClock(datetime(2026, 6, 3, 10, tzinfo=JST))
    assert (clock.now(), clock.now().tzinfo) == (START, UTC)
    assert clock.move_to(datetime(2026, 6, 3, 11, tzinfo=JST)).tzinfo is UTC


def test_moving_to_the_present_changes_nothing() -> None:
    assert ManualClock(START).move_to(START) == START


def test_it_never_goes_back() -> None:
    clock = ManualClock(START)
    with pytest.raises(ValueError, match="never goes back"):
        clock.advance(timedelta(microseconds=-1))
    with pytest.raises(ValueError, match="never goes back"):
        clock.move_to(START - timedelta(microseconds=1))
    assert clock.now() == START


def test_it_takes_no_time_without_a_zone() -> None:
    naive = START.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(naive)
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(START).move_to(naive)
