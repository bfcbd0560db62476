"""
Records as text and back: exactly what was kept, or an error that quotes none of it.

A payload says which format it is in. Fields with a default may be added to a record without a new format;
whoever renames or removes one raises `FORMAT` and teaches `load` to read the old one.
"""

from __future__ import annotations

import json

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, TypeAlias, TypeGuard, TypeVar, Union, get_args, get_origin

from attrs import AttrsInstance
from cattrs import BaseValidationError, Converter, transform_error

from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.drafts import InternetDraft, SimDraft, VpnDraft
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.journal import CaseFile, Done, Held, RetryAt, WaitFor, WaitUntil
from ordering_core.domain.lines import Line
from ordering_core.domain.opportunity import OpenNew, UseExisting
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused
from ordering_core.ports.checkout_records import Placement, Upload
from ordering_core.ports.line_book import Completion
from ordering_core.ports.order_records import Decision, Finding, ProjectedOrder
from ordering_core.ports.profile_book import KeptProfile


R = TypeVar("R", bound=AttrsInstance)

FORMAT: Final = 1
"""The format in which payloads are written."""

STORED: Final[tuple[type[AttrsInstance], ...]] = (
    CheckoutSession,
    Placement,
    CaseFile,
    ProjectedOrder,
    OrderEvent,
    Decision,
    Finding,
    Line,
    Completion,
    KeptProfile,
    Upload,
)
"""What is kept as a payload."""

_TAG: Final = "type"
_TAGS: Final[Mapping[str, type[AttrsInstance]]] = MappingProxyType(
    {
        "internet": InternetDraft,
        "sim": SimDraft,
        "vpn": VpnDraft,
        "use_existing": UseExisting,
        "open_new": OpenNew,
        "done": Done,
        "retry_at": RetryAt,
        "wait_until": WaitUntil,
        "wait_for": WaitFor,
        "held": Held,
    }
)
"""How a record says which of several it is, where a field may hold several."""
_TAG_OF: Final[Mapping[object, str]] = MappingProxyType({kind: tag for tag, kind in _TAGS.items()})
_SCALARS: Final[frozenset[object]] = frozenset({str, int, bool})

# What is written is made by `unstructure` and refers to nothing twice.
_JSON: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False)

_Hook: TypeAlias = Callable[[object, object], object]
"""Turns a value of JSON into one of the kind that is wanted."""


def dump(record: AttrsInstance) -> str:
    """Return *record* as text, in ASCII whatever is in it: no database has to know every character."""
    payload: object = _CONVERTER.unstructure(record)
    return _JSON.encode({"format": FORMAT, "record": payload})


def load(kind: type[R], text: str) -> R:
    """
    Return the record that `dump` wrote.

    Raises:
        Refused: It is none of this *kind*, or of a later format; the way out is the newer version.

    """
    try:
        envelope: object = json.loads(text)
        if not _is_object(envelope) or envelope.get("format") != FORMAT:
            raise _unreadable(kind, f"it is not in format {FORMAT}; is this an older version of the program?")
        record = _object(envelope.get("record"))
    except ValueError:
        raise _unreadable(kind, "it is no record") from None
    try:
        return _CONVERTER.structure(record, kind)
    except Exception:  # noqa: BLE001 - it says nothing of where: the other one does
        return _load_anxiously(kind, record)


def _load_anxiously(kind: type[R], record: Mapping[str, object]) -> R:
    """Structure *record* as slowly as it takes to say where it is wrong. Raises Refused."""
    try:
        return _anxious().structure(record, kind)
    except BaseValidationError as error:
        # What cattrs says of a value may quote it: only where it stands is passed on.
        places = {line.rpartition(" @ ")[2] for line in transform_error(error)}
        raise _unreadable(kind, ", ".join(sorted(places))) from None
    except ValueError:
        raise _unreadable(kind, "it is no record") from None


def dump_evidence(evidence: Mapping[str, str]) -> str:
    """Return *evidence* as text."""
    return _JSON.encode(dict(evidence))


def load_evidence(text: str) -> Mapping[str, str]:
    """Return the evidence that `dump_evidence` wrote. Raises Refused."""
    try:
        evidence = _object(json.loads(text))
        return {name: _text(value) for name, value in evidence.items()}
    except ValueError:
        raise Refused(System.STORE, "UNREADABLE", "evidence: it is no text by name") from None


