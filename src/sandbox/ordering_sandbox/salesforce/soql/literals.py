"""Whether a value in a query fits the field it is compared with, and how the column keeps it."""

from __future__ import annotations

from datetime import date, datetime

from ordering_sandbox.salesforce.database import Value
from ordering_sandbox.salesforce.ids import long_id
from ordering_sandbox.salesforce.instants import bounds_of_day, write_instant
from ordering_sandbox.salesforce.schema import NUMBERS, TEXTS, Field, FieldType
from ordering_sandbox.salesforce.soql.refusals import wrong_query
from ordering_sandbox.salesforce.soql.syntax import DateLiteral, Literal


def comparable(field: Field, value: Literal, text: str, at: int) -> Value:
    """
    Return *value* as the column of *field* would keep it.

    Raises:
        Refusal: INVALID_FIELD when it is of another kind; INVALID_QUERY_FILTER_OPERATOR when it is no id.

    """
    if value is None:
        return None
    if field.type in (FieldType.ID, FieldType.REFERENCE) and isinstance(value, str):
        return _id(value, text, at)
    if field.type in TEXTS and isinstance(value, str):
        return value or None
    if field.type is FieldType.BOOLEAN and isinstance(value, bool):
        return int(value)
    if field.type in NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if field.type is FieldType.DATETIME and isinstance(value, datetime):
        return write_instant(value)
    if field.type is FieldType.DATE and isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    quoted = "should be" if field.type in TEXTS or field.type is FieldType.REFERENCE else "should not be"
    raise wrong_query(
        "INVALID_FIELD",
        f"value of filter criterion for field '{field.name}' must be of type {_called(field)}"
        f" and {quoted} enclosed in quotes",
        text,
        at,
    )


def order_range(field: Field, days: DateLiteral, text: str, at: int) -> tuple[str, str]:
    """
    Return the first value and the one after the last that lie within *days*, as the column keeps them.

    Raises:
        Refusal: INVALID_FIELD when the field is no date.

    """
    if field.type is FieldType.DATE:
        return days.first.isoformat(), days.end.isoformat()
    if field.type is FieldType.DATETIME:
        return write_instant(bounds_of_day(days.first)[0]), write_instant(bounds_of_day(days.end)[0])
    message = f"value of filter criterion for field '{field.name}' must be of type {_called(field)}"
    raise wrong_query("INVALID_FIELD", message, text, at)


def _called(field: Field) -> str:
    if field.type in TEXTS:
        return "string"
    return "dateTime" if field.type is FieldType.DATETIME else str(field.type)


def _id(value: str, text: str, at: int) -> Value:
    if not value:
        return None
    full = long_id(value)
    if full is None:
        raise wrong_query("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {value}", text, at)
    return full
