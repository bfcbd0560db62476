"""
How the values of settings are written: durations, times, choices, keys.

All of them can be written as text. What TOML has a type for may be of that type in a file: numbers, flags,
times, instants, lists, and tables for what has parts.
"""

from __future__ import annotations

import re

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeGuard, TypeVar

from cattrs import Converter

from ordering_core.domain.calendar import ActivationWindow
from ordering_core.domain.vocabulary import Offering
from ordering_entrypoints.http.principals import Permission
from ordering_entrypoints.http.settings import RateLimit, ServiceKey
from ordering_entrypoints.memory_systems import MemorySystem


_T = TypeVar("_T")

_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_FRACTION: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?")
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd])")
_RATE: Final = re.compile(r"([0-9]{1,9})/(second|minute|hour|day)")

_SECONDS: Final[Mapping[str, int]] = MappingProxyType({"s": 1, "m": 60, "h": 3600, "d": 86_400})


class Unusable(ValueError):
    """A value is none of its setting; the message says what is, and follows the name of the setting."""


def value_converter() -> Converter:
    """Return a converter from texts, and from what TOML has types for, to the values of settings."""
    converter = Converter()
    for kind, read in _READERS.items():
        converter.register_structure_hook(kind, _of_text(read))
    converter.register_structure_hook(StrEnum, _choice)
    converter.register_structure_hook(str, _of_any(_filled))
    converter.register_structure_hook(Path, _of_any(_path))
    converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _of_any(_list))
    converter.register_structure_hook_func(
        lambda kind: kind == tuple[MemorySystem, ...], _of_any(_memory_systems)
    )
    converter.register_structure_hook_func(
        lambda kind: kind == tuple[ServiceKey, ...], _of_any(_service_keys)
    )
    converter.register_structure_hook_func(lambda kind: kind == Mapping[str, Offering], _of_any(_offerings))
    return converter


def _of_any(read: Callable[[object], _T]) -> Callable[[object, object], _T]:
    def structure(value: object, _kind: object) -> _T:
        return read(value)

    return structure


def _of_text(read: Callable[[str], _T]) -> Callable[[object, object], _T]:
    def structure(value: object, _kind: object) -> _T:
        return read(_text(value))

    return structure


def _text(value: object) -> str:
    """Return *value* as it is written in the environment; what cannot be is empty, which no reader takes."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case time(second=0, microsecond=0):
            return value.strftime("%H:%M")
        case int():
            return str(value)
        case date() | time():
            return value.isoformat()
        case _:
            return ""


def _words(value: object) -> str:
    if not isinstance(value, str):
        raise Unusable("has to be a text, in quotation marks")
    return value


def _filled(value: object) -> str:
    words = _words(value)
    if not words.strip():
        raise Unusable("has to be a text that is not empty; else remove it")
    return words


def _path(value: object) -> Path:
    return Path(_filled(value))


def _list(value: object) -> tuple[str, ...]:
    parts = value if _is_list(value) else _words(value).split(",")
    return tuple(part for part in (_words(part).strip() for part in parts) if part)


def _memory_systems(value: object) -> tuple[MemorySystem, ...]:
    try:
        return tuple(map(MemorySystem, _list(value)))
    except ValueError:
        raise Unusable(f"has to be of {', '.join(MemorySystem)}, several with commas between") from None


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _is_table(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


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


def _choice(value: object, kind: type[StrEnum]) -> StrEnum:
    for word in kind:
        if value == word.value:
            return word
    raise Unusable(f"has to be one of {', '.join(kind)}")


def _service_keys(value: object) -> tuple[ServiceKey, ...]:
    """Read ``name:permission+permission:sha256`` as often as it comes, with commas between; or a list."""
    try:
        return tuple(map(_service_key, value if _is_list(value) else _words(value).split(",")))
    except (TypeError, ValueError):
        permissions = ", ".join(Permission)
        raise Unusable(
            "has to be name:permissions:sha256, several with commas between; "
            f"permissions are {permissions}, several with + between"
        ) from None


def _service_key(value: object) -> ServiceKey:
    if _is_table(value):
        parts = {name: _words(part) for name, part in value.items() if name != "permissions"}
        permissions = value.get("permissions")
        return ServiceKey(permissions=_permissions(permissions), **parts)
    name, granted, sha256 = _words(value).strip().split(":")
    return ServiceKey(name=name, sha256=sha256, permissions=_permissions(granted))


def _permissions(value: object) -> frozenset[Permission]:
    granted = value if _is_list(value) else _words(value).split("+")
    return frozenset(Permission(_words(permission)) for permission in granted)


def _offerings(value: object) -> Mapping[str, Offering]:
    """Read ``text=offering`` as often as it comes, with semicolons between; or a table."""
    try:
        pairs = value if _is_table(value) else dict(part.split("=") for part in _words(value).split(";"))
        return {written.strip(): Offering(_words(offering).strip()) for written, offering in pairs.items()}
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