def _unreadable(kind: type[object], problem: str) -> Refused:
    return Refused(System.STORE, "UNREADABLE", f"a stored {kind.__name__}: {problem}")


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether *value* is an object of JSON, whose keys are always texts."""
    return isinstance(value, dict)


class _Unfit(ValueError):
    """A value that its field cannot take."""


def _object(value: object) -> Mapping[str, object]:
    if not _is_object(value):
        raise _Unfit("object")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Unfit("text")
    return value


def _exactly(kind: type[object]) -> _Hook:
    """Return a hook that takes values of *kind* and turns nothing else into one."""

    def check(value: object, _: object) -> object:
        if type(value) is not kind:
            raise _Unfit(kind.__name__)
        return value

    return check


@cache
def _words(kind: type[StrEnum]) -> Mapping[object, StrEnum]:
    return MappingProxyType({word.value: word for word in kind})


def _word(value: object, kind: type[StrEnum]) -> StrEnum:
    word = _words(kind).get(_text(value))
    if word is None:
        raise _Unfit(kind.__name__)
    return word


def _instant(value: object, _: object) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else None
    if at is None or at.tzinfo is None:
        raise _Unfit("instant")
    return at


def _day(value: object, _: object) -> date:
    if not isinstance(value, str):
        raise _Unfit("day")
    return date.fromisoformat(value)


def _decimal(value: object, _: object) -> Decimal:
    try:
        return Decimal(value if isinstance(value, str) else "")
    except InvalidOperation:
        raise _Unfit("decimal") from None


def _bytes(value: object, _: object) -> bytes:
    try:
        return b64decode(value if isinstance(value, str) else "?", validate=True)
    except ValueError:
        raise _Unfit("bytes") from None


def _members(kind: object) -> tuple[object, ...]:
    """Return what a field of *kind* may hold beside None, when that is more than one thing."""
    if get_origin(kind) not in {Union, UnionType}:
        return ()
    found = tuple(member for member in get_args(kind) if member is not NoneType)
    return found if len(found) > 1 else ()


def _is_tagged(kind: object) -> bool:
    members = _members(kind)
    return bool(members) and _TAG_OF.keys() >= set(members)


def _is_scalar(kind: object) -> bool:
    members = _members(kind)
    return bool(members) and _SCALARS.issuperset(members)


def _scalar(value: object, kind: object) -> object:
    if type(value) not in _members(kind):
        raise _Unfit("scalar")
    return value


def _is_optional(kind: object) -> bool:
    """Whether a field of *kind* holds one thing, or None."""
    return (
        get_origin(kind) in {Union, UnionType} and NoneType in get_args(kind) and len(get_args(kind)) == 2  # noqa: PLR2004 - None and the other
    )


def _is_frozenset(kind: object) -> bool:
    return get_origin(kind) is frozenset


def _is_tuple(kind: object) -> bool:
    return get_origin(kind) is tuple


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _dump_frozenset(members: frozenset[str]) -> list[str]:
    return sorted(members)


class _Hooks:
    """Hooks of *converter* that need it again for what is inside."""

    def __init__(self, converter: Converter) -> None:
        self._converter = converter

    def optional(self, kind: object) -> _Hook:
        (member,) = (each for each in get_args(kind) if each is not NoneType)
        load_member = self._hook(member)
        return lambda value, _: None if value is None else load_member(value, member)

    def members(self, kind: object) -> Callable[[object], list[object]]:
        """Return what reads a list whose members become those of a tuple or a set of *kind*."""
        member = get_args(kind)[0]
        load_member = self._hook(member)

        def read(value: object) -> list[object]:
            if not _is_list(value):
                raise _Unfit("list")
            return [load_member(each, member) for each in value]

        return read

    def tuple(self, kind: object) -> _Hook:
        read = self.members(kind)
        return lambda value, _: tuple(read(value))

    def frozenset(self, kind: object) -> _Hook:
        read = self.members(kind)
        return lambda value, _: frozenset(read(value))

    def tagged(self, kind: object) -> _Hook:
        may_be_none = NoneType in get_args(kind)
        members = _members(kind)
        kinds = {tag: (each, self._hook(each)) for tag, each in _TAGS.items() if each in members}

        def load_tagged(value: object, _: object) -> object:
            if value is None and may_be_none:
                return None
            fields = dict(_object(value))
            tag = fields.pop(_TAG, None)
            if not isinstance(tag, str) or tag not in kinds:
                raise _Unfit(_TAG)
            member, load_member = kinds[tag]
            return load_member(fields, member)

        return load_tagged

    def _hook(self, kind: Any) -> _Hook:  # noqa: ANN401 - what a field may hold is no class
        hook: _Hook = self._converter.get_structure_hook(kind)
        return hook

    def dump_tagged(self, record: object) -> object:
        if record is None:
            return None
        fields: dict[str, object] = self._converter.unstructure(record)
        return {_TAG: _TAG_OF[type(record)], **fields}


def _converter(*, says_where: bool) -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=says_where)
    hooks = _Hooks(converter)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    # A vocabulary is a kind of text: without this its words would come back as texts, equal and not the same.
    converter.register_structure_hook(StrEnum, _word)
    converter.register_structure_hook(datetime, _instant)
    converter.register_unstructure_hook(datetime, lambda at: at.astimezone(UTC).isoformat())
    converter.register_structure_hook(date, _day)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(bytes, _bytes)
    converter.register_unstructure_hook(bytes, lambda content: b64encode(content).decode())
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_unstructure_hook(Decimal, str)
    converter.register_structure_hook_func(_is_scalar, _scalar)
    converter.register_unstructure_hook_func(_is_scalar, lambda value: value)
    converter.register_structure_hook_factory(_is_optional, hooks.optional)
    converter.register_structure_hook_factory(_is_tuple, hooks.tuple)
    converter.register_structure_hook_factory(_is_frozenset, hooks.frozenset)
    converter.register_unstructure_hook_func(_is_frozenset, _dump_frozenset)
    converter.register_structure_hook_factory(_is_tagged, hooks.tagged)
    converter.register_unstructure_hook_func(_is_tagged, hooks.dump_tagged)
    return converter


_CONVERTER: Final = _converter(says_where=False)


@cache
def _anxious() -> Converter:
    """Return the converter that says where a record is wrong, for one that is."""
    return _converter(says_where=True)
