"""How the values of settings are written as text: durations, times, choices, keys."""

from __future__ import annotations

import re

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from cattrs import Converter

from ordering_core.domain.calendar import ActivationWindow
from ordering_core.domain.vocabulary import Offering
from ordering_entrypoints.http.principals import Permission
from ordering_entrypoints.http.settings import RateLimit, ServiceKey


_T = TypeVar("_T")

_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_FRACTION: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?")
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd])")
_RATE: Final = re.compile(r"([0-9]{1,9})/(second|minute|hour|day)")

_SECONDS: Final[Mapping[str, int]] = MappingProxyType({"s": 1, "m": 60, "h": 3600, "d": 86_400})


class Unusable(ValueError):
    """A text is no value of its setting; the message says what is, and follows the name of the variable."""


def text_converter() -> Converter:
    """Return a converter from texts to the values of settings."""
    converter = Converter()
    for kind, read in _READERS.items():
        converter.register_structure_hook(kind, _hook(read))
    converter.register_structure_hook(StrEnum, _choice)
    converter.register_structure_hook_func(lambda kind: kind == tuple[ServiceKey, ...], _hook(_service_keys))
    converter.register_structure_hook_func(lambda kind: kind == Mapping[str, Offering], _hook(_offerings))
    return converter


def _hook(read: Callable[[str], _T]) -> Callable[[str, object], _T]:
    def structure(text: str, _kind: object) -> _T:
        return read(text)

    return structure


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Unusable("has to be a whole number, for example 60")
    return int(text)


def _fraction(text: str) -> Decimal:
    if not _FRACTION.fullmatch(text):
        raise Unusable("has to be a fraction, for example 0.10")
    return Decimal(text)


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise Unusable("has to be true or false")
    return text == "true"


def _duration(text: str) -> timedelta:
    written = _DURATION.fullmatch(text)
    if written is None:
        raise Unusable("has to be a number and one of s, m, h and d, for example 90s or 24h")
    return timedelta(seconds=int(written[1]) * _SECONDS[written[2]])


def _time(text: str) -> time:
    if not _TIME.fullmatch(text):
        raise Unusable("has to be a time in Japan, for example 18:00")
    return time.fromisoformat(text)


def _window(text: str) -> ActivationWindow:
    opens, _, closes = text.partition("-")
    try:
        return ActivationWindow(opens=_time(opens), closes=_time(closes))
    except ValueError:
        raise Unusable("has to be two times in Japan, the earlier first, for example 10:00-18:00") from None


def _instant(text: str) -> datetime:
    wrong = Unusable("has to be an instant with its time zone, for example 2026-04-01T00:00:00+09:00")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise wrong from None
    if instant.tzinfo is None:
        raise wrong
    return instant


def _rate_limit(text: str) -> RateLimit:
    written = _RATE.fullmatch(text)
    match written and written[2]:
        case "second" | "minute" | "hour" | "day" as unit if written:
            return RateLimit(requests=int(written[1]), unit=unit)
        case _:
            raise Unusable("has to be a number per second, minute, hour or day, for example 120/minute")


def _choice(text: str, kind: type[StrEnum]) -> StrEnum:
    for word in kind:
        if text == word.value:
            return word
    raise Unusable(f"has to be one of {', '.join(kind)}")


def _service_keys(text: str) -> tuple[ServiceKey, ...]:
    """Read ``name:permission+permission:sha256`` as often as it comes, with commas between."""
    try:
        return tuple(_service_key(*part.strip().split(":")) for part in text.split(","))
    except (TypeError, ValueError):
        permissions = ", ".join(Permission)
        raise Unusable(
            "has to be name:permissions:sha256, several with commas between; "
            f"permissions are {permissions}, several with + between"
        ) from None


def _service_key(name: str, permissions: str, sha256: str) -> ServiceKey:
    granted = frozenset(Permission(permission) for permission in permissions.split("+"))
    return ServiceKey(name=name, sha256=sha256, permissions=granted)


def _offerings(text: str) -> Mapping[str, Offering]:
    """Read ``text=offering`` as often as it comes, with semicolons between."""
    try:
        pairs = dict(part.split("=") for part in text.split(";"))
        return {written.strip(): Offering(offering.strip()) for written, offering in pairs.items()}
    except ValueError:
        raise Unusable(
            f"has to be text=offering, several with ; between; offerings are {', '.join(Offering)}"
        ) from None


_READERS: Final[Mapping[type, Callable[[str], object]]] = MappingProxyType(
    {
        ActivationWindow: _window,
        Decimal: _fraction,
        RateLimit: _rate_limit,
        bool: _flag,
        datetime: _instant,
        int: _number,
        time: _time,
        timedelta: _duration,
    }
)
