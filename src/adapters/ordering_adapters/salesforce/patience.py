"""
How long one call is tried again before its caller hears of it.

Only where nothing was done: a lock that somebody else holds, too many calls at one moment, a connection that
never was; and reads, which do nothing whatever happens to them (reference section 5). The last try begins so
early that its answer, or its time-out, still falls into the time that the journal allows a call (DESIGN 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final

import attrs

from ordering_adapters.salesforce.errors import Failure, Outcome, Retry


_FIRST_WAIT: Final = 0.4
"""Seconds; each wait is twice the one before, and half of it is chance."""

_TRIES: Final = 4
_LONGEST: Final = timedelta(days=1)
"""The longest wait that is believed."""

_FEWER_TRIES: Final[Mapping[str, int]] = MappingProxyType({"HTTP_420": 3})
"""A host without a route rarely gets one."""


def may_repeat(failure: Failure, *, reading: bool) -> bool:
    """Whether making the call again at once does no harm and may help."""
    if failure.meaning.retry is Retry.SOON:
        return True
    return reading and failure.meaning.outcome is Outcome.UNKNOWN


@attrs.frozen(kw_only=True)
class Patience:
    """The patience with one call: no try of it begins later than *lasts* after the first."""

    lasts: timedelta

    def wait(
        self,
        failure: Failure,
        *,
        tries: int,
        spent: timedelta,
        asked: timedelta | None,
        chance: float,
        reading: bool,
    ) -> float | None:
        """
        Return the seconds to wait before the next try, None when there is none.

        *tries* were made in *spent*; the server *asked* for so much time, *chance* is from 0 to 1.
        """
        if not may_repeat(failure, reading=reading) or tries >= _FEWER_TRIES.get(failure.code, _TRIES):
            return None
        step = _FIRST_WAIT * 2 ** (tries - 1)
        wait = step / 2 + step / 2 * chance
        if asked is not None:
            wait = max(wait, asked.total_seconds())
        return wait if spent + timedelta(seconds=wait) <= self.lasts else None


def asked_wait(retry_after: str, now: datetime) -> timedelta | None:
    """Return the time that a Retry-After header asks for, in seconds or until a date; None for none."""
    text = retry_after.strip()
    try:
        if text.isascii() and text.isdigit():
            return min(timedelta(seconds=float(text)), _LONGEST)
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return min(max(until - now, timedelta(0)), _LONGEST) if until.tzinfo is not None else None
