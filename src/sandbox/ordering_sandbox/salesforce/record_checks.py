"""What is checked of every record: required fields, references, unique values, states on the list."""

from __future__ import annotations

from typing import Final

from ordering_sandbox.salesforce.database import Row, Value, fetch_row
from ordering_sandbox.salesforce.errors import ApiError
from ordering_sandbox.salesforce.ids import long_id
from ordering_sandbox.salesforce.prefectures import PREFECTURES
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType
from ordering_sandbox.salesforce.work import Work


_SHORT: Final = 15


def missing_fields(kind: ObjectType, after: Row, given: set[str]) -> list[ApiError]:
    """Return the refusal of a record whose required fields are not all there."""
    missing = [
        field.name
        for field in kind.stored_fields()
        if field.required and field.name in given and after.get(field.name) is None
    ]
    if not missing:
        return []
    message = f"Required fields are missing: [{', '.join(missing)}]"
    return [ApiError("REQUIRED_FIELD_MISSING", message, tuple(missing))]


def unknown_references(work: Work, kind: ObjectType, after: Row, given: set[str]) -> list[ApiError]:
    """Return the refusals of references to records that are not there, and of states that are on no list."""
    wrong: list[ApiError] = []
    for field in kind.stored_fields():
        value = after.get(field.name)
        if field.type is FieldType.REFERENCE and field.name in given and isinstance(value, str):
            wrong.extend(_unknown_reference(work, field, value))
    if work.switches.state_country_picklists:
        wrong.extend(_unknown_state(kind, after, given))
    return wrong


def _unknown_reference(work: Work, field: Field, value: str) -> list[ApiError]:
    target = work.stored.object_of_id(value)
    row = None if target is None else fetch_row(work.connection, target, value)
    if row is None:
        return [ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,))]
    if row["IsDeleted"]:
        return [ApiError("ENTITY_IS_DELETED", "entity is deleted", (field.name,))]
    return []


def _unknown_state(kind: ObjectType, after: Row, given: set[str]) -> list[ApiError]:
    return [
        ApiError(
            "FIELD_INTEGRITY_EXCEPTION",
            "There's a problem with this state, even though it may appear correct. Please select a state from"
            f" the list of valid states.: {field.label}",
            (field.name,),
        )
        for field in kind.fields
        if field.compound is not None
        and field.name.endswith("State")
        and field.name in given
        and after.get(field.name) is not None
        and not _is_state(after.get(field.name), after.get(field.name.replace("State", "Country")))
    ]


def _is_state(state: Value, country: Value) -> bool:
    return country in ("Japan", "JP") and state in PREFECTURES


def duplicate_values(work: Work, kind: ObjectType, after: Row, given: set[str]) -> list[ApiError]:
    """Return the refusals of unique values that another living record has."""
    wrong: list[ApiError] = []
    for field in kind.stored_fields():
        value = after.get(field.name)
        if not field.unique or field.name not in given or value is None:
            continue
        other = work.connection.execute(
            f'SELECT "Id" FROM "{kind.name}" WHERE "{field.name}" = ? AND "Id" <> ? AND "IsDeleted" = 0',
            (value, after["Id"]),
        ).fetchone()
        if other is not None:
            record_id = str(other[0])[:_SHORT]
            message = f"duplicate value found: {field.name} duplicates value on record with id: {record_id}"
            wrong.append(ApiError("DUPLICATE_VALUE", message, ()))
    return wrong


def is_id_of(text: str, kind: ObjectType) -> bool:
    """Whether *text* looks like the id of a record of *kind*."""
    full = long_id(text)
    return full is not None and full.startswith(kind.prefix)
