"""What a field accepts: JSON in, the column's value out, or a refusal in Salesforce's words."""

from __future__ import annotations

import re

from typing import Final

from ordering_sandbox.json_values import Json, render_json
from ordering_sandbox.salesforce.database import Value
from ordering_sandbox.salesforce.errors import ApiError, Refusal, refuse, unreadable
from ordering_sandbox.salesforce.ids import long_id
from ordering_sandbox.salesforce.instants import read_date, read_instant, write_instant
from ordering_sandbox.salesforce.schema import NUMBERS, TEXTS, Field, FieldType, Schema


_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SHOWN: Final = 255


def store_value(field: Field, value: Json, schema: Schema) -> Value:
    """
    Return *value* as the column of *field* keeps it; an empty text is no value.

    Raises:
        Refusal: JSON_PARSER_ERROR when it is of another kind, or one of the field's own refusals.

    """
    if value is None:
        return _nothing(field)
    if field.type in TEXTS:
        return _text(field, value)
    if field.type in NUMBERS:
        return _number(field, value)
    match field.type:
        case FieldType.BOOLEAN:
            return _flag(value)
        case FieldType.DATE:
            return _date(value)
        case FieldType.DATETIME:
            return _instant(value)
        case FieldType.REFERENCE | FieldType.ID:
            return _reference(field, value, schema)
        case _:
            raise refuse(
                400, "INVALID_FIELD_FOR_INSERT_UPDATE", f"{field.name} cannot be written", field.name
            )


def _nothing(field: Field) -> Value:
    if field.type is FieldType.BOOLEAN:
        message = f"{field.label}: value not of required type: null"
        raise refuse(400, "INVALID_TYPE_ON_FIELD_IN_RECORD", message, field.name)
    return None


def _misfit(kind: str, value: Json) -> Refusal:
    match value:
        case bool():
            sign = f"VALUE_{str(value).upper()}"
        case int():
            sign = "VALUE_NUMBER_INT"
        case float():
            sign = "VALUE_NUMBER_FLOAT"
        case str():
            sign = "VALUE_STRING"
        case _:
            sign = "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"
    shown = value if isinstance(value, str) else render_json(value).decode()
    return unreadable(
        f"Cannot deserialize instance of {kind} from {sign} value {shown}"
        " or request may be missing a required field at [line:1, column:1]"
    )


def _text(field: Field, value: Json) -> Value:
    if not isinstance(value, str):
        raise _misfit("string", value)
    text = value.strip()
    if not text:
        return None
    if field.restricted and text.casefold() not in {known.casefold() for known in field.values}:
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise refuse(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, field.name)
    if len(text) > field.length:
        message = f"{field.label}: data value too large: {text[:_SHOWN]} (max length={field.length})"
        raise refuse(400, "STRING_TOO_LONG", message, field.name)
    if field.type is FieldType.EMAIL and not _EMAIL.fullmatch(text):
        raise refuse(
            400, "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", field.name
        )
    return _spelling(field, text)


def _spelling(field: Field, text: str) -> str:
    """Return a picklist's own spelling of *text*: it is found in whatever case."""
    return next((known for known in field.values if known.casefold() == text.casefold()), text)


def _number(field: Field, value: Json) -> Value:
    number = value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            raise _misfit("double", value) from None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise _misfit("double", value)
    if abs(number) >= 10 ** (field.precision - field.scale):
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise refuse(400, "NUMBER_OUTSIDE_VALID_RANGE", message, field.name)
    return int(number) if field.type is FieldType.INT else round(float(number), field.scale)


def _flag(value: Json) -> Value:
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        return int(value.casefold() == "true")
    if not isinstance(value, bool):
        raise _misfit("boolean", value)
    return int(value)


def _date(value: Json) -> Value:
    day = read_date(value) if isinstance(value, str) else None
    if day is None:
        raise _misfit("date", value)
    return day.isoformat()


def _instant(value: Json) -> Value:
    at = read_instant(value) if isinstance(value, str) else None
    if at is None:
        raise _misfit("datetime", value)
    return write_instant(at)


def _reference(field: Field, value: Json, schema: Schema) -> Value:
    if not isinstance(value, str):
        raise _misfit("reference", value)
    if not value.strip():
        return None
    full = long_id(value.strip())
    kind = None if full is None else schema.object_of_id(full)
    if kind is None or kind.name not in field.refers_to:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise Refusal(400, [ApiError("MALFORMED_ID", message, (field.name,))])
    return full
