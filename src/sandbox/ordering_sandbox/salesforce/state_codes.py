"""
State and country picklists: beside each text of an address its code, another way to say the same.

An org that switches them on has BillingStateCode beside BillingState; who writes one writes both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ordering_sandbox.salesforce import field_kinds as make
from ordering_sandbox.salesforce.database import Value
from ordering_sandbox.salesforce.prefectures import COUNTRY_CODES, STATE_CODES
from ordering_sandbox.salesforce.schema import Field, ObjectType, Schema


_CODE: Final = "Code"
_LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {"State": STATE_CODES, "Country": COUNTRY_CODES}
)


def with_codes(schema: Schema) -> Schema:
    """Return *schema* with a code beside every state and country."""
    return Schema(tuple(_with_codes(kind) for kind in schema.objects))


def written(field: Field, value: Value) -> tuple[str, Value]:
    """Return the column that keeps *value* of *field*, and how: a code as the text that it stands for."""
    name = field.name.removesuffix(_CODE)
    labels = _labels(name) if field.name.endswith(_CODE) and field.compound is not None else None
    if labels is None:
        return field.name, value
    return name, labels.get(str(value), value)


def _with_codes(kind: ObjectType) -> ObjectType:
    codes = tuple(_codes(kind))
    return attrs.evolve(kind, fields=(*kind.fields, *codes)) if codes else kind


def _codes(kind: ObjectType) -> Iterator[Field]:
    for field in kind.fields:
        labels = _labels(field.name)
        if field.compound is None or labels is None:
            continue
        known = " ".join(f"WHEN '{label}' THEN '{code}'" for code, label in labels.items())
        picked = make.picklist(f"{field.name}{_CODE}", f"{field.label} Code", *labels, restricted=False)
        yield attrs.evolve(
            picked, expression=f'(CASE {{t}}."{field.name}" {known} END)', compound=field.compound
        )


def _labels(name: str) -> Mapping[str, str] | None:
    return next((labels for part, labels in _LABELS.items() if name.endswith(part)), None)
