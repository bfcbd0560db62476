"""JSON as the sandbox's servers read and write it."""

from __future__ import annotations

import json

from collections.abc import Mapping, Sequence
from typing import TypeAlias


Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""Anything a JSON text can say."""

JsonObject: TypeAlias = Mapping[str, Json]
"""A JSON object."""


class NotJson(Exception):
    """The text is no JSON, or not JSON of the needed kind; *message* says what was wrong and where."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


def parse_json(text: bytes | str) -> Json:
    """
    Read a JSON text.

    Raises:
        NotJson: It is none.

    """
    try:
        value: Json = json.loads(text)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.lineno, error.colno) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise NotJson("unreadable text") from error
    return value


def parse_object(text: bytes | str) -> JsonObject:
    """
    Read a JSON text that holds an object.

    Raises:
        NotJson: It is none, or holds something else.

    """
    return expect_object(parse_json(text))


def expect_object(value: Json) -> JsonObject:
    """
    Return *value*, which has to be an object.

    Raises:
        NotJson: It is something else.

    """
    if not isinstance(value, Mapping):
        raise NotJson("an object was expected")
    return value


def expect_list(value: Json) -> Sequence[Json]:
    """
    Return *value*, which has to be an array.

    Raises:
        NotJson: It is something else.

    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise NotJson("an array was expected")
    return value


def text_of(record: JsonObject, name: str, default: str = "") -> str:
    """
    Return the text *name* of *record*; *default* when it is absent or null.

    Raises:
        NotJson: It is something else.

    """
    value = record.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise NotJson(f"{name} has to be a text")
    return value


def number_of(record: JsonObject, name: str, default: float) -> float:
    """
    Return the number *name* of *record*; *default* when it is absent or null.

    Raises:
        NotJson: It is something else.

    """
    value = record.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotJson(f"{name} has to be a number")
    return value


def flag_of(record: JsonObject, name: str, *, default: bool) -> bool:
    """
    Return the flag *name* of *record*; *default* when it is absent or null.

    Raises:
        NotJson: It is something else.

    """
    value = record.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise NotJson(f"{name} has to be true or false")
    return value


def render_json(value: Json) -> bytes:
    """Write *value* as a JSON text, without needless spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
