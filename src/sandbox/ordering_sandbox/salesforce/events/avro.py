"""The Avro schemas of events, and values written in them."""

from __future__ import annotations

import base64
import hashlib
import io
import json

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from fastavro import (
    parse_schema,
    schemaless_reader,  # pyright: ignore[reportUnknownVariableType]  # what kind of file, it leaves open
    schemaless_writer,  # pyright: ignore[reportUnknownVariableType]  # what kind of file, it leaves open
)
from fastavro.types import AvroMessage, Schema

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.salesforce.database import Value
from ordering_sandbox.salesforce.instants import read_date, read_instant
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType


_NAMESPACE: Final = "com.sforce.eventbus"
_LIST: Final[JsonObject] = {"type": "array", "items": "string"}
_CHANGE_TYPES: Final = (
    "CREATE",
    "UPDATE",
    "DELETE",
    "UNDELETE",
    "GAP_CREATE",
    "GAP_UPDATE",
    "GAP_DELETE",
    "GAP_UNDELETE",
    "GAP_OVERFLOW",
    "SNAPSHOT",
)
ADDRESS_PARTS: Final = ("Street", "City", "State", "PostalCode", "Country")
"""The lines of an address inside a change event."""

NOT_IN_CHANGES: Final = frozenset({"Id", "IsDeleted", "SystemModstamp"})
"""Fields of a record that its change events do not carry."""

_HEADER: Final[JsonObject] = {
    "type": "record",
    "name": "ChangeEventHeader",
    "namespace": _NAMESPACE,
    "fields": [
        {"name": "entityName", "type": "string"},
        {"name": "recordIds", "type": _LIST},
        {
            "name": "changeType",
            "type": {
                "type": "enum",
                "name": "ChangeType",
                "namespace": _NAMESPACE,
                "symbols": list(_CHANGE_TYPES),
            },
        },
        {"name": "changeOrigin", "type": "string"},
        {"name": "transactionKey", "type": "string"},
        {"name": "sequenceNumber", "type": "int"},
        {"name": "commitTimestamp", "type": "long"},
        {"name": "commitNumber", "type": "long"},
        {"name": "commitUser", "type": "string"},
        {"name": "nulledFields", "type": _LIST},
        {"name": "diffFields", "type": _LIST},
        {"name": "changedFields", "type": _LIST},
    ],
}


def event_schema(kind: ObjectType) -> str:
    """Return the schema of a platform event."""
    own = [field for field in kind.fields if field.custom]
    fields: list[Json] = [
        {"name": "CreatedDate", "type": "long", "doc": "CreatedDate:DateTime"},
        {"name": "CreatedById", "type": "string", "doc": "CreatedBy:EntityId"},
        *({"name": field.name, "type": ["null", "string"], "default": None} for field in own),
    ]
    return _written(kind.name, fields)


def change_schema(kind: ObjectType) -> str:
    """Return the schema of an object's change events."""
    fields: list[Json] = [{"name": "ChangeEventHeader", "type": _HEADER}]
    named = False
    for field in change_fields(kind):
        if field.type is FieldType.ADDRESS:
            address: Json = f"{_NAMESPACE}.Address" if named else _address()
            named = True
            fields.append({"name": field.name, "type": ["null", address], "default": None})
        else:
            fields.append({"name": field.name, "type": ["null", _type(field)], "default": None})
    return _written(f"{kind.name.removesuffix('__c')}ChangeEvent", fields)


def change_fields(kind: ObjectType) -> tuple[Field, ...]:
    """Return the fields of *kind* that change events carry, an address as one."""
    return tuple(
        field
        for field in kind.fields
        if field.name not in NOT_IN_CHANGES
        and field.compound is None
        and (field.stored or field.type is FieldType.ADDRESS)
    )


def schema_id(schema: str) -> str:
    """Return the fingerprint by which *schema* is asked for."""
    return base64.urlsafe_b64encode(hashlib.md5(schema.encode(), usedforsecurity=False).digest())[
        :22
    ].decode()


def write_avro(schema: str, value: Mapping[str, object]) -> bytes:
    """Return *value* as Avro, without a container."""
    out = io.BytesIO()
    schemaless_writer(out, _parsed(schema), value)
    return out.getvalue()


def read_avro(schema: str, payload: bytes) -> AvroMessage:
    """
    Return what *payload* says.

    Raises:
        Exception: It is not written in *schema*; fastavro raises whatever went wrong.

    """
    return schemaless_reader(io.BytesIO(payload), _parsed(schema), None)


def avro_value(field: Field, value: Value) -> object:
    """Return a column's *value* as change events carry it: moments and dates in milliseconds."""
    if value is None:
        return None
    match field.type:
        case FieldType.BOOLEAN:
            return bool(value)
        case FieldType.DATETIME:
            at = read_instant(str(value))
            return None if at is None else milliseconds(at)
        case FieldType.DATE:
            day = read_date(str(value))
            return None if day is None else milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
        case FieldType.CURRENCY | FieldType.DOUBLE | FieldType.PERCENT:
            return float(value)
        case _:
            return value


def milliseconds(at: datetime) -> int:
    """Return *at* as Salesforce writes moments into events."""
    return int(at.timestamp() * 1000)


@lru_cache(maxsize=64)
def _parsed(schema: str) -> Schema:
    return parse_schema(json.loads(schema))


def _written(name: str, fields: list[Json]) -> str:
    return json.dumps({"type": "record", "name": name, "namespace": _NAMESPACE, "fields": fields})


def _address() -> JsonObject:
    fields: list[Json] = [
        {"name": part, "type": ["null", "string"], "default": None} for part in ADDRESS_PARTS
    ]
    return {"type": "record", "name": "Address", "namespace": _NAMESPACE, "fields": fields}


def _type(field: Field) -> str:
    match field.type:
        case FieldType.BOOLEAN:
            return "boolean"
        case FieldType.INT:
            return "int"
        case FieldType.DATE | FieldType.DATETIME:
            return "long"
        case FieldType.CURRENCY | FieldType.DOUBLE | FieldType.PERCENT:
            return "double"
        case _:
            return "string"
