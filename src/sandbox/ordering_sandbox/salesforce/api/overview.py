"""What the API offers: versions, resources, limits."""

from __future__ import annotations

from typing import Final

from ordering_sandbox.json_values import Json, JsonObject


NEWEST: Final = 68
_OLDEST_LISTED: Final = 52
_OLDEST: Final = 31
_SEASONS: Final = ("Spring", "Summer", "Winter")
_FIRST_SPRING: Final = (51, 21)
_RESOURCES: Final = (
    "sobjects",
    "query",
    "queryAll",
    "composite",
    "limits",
    "tooling",
    "search",
    "recent",
)


def versions() -> Json:
    """Return the versions of the API."""
    return [
        {"label": _label(version), "url": f"/services/data/v{version}.0", "version": f"{version}.0"}
        for version in range(_OLDEST_LISTED, NEWEST + 1)
    ]


def is_version(text: str) -> bool:
    """Whether *text* (``v66.0``) names a version."""
    number = text.removeprefix("v").removesuffix(".0")
    return text == f"v{number}.0" and number.isdigit() and int(number) <= NEWEST


def is_retired(text: str) -> bool:
    """Whether the version *text* is no longer served."""
    return int(text.removeprefix("v").removesuffix(".0")) < _OLDEST


def resources(version: str, identity: str) -> JsonObject:
    """Return the resources of one version, and who asks."""
    listed = {name: f"/services/data/v{version}/{name}" for name in _RESOURCES}
    return {**listed, "identity": identity}


def limits(used: int, daily: int) -> JsonObject:
    """Return what is left of the org's allowances."""
    return {
        "DailyApiRequests": {"Max": daily, "Remaining": max(0, daily - used)},
        "DailyStandardVolumePlatformEvents": {"Max": 25_000, "Remaining": 25_000},
        "HourlyPublishedPlatformEvents": {"Max": 50_000, "Remaining": 50_000},
        "MonthlyPlatformEventsUsageEntitlement": {"Max": 0, "Remaining": 0},
        "DataStorageMB": {"Max": 1024, "Remaining": 1000},
        "FileStorageMB": {"Max": 1024, "Remaining": 1000},
    }


def _label(version: int) -> str:
    first, year = _FIRST_SPRING
    later = version - first
    season = _SEASONS[later % len(_SEASONS)]
    return f"{season} '{year + later // len(_SEASONS) + (season == 'Winter')}"
