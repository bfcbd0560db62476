"""References between the calls of a composite: ``@{order.id}`` in a URL or anywhere in a body."""

from __future__ import annotations

import re

from collections.abc import Iterator, Mapping
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.salesforce.errors import refuse


_REFERENCE: Final = re.compile(r"@\{([^}]*)\}")
_PART: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_VALID_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")


def is_reference_id(text: str) -> bool:
    """Whether *text* may name a call of a composite."""
    return _VALID_NAME.fullmatch(text) is not None


def invalid_reference_id(text: str) -> str:
    """Return what is said about a name that is none."""
    return (
        f"Provided referenceId ('{text}') must start with a letter or a number, and it can contain only"
        " letters, numbers and underscores ('_')."
    )


def referred_names(value: Json) -> Iterator[str]:
    """Yield the names of the calls that *value* refers to, with their paths left off."""
    if isinstance(value, str):
        for found in _REFERENCE.finditer(value):
            yield _name_of(found.group(1))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from referred_names(item)
    elif isinstance(value, list):
        for item in value:
            yield from referred_names(item)


def resolve(value: Json, answers: Mapping[str, Json]) -> Json:
    """
    Return *value* with every reference replaced by what it points to in *answers*, the bodies by name.

    Raises:
        Refusal: PROCESSING_HALTED when it points to nothing.

    """
    if isinstance(value, str):
        return resolve_text(value, answers)
    if isinstance(value, Mapping):
        return {name: resolve(item, answers) for name, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, answers) for item in value]
    return value


def resolve_text(text: str, answers: Mapping[str, Json]) -> str:
    """
    Return *text* with every reference replaced.

    Raises:
        Refusal: PROCESSING_HALTED when one points to nothing.

    """
    return _REFERENCE.sub(lambda found: _pointed_to(found.group(1), answers), text)


def _pointed_to(reference: str, answers: Mapping[str, Json]) -> str:
    value: Json = answers
    for part in _PART.finditer(reference):
        value = _step(value, part.group(1), part.group(2))
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, Mapping | list):
        name = _name_of(reference)
        message = f"Invalid reference specified. No value for {reference} found in {name}. "
        raise refuse(400, "PROCESSING_HALTED", message + invalid_reference_id(reference))
    return str(value)


def _step(value: Json, name: str | None, place: str | None) -> Json:
    """Return what is in *value* under *name*, or at *place*; nothing when there is no such thing."""
    if name is not None:
        return value.get(name) if isinstance(value, Mapping) else None
    at = int(place or 0)
    return value[at] if isinstance(value, list) and at < len(value) else None


def _name_of(reference: str) -> str:
    """Return the name of the call that *reference* begins with."""
    return re.split(r"[.\[]", reference, maxsplit=1)[0]
