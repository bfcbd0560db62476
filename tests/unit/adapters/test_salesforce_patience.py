"""How long one call to Salesforce is tried again: never if something may have been done, never for long."""

from datetime import UTC, datetime, timedelta

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_adapters.salesforce.errors import BY_STATUS, MEANINGS, Failure, Meaning, Outcome, Retry
from ordering_adapters.salesforce.patience import Patience, asked_wait


NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LASTS = timedelta(seconds=5)
MEANT = st.sampled_from([*MEANINGS.values(), *BY_STATUS.values()])
SPENT = st.timedeltas(min_value=timedelta(0), max_value=2 * LASTS)
ASKED = st.none() | st.timedeltas(min_value=timedelta(0), max_value=2 * LASTS)


def wait(
    meaning: Meaning,
    *,
    tries: int = 1,
    spent: timedelta = timedelta(0),
    asked: timedelta | None = None,
    chance: float = 0.5,
    reading: bool = False,
) -> float | None:
    failure = Failure(code="CODE", meaning=meaning)
    return Patience(lasts=LASTS).wait(
        failure, tries=tries, spent=spent, asked=asked, chance=chance, reading=reading
    )


@given(meaning=MEANT, tries=st.integers(1, 9), spent=SPENT, asked=ASKED, reading=st.booleans())
def test_a_write_that_may_have_been_done_is_never_repeated_and_no_try_begins_too_late(
    meaning: Meaning, tries: int, spent: timedelta, asked: timedelta | None, *, reading: bool
) -> None:
    pause = wait(meaning, tries=tries, spent=spent, asked=asked, reading=reading)
    if pause is None:
        return
    assert tries < 4
    assert meaning.retry is Retry.SOON or reading
    assert meaning.outcome is Outcome.UNAVAILABLE or reading
    assert spent + timedelta(seconds=pause) <= LASTS
    assert asked is None or pause >= asked.total_seconds()


@pytest.mark.parametrize("code", [*MEANINGS, *BY_STATUS])
def test_a_write_is_repeated_where_nothing_was_done_and_a_read_where_nothing_was_said(
    code: str | int,
) -> None:
    meaning = MEANINGS[code] if isinstance(code, str) else BY_STATUS[code]
    soon, doubtful = meaning.retry is Retry.SOON, meaning.outcome is Outcome.UNKNOWN
    assert (wait(meaning) is not None) == soon
    assert (wait(meaning, reading=True) is not None) == (soon or doubtful)


def test_the_last_try_begins_when_its_time_is_over_and_not_after() -> None:
    locked, pause = MEANINGS["UNABLE_TO_LOCK_ROW"], timedelta(seconds=0.2)
    assert wait(locked, spent=LASTS - pause, chance=0.0) == 0.2
    assert wait(locked, spent=LASTS - pause + timedelta(milliseconds=1), chance=0.0) is None
    assert wait(locked, asked=LASTS, chance=0.0) == LASTS.total_seconds()
    assert wait(locked, asked=LASTS + timedelta(milliseconds=1), chance=0.0) is None


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_each_wait_is_longer_than_the_one_before_and_no_two_callers_wait_alike(chance: float) -> None:
    waits = [wait(MEANINGS["UNABLE_TO_LOCK_ROW"], tries=tries, chance=chance) for tries in (1, 2, 3, 4)]
    assert waits == ([0.2, 0.4, 0.8, None] if chance == 0 else [0.4, 0.8, 1.6, None])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("", None),
        ("soon", None),
        ("0", timedelta(0)),
        ("3", timedelta(seconds=3)),
        (" 120 ", timedelta(minutes=2)),
        ("9" * 100, None),
        ("99999999", timedelta(days=1)),
        ("-1", None),
        ("Sun, 22 Nov 2026 03:00:30 GMT", timedelta(seconds=30)),
        ("Sun, 22 Nov 2026 02:00:00 GMT", timedelta(0)),
        ("Sun, 22 Nov 2026 03:00:30", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=1)),
    ],
)
def test_the_time_that_a_server_asks_for(said: str, meant: timedelta | None) -> None:
    assert asked_wait(said, NOW) == meant
