"""
The words in a record that was kept: each has to come back as a member of its vocabulary.

A word equals its text, so that comparing records does not notice a store that returns the text; the first
``is`` of a rule does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TypeGuard

import attrs


def words_in(thing: object) -> list[str]:
    """Return every word in *thing*, a record or what is made of records, with its vocabulary."""
    return sorted(f"{type(word).__name__}.{word.name}" for word in _words(thing))


def _words(thing: object) -> Iterator[StrEnum]:
    kind: type[object] = type(thing)
    if isinstance(thing, StrEnum):
        yield thing
    elif attrs.has(kind):
        for field in attrs.fields(kind):
            yield from _words(getattr(thing, field.name))
    elif _is_mapping(thing):
        yield from _words([*thing.values()])
    elif _is_collection(thing):
        for member in thing:
            yield from _words(member)


def _is_mapping(thing: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(thing, Mapping)


def _is_collection(thing: object) -> TypeGuard[tuple[object, ...] | list[object] | frozenset[object]]:
    return isinstance(thing, tuple | list | frozenset)
