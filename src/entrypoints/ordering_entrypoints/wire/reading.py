"""From JSON to drafts: what a request or a file spells, before any rule has looked at it."""

from __future__ import annotations

import json
import math

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NoReturn

import attrs

from ordering_core.domain.drafts import AddressDraft, Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.vocabulary import OrderType
from ordering_entrypoints.wire.errors import FieldError, MalformedJson, WireError
from ordering_entrypoints.wire.strict import StrictReader, is_object, not_an_object


@attrs.frozen(kw_only=True)
class _AddressBody:
    address: AddressDraft


@attrs.frozen(kw_only=True)
class _ReasonBody:
    reason: str


_DRAFTS: Final[Mapping[str, type[Draft]]] = MappingProxyType(
    {OrderType.INTERNET: InternetDraft, OrderType.SIM: SimDraft, OrderType.VPN: VpnDraft}
)

LONGEST_REASON: Final = 2_000
"""Characters of a reason that a person gives: it is kept with the decision, for people to read."""

_BYTE_ORDER_MARK: Final = "\ufeff"

_READER: Final = StrictReader(PortingDraft, *_DRAFTS.values(), AddressDraft, _AddressBody, _ReasonBody)


def parse_json(raw: bytes) -> object:
    """
    Return the value that *raw* spells.

    Raises:
        MalformedJson: It is not JSON (RFC 8259) in UTF-8, names a field twice, or is nested absurdly deep.

    """
    try:
        value: object = _DECODER.decode(_decoded(raw))
    except json.JSONDecodeError as error:
        raise MalformedJson(f"{error.msg}, line {error.lineno} column {error.colno}.") from None
    except RecursionError:
        raise MalformedJson("It is nested too deeply.") from None
    except MalformedJson:
        raise
    except ValueError:  # more digits than Python makes an int of
        raise MalformedJson("It contains a number that is too long.") from None
    return value


def structure_draft(body: object) -> Draft:
    """
    Return the draft that *body*, an object with the field ``type``, spells.

    Raises:
        WireError: With everything that keeps it from being one.

    """
    if not is_object(body):
        raise WireError([not_an_object("")])
    kind = body.get("type")
    draft_type = _DRAFTS.get(kind) if isinstance(kind, str) else None
    if draft_type is None:
        raise WireError(
            [
                FieldError(
                    code="type_unknown",
                    pointer="/type",
                    message="It does not say what is ordered.",
                    remedy=f"Write one of {', '.join(_DRAFTS)}.",
                )
            ]
        )
    return _READER.read({name: value for name, value in body.items() if name != "type"}, draft_type)


def structure_address(body: object) -> AddressDraft:
    """
    Return the address in the field ``address`` of *body*.

    Raises:
        WireError: With everything that keeps it from being one.

    """
    return _READER.read(body, _AddressBody).address


def structure_reason(body: object) -> str:
    """
    Return the text in the field ``reason`` of *body*, without the space around it.

    Raises:
        WireError: There is none, it is empty or too long, or there is something else beside it.

    """
    reason = _READER.read(body, _ReasonBody).reason.strip()
    if not reason:
        raise WireError([_of_reason("text_missing", "The reason is empty.", "Say why, in a sentence.")])
    if len(reason) > LONGEST_REASON:
        message = f"The reason has {len(reason)} characters; {LONGEST_REASON} fit."
        raise WireError([_of_reason("text_too_long", message, "Say it in fewer words.")])
    return reason


def _of_reason(code: str, message: str, remedy: str) -> FieldError:
    return FieldError(code=code, pointer="/reason", message=message, remedy=remedy)


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise MalformedJson("It is not text in UTF-8.") from None
    if text.startswith(_BYTE_ORDER_MARK):
        raise MalformedJson("It begins with a byte order mark; save it as UTF-8 without one.")
    return text


def _no_such_number(_text: str) -> NoReturn:
    raise MalformedJson("NaN and Infinity are no numbers in JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise MalformedJson("It contains a number that is too large.")
    return number


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedJson("It names a field twice.")
    if not all(map(str.isascii, fields)) and any(
        "\ud800" <= character <= "\udfff" for name in fields for character in name
    ):
        raise MalformedJson("The name of a field contains half a character.")
    return fields


# json.loads would make one anew for every text.
_DECODER: Final = json.JSONDecoder(
    parse_constant=_no_such_number, parse_float=_finite, object_pairs_hook=_unambiguous
)
