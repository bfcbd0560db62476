"""A draft from a file or from standard input, and what to say when it cannot be read."""

from __future__ import annotations

import sys

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ordering_core.domain.drafts import Draft
from ordering_entrypoints.terminal import Unusable
from ordering_entrypoints.wire import FieldError, MalformedJson, WireError, parse_json, structure_draft


STANDARD_INPUT: Final = "-"
LARGEST: Final = 1_000_000
"""Bytes of a draft; a real one has a few hundred."""


class Unreadable(Unusable):
    """
    An input is no draft; *errors* says what is wrong with it, field by field if it is JSON.

    The sentence names the input and, where there is one, the place.
    """

    def __init__(self, sentence: str, errors: Sequence[FieldError]) -> None:
        """Keep both."""
        super().__init__(sentence)
        self.errors = tuple(errors)


def read_draft(name: str) -> Draft:
    """
    Return the draft in the file *name*, or on standard input when that is ``-``.

    Raises:
        Unreadable: There is no such file, it is not JSON, or it does not have the form of a draft.

    """
    shown = name_of(name)
    raw = read_bytes(name, LARGEST)
    try:
        return structure_draft(parse_json(raw))
    except MalformedJson as error:
        way_out = "Write one JSON object; examples/orders/ has some."
        raise _unreadable(shown, "json_malformed", f"This is not JSON: {error.detail}", way_out) from None
    except WireError as error:
        raise Unreadable(f"{shown}: This is JSON, but not a draft of an order.", error.errors) from None


def name_of(name: str) -> str:
    """Return what to call the input *name*."""
    return "standard input" if name == STANDARD_INPUT else name


def read_bytes(name: str, largest: int) -> bytes:
    """
    Return what is in the file *name*, or on standard input when that is ``-``.

    Raises:
        Unreadable: There is no such file, or it has more than *largest* bytes.

    """
    raw = _read(name, largest + 1)
    if len(raw) > largest:
        message, way_out = f"It has more than {largest:,} bytes.", "Give a smaller one."
        raise _unreadable(name_of(name), "input_too_large", message, way_out)
    return raw


def _read(name: str, most: int) -> bytes:
    """Return at most *most* bytes."""
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read(most)
    try:
        with Path(name).open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        reason = "There is no such file."
    except IsADirectoryError:
        reason = "This is a folder."
    except PermissionError:
        reason = "It may not be read."
    except OSError as error:
        reason = f"It cannot be read: {error.strerror}."
    except ValueError:
        reason = "This cannot be the name of a file."
    raise _unreadable(name, "file_unreadable", reason, "Give the path of a file, or - for standard input.")


def _unreadable(shown: str, code: str, message: str, remedy: str) -> Unreadable:
    error = FieldError(code=code, pointer="", message=message, remedy=remedy)
    return Unreadable(f"{shown}: {message} {remedy}", [error])
