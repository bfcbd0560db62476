"""Moments and dates as Salesforce writes them; both sort as text."""

from __future__ import annotations

import re

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo


_WRITTEN: Final = "%Y-%m-%dT%H:%M:%S.000+0000"
_OFFSET_WITHOUT_COLON: Final = re.compile(r"([+-]\d\d)(\d\d)$")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_DAY: Final = timedelta(days=1)
USER_ZONE: Final = ZoneInfo("Asia/Tokyo")
"""The time zone of the org's users, in which TODAY is meant."""


def write_instant(at: datetime) -> str:
    """Write *at* in UTC; Salesforce keeps whole seconds, what is below is cut off."""
    return at.astimezone(UTC).strftime(_WRITTEN)


def read_instant(text: str) -> datetime | None:
    """Return the moment *text* says (in UTC unless it says otherwise), or None when it says none."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        at = datetime.fromisoformat(_OFFSET_WITHOUT_COLON.sub(r"\1:\2", text))
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def read_date(text: str) -> date | None:
    """Return the date *text* says, or None when it says none or more than a date."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def day_of(at: datetime) -> date:
    """Return the users' date at *at*."""
    return at.astimezone(USER_ZONE).date()


def bounds_of_day(day: date) -> tuple[datetime, datetime]:
    """Return the moments at which the users' *day* begins and ends."""
    begins = datetime(day.year, day.month, day.day, tzinfo=USER_ZONE)
    return begins, begins + _DAY
