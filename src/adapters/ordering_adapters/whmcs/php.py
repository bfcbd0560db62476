"""
What PHP reads on the other side: form fields with brackets, and arrays serialised by the byte (reference 1).

A plain form encoder would send ``pid=10&pid=11``, of which PHP keeps the last, and ``noinvoice=False``, which
PHP takes for true.
"""

from __future__ import annotations

import base64

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal


Scalar = str | int | Decimal | date | bool | None
Parameter = Scalar | Sequence[Scalar]


def form(parameters: Mapping[str, Parameter]) -> dict[str, str]:
    """
    Return *parameters* as the fields of a form.

    A list becomes ``name[0]``, ``name[1]``; true becomes 1, false an empty text, None is left out, and so is
    a list without entries. An entry that is None stays, empty, so that the others keep their places.
    """
    return dict(_fields(parameters))


def serialised(values: Mapping[int, str]) -> str:
    """Return ``base64(serialize($values))``: custom fields by their numbers, lengths counted in bytes."""
    entries = b"".join(b"i:%d;" % key + _text(value) for key, value in values.items())
    return base64.b64encode(b"a:%d:{" % len(values) + entries + b"}").decode("ascii")


def _text(value: str) -> bytes:
    encoded = value.encode("utf-8")
    return b's:%d:"' % len(encoded) + encoded + b'";'


def _fields(parameters: Mapping[str, Parameter]) -> Iterator[tuple[str, str]]:
    for name, value in parameters.items():
        if value is None:
            continue
        if isinstance(value, Sequence) and not isinstance(value, str):
            yield from ((f"{name}[{place}]", _written(entry)) for place, entry in enumerate(value))
        else:
            yield name, _written(value)


def _written(value: Scalar) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "1"
        case Decimal():
            # No exponent, and no point for what has no fraction: there is no part of a yen.
            return f"{value.to_integral_value() if value == value.to_integral_value() else value:f}"
        case date():
            return value.isoformat()
        case _:
            return str(value)
