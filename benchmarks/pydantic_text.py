"""Typed text for the pydantic models: brought to one way of writing, or written down as unreadable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from pydantic import ConfigDict, ValidationInfo

from benchmarks.findings import Findings
from ordering_core.domain.text import InvalidValue, compact
from ordering_core.domain.values import Eid, KatakanaName, MnpReservationNumber, MobileNumber, PersonName


STRICT: Final = ConfigDict(strict=True, extra="forbid")

Info = ValidationInfo[Findings]


Value: TypeAlias = Eid | KatakanaName | MnpReservationNumber | MobileNumber | PersonName


def read(typed: str | None, parse: Callable[[str], Value], pointer: str, findings: Findings) -> str | None:
    """Return *typed* as *parse* understands it, or, having written down why not, as it is."""
    if typed is None or not typed.strip():
        return None
    try:
        return parse(typed).value
    except InvalidValue as error:
        findings.add(error.code, pointer, error.facts)
        return typed


def spellings(words: type[StrEnum]) -> Mapping[str, str]:
    """Return the spelling of each of *words* by what is left of it without spaces, dashes and capitals."""
    return {compact(word.value).lower(): word.value for word in words}


def spelled(typed: str | None, words: Mapping[str, str]) -> str | None:
    """Return *typed* in the one spelling of *words*, or as it is when it is none of them."""
    if typed is None or not typed.strip():
        return None
    key = compact(typed)
    return words.get(key.lower(), typed) if key.isascii() else typed
