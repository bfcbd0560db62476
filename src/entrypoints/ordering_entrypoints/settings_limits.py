"""
How much a setting may be, which its form alone does not say.

A heartbeat of no time turns a process in circles, a tax of 10 is 1000 %, and a port of 99999 becomes another
one without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from ordering_entrypoints.http.settings import RateLimit
from ordering_entrypoints.settings_file import key


LONGEST: Final = timedelta(days=3650)
"""The longest of all durations: what is added to an instant has to be one."""

MOST_LEEWAY: Final = timedelta(minutes=10)
"""How far clocks of token servers may differ: for as long a token goes on after it has expired."""

LAST_PORT: Final = 65535

MAY_BE_NOTHING: Final = frozenset(
    {
        "events.reconnect",
        "http.drain",
        "policy.holds_self_clear",
        "policy.mnp_approve_extra_days",
        "policy.mnp_carrier_days",
        "policy.mnp_review_days",
        "policy.opportunity_close_days",
        "policy.orders_max_age",
        "policy.sim_schedule_days",
        "policy.sim_ship_days",
        "tokens.leeway",
        "worker.status_port",
    }
)
"""The durations and numbers that may be 0: those of the policy's days have limits of their own there."""

_AT_MOST: Final[Mapping[str, timedelta | int]] = MappingProxyType(
    {"tokens.leeway": MOST_LEEWAY, "worker.status_port": LAST_PORT}
)


def problem_with(group: str, field: str, value: object) -> str | None:
    """Return what *field* of *group* has to be if it may not be *value*, else None; it follows the name."""
    name = key(group, field)
    most = _AT_MOST.get(name)
    match value:
        case bool():
            return None
        case timedelta():
            longest = most if isinstance(most, timedelta) else LONGEST
            if not value and name not in MAY_BE_NOTHING:
                return "has to be 1s or more"
            return f"has to be {_written(longest)} or less" if value > longest else None
        case int():
            if not value and name not in MAY_BE_NOTHING:
                return "has to be 1 or more"
            return f"has to be {most} or less" if isinstance(most, int) and value > most else None
        case Decimal():
            return "has to be less than 1, for example 0.10 for 10 %" if value >= 1 else None
        case RateLimit(requests=0):
            return "has to let one request through, or more"
        case _:
            return None


def _written(duration: timedelta) -> str:
    """Return *duration* as settings are written."""
    seconds = round(duration.total_seconds())
    return next(f"{seconds // each}{unit}" for unit, each in _UNITS.items() if seconds % each == 0)


_UNITS: Final[Mapping[str, int]] = MappingProxyType({"d": 86_400, "h": 3600, "m": 60, "s": 1})
