"""What a column's value looks like in an answer."""

from __future__ import annotations

from ordering_sandbox.json_values import Json, JsonObject, parse_json
from ordering_sandbox.salesforce.database import Value
from ordering_sandbox.salesforce.schema import Field, FieldType


def render_value(field: Field, value: Value, *, version: str, record_id: str) -> Json:
    """Return *value* of *field* as JSON; a file's content is a link to it."""
    match field.type:
        case FieldType.BOOLEAN:
            return bool(value)
        case FieldType.BASE64:
            return f"{row_url(version, 'ContentVersion', record_id)}/{field.name}"
        case FieldType.ADDRESS:
            return _address(value)
        case FieldType.CURRENCY | FieldType.DOUBLE | FieldType.PERCENT:
            return None if value is None else float(value)
        case _:
            return value.decode() if isinstance(value, bytes) else value


def row_url(version: str, object_name: str, record_id: str) -> str:
    """Return the path of one record."""
    return f"/services/data/v{version}/sobjects/{object_name}/{record_id}"


def attributes(version: str, object_name: str, record_id: str) -> JsonObject:
    """Return what stands first in every record of an answer."""
    return {"attributes": {"type": object_name, "url": row_url(version, object_name, record_id)}}


def _address(value: Value) -> Json:
    parts = parse_json(value) if isinstance(value, str) else None
    if not isinstance(parts, dict) or not any(parts.values()):
        return None
    return {**parts, "geocodeAccuracy": None, "latitude": None, "longitude": None}
