"""As much of JSON Schema as the API's documents use, to hold examples and answers to them."""

from __future__ import annotations

import re

from collections.abc import Iterator, Mapping
from datetime import date, datetime


Document = Mapping[str, object]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "null": type(None),
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}
_KNOWN = {
    "$ref",
    "additionalProperties",
    "const",
    "default",
    "description",
    "discriminator",
    "enum",
    "examples",
    "format",
    "items",
    "maximum",
    "maxLength",
    "minimum",
    "oneOf",
    "properties",
    "required",
    "title",
    "type",
}


def mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping), value
    return value


def sequence(value: object) -> list[object]:
    assert isinstance(value, list), value
    return value


def misfits(value: object, schema: object, document: Document, at: str = "") -> Iterator[str]:
    """Yield everything in *value* that *schema* does not allow."""
    described = mapping(schema)
    assert set(described) <= _KNOWN, f"unknown words at {at}: {set(described) - _KNOWN}"
    if "$ref" in described:
        name = str(described["$ref"]).removeprefix("#/components/schemas/")
        schemas = mapping(mapping(document["components"])["schemas"])
        yield from misfits(value, schemas[name], document, at)
        return
    if "oneOf" in described:
        tried = [list(misfits(value, one, document, at)) for one in sequence(described["oneOf"])]
        if sum(not found for found in tried) != 1:
            yield f"{at} fits {sum(not found for found in tried)} of {len(tried)}: {tried}"
        return
    yield from _value_misfits(value, described, at)
    if isinstance(value, dict):
        yield from _object_misfits(value, described, document, at)
    if isinstance(value, list) and "items" in described:
        for index, item in enumerate(value):
            yield from misfits(item, described["items"], document, f"{at}/{index}")


def _value_misfits(value: object, schema: Mapping[str, object], at: str) -> Iterator[str]:
    kinds = schema.get("type", [])
    names = kinds if isinstance(kinds, list) else [kinds]
    if names and not any(_is(value, str(name)) for name in names):
        yield f"{at} is no {kinds}: {value!r}"
    if "const" in schema and value != schema["const"]:
        yield f"{at} is not {schema['const']!r}"
    if "enum" in schema and value not in sequence(schema["enum"]):
        yield f"{at} is none of {schema['enum']}: {value!r}"
    match schema.get("format"):
        case "date-time" if isinstance(value, str) and not re.search(r"T.*(Z|[+-]\d\d:\d\d)$", value):
            yield f"{at} has no time zone: {value!r}"
        case "date-time" if isinstance(value, str):
            datetime.fromisoformat(value)
        case "date" if isinstance(value, str):
            date.fromisoformat(value)
        case _:
            pass


def _is(value: object, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _object_misfits(
    value: Mapping[str, object], schema: Mapping[str, object], document: Document, at: str
) -> Iterator[str]:
    properties = mapping(schema.get("properties", {}))
    for name in sequence(schema.get("required", [])):
        if name not in value:
            yield f"{at} lacks {name}"
    for name, inner in value.items():
        if name in properties:
            yield from misfits(inner, properties[name], document, f"{at}/{name}")
        elif properties and not schema.get("additionalProperties"):
            yield f"{at} has {name} besides"
        elif isinstance(schema.get("additionalProperties"), Mapping):
            yield from misfits(inner, schema["additionalProperties"], document, f"{at}/{name}")
