"""
The converter behind reading: no coercion, no unknown fields, and every error with a JSON pointer to it.

If it guessed, a program's typing mistake (``wekend_install``) would cost
a customer what they asked for, and nobody would notice.
"""

from __future__ import annotations

import re

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final, TypeGuard, TypeVar

from cattrs import BaseValidationError, ClassValidationError, Converter, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn

from ordering_core.domain.identifiers import Sku
from ordering_entrypoints.wire.errors import FieldError, WireError


_T = TypeVar("_T")

MOST_ERRORS: Final = 100
"""How many errors an answer lists: a request made to be wrong shall not cost a far larger answer."""

MOST_SKUS: Final = 100
"""How many items of a list are read, for the same reason: the rules say what is wrong with each of them."""

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _Unreadable(ValueError):
    """A value is not of its field's type."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(code, message, remedy)
        self.code = code
        self.message = message
        self.remedy = remedy


class _UnreadableItems(ValueError):
    """Some items of a list, by their index, are not of its type."""

    def __init__(self, items: Mapping[int, _Unreadable]) -> None:
        super().__init__(items)
        self.items = items


class StrictReader:
    """Reads JSON values into attrs classes made of texts, flags, dates, lists of SKUs and each other."""

    def __init__(self, *classes: type[object]) -> None:
        """Get ready to read *classes*; one that is a field of another comes before it."""
        self._quick = _converter(classes, every_error=False)
        self._thorough = _converter(classes, every_error=True)

    def read(self, value: object, cls: type[_T]) -> _T:
        """
        Return *value* as a *cls*.

        Nearly everything read is right, so it is first read the quick way, which stops at the first error;
        only what that refuses is read again, to find every error and its place.

        Raises:
            WireError: With everything that keeps it from being one, in the order of the pointers.

        """
        try:
            return self._quick.structure(value, cls)
        except (ForbiddenExtraKeysError, KeyError, _Unreadable, _UnreadableItems):
            pass
        try:
            return self._thorough.structure(value, cls)
        except (BaseValidationError, _Unreadable) as error:
            found = sorted(_field_errors(error, ""), key=lambda wrong: wrong.pointer)
        raise WireError(found[:MOST_ERRORS])


def _converter(classes: Iterable[type[object]], *, every_error: bool) -> Converter:
    """Return what reads *classes*: stopping at the first error, or collecting every one with its place."""
    converter = Converter(detailed_validation=every_error)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(bool, _flag)
    converter.register_structure_hook(date, _date)
    converter.register_structure_hook_func(lambda wanted: wanted == tuple[Sku, ...], _skus)
    converter.register_structure_hook_func(lambda wanted: wanted == str | None, _text_or_null)
    converter.register_structure_hook_func(lambda wanted: wanted == date | None, _date_or_null)
    for cls in classes:
        converter.register_structure_hook(cls, _object_hook(cls, converter))
    return converter


def is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    """Tell whether *value*, as parsed, is a JSON object."""
    return isinstance(value, (dict, Mapping))  # a dict, as parsed, is told at once; a Mapping takes a search


def not_an_object(pointer: str) -> FieldError:
    """Return the error of a place where a JSON object has to stand and something else does."""
    wrong = _no_object()
    return FieldError(code=wrong.code, pointer=pointer, message=wrong.message, remedy=wrong.remedy)


def _no_object() -> _Unreadable:
    return _Unreadable("object_expected", "This is not a JSON object.", "Write its fields in curly brackets.")


def _object_hook(cls: type[_T], converter: Converter) -> Callable[[object, type[_T]], _T]:
    build = make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True)

    def structure(value: object, wanted: type[_T]) -> _T:
        if not is_object(value):
            raise _no_object()
        return build(value, wanted)

    return structure


def _text(value: object, _wanted: type[str]) -> str:
    if not isinstance(value, str):
        raise _Unreadable("text_expected", "This is not a text.", "Write it in double quotes.")
    if not value.isprintable() and any("\ud800" <= character <= "\udfff" for character in value):
        raise _Unreadable(
            "text_broken", "The text contains half a character.", "Send it as UTF-8, not cut in the middle."
        )
    return value


def _flag(value: object, _wanted: type[bool]) -> bool:
    if not isinstance(value, bool):
        raise _Unreadable("flag_expected", "This is not a yes or no.", "Write true or false, without quotes.")
    return value


def _date(value: object, _wanted: type[date]) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise _no_date()
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _no_date() from None


def _no_date() -> _Unreadable:
    return _Unreadable("date_expected", "This is not a day of the calendar.", "Write it as 2026-04-01.")


def _text_or_null(value: object, _wanted: object) -> str | None:
    # most texts are printable, and a second call for each would be half of what reading a draft costs
    return value if value is None or (isinstance(value, str) and value.isprintable()) else _text(value, str)


def _date_or_null(value: object, _wanted: object) -> date | None:
    return None if value is None else _date(value, date)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _skus(value: object, _wanted: object) -> tuple[Sku, ...]:
    if not _is_list(value):
        raise _Unreadable("list_expected", "This is not a list.", "Write the SKUs in square brackets.")
    if len(value) > MOST_SKUS:
        raise _Unreadable(
            "list_too_long",
            f"The list has {len(value)} items; {MOST_SKUS} are read.",
            "Name each item of one order once.",
        )
    skus = [Sku(item) for item in value if isinstance(item, str) and item.isprintable()]
    if len(skus) == len(value):
        return tuple(skus)
    skus.clear()
    wrong: dict[int, _Unreadable] = {}
    for index, item in enumerate(value):
        try:
            skus.append(Sku(_text(item, str)))
        except _Unreadable as error:
            wrong[index] = error
    if wrong:
        raise _UnreadableItems(wrong)
    return tuple(skus)


def _field_errors(error: Exception, pointer: str) -> Iterator[FieldError]:
    """Flatten what cattrs collected."""
    match error:
        case ClassValidationError():
            of_fields, of_object = error.group_exceptions()
            for inner, note in of_fields:
                yield from _field_errors(inner, f"{pointer}/{_escaped(note.name)}")
            for inner in of_object:
                yield from _field_errors(inner, pointer)
        case ForbiddenExtraKeysError():
            for name in error.extra_fields:
                yield FieldError(
                    code="field_unknown",
                    pointer=f"{pointer}/{_escaped(name)}",
                    message="There is no such field.",
                    remedy="Leave it out, or correct its spelling.",
                )
        case _UnreadableItems():
            for index, inner in error.items.items():
                yield from _field_errors(inner, f"{pointer}/{index}")
        case _Unreadable():
            yield FieldError(code=error.code, pointer=pointer, message=error.message, remedy=error.remedy)
        case KeyError():
            yield FieldError(
                code="field_missing", pointer=pointer, message="This field is missing.", remedy="Add it."
            )
        case _:
            raise error


def _escaped(name: str) -> str:
    """Return a field's name as a JSON pointer spells it (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
