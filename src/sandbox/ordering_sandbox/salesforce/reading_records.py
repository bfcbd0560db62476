"""Reads what a caller wrote about a record: names to fields, JSON to values, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.salesforce.database import Value
from ordering_sandbox.salesforce.errors import ApiError, Refusal, no_such_column, refuse
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType
from ordering_sandbox.salesforce.state_codes import written
from ordering_sandbox.salesforce.values import store_value
from ordering_sandbox.salesforce.work import Work


_AT_ONCE = frozenset({"JSON_PARSER_ERROR"})


def read_record(
    work: Work, kind: ObjectType, record: JsonObject, *, new: bool
) -> tuple[dict[str, Value], list[ApiError]]:
    """
    Return the values *record* sets, and what is wrong with single ones.

    Raises: Refusal: A field is not there or cannot be written, or the JSON is of another kind; nothing else
    is looked at.

    """
    named = [(_field(kind, name, value), value) for name, value in record.items() if name != "attributes"]
    locked = [field.name for field, _ in named if not (field.createable if new else field.updateable)]
    if locked:
        message = (
            f"Unable to create/update fields: {', '.join(locked)}. Please check the security settings of this"
            " field and verify that it is read/write for your profile or permission set."
        )
        raise Refusal(400, [ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", message, tuple(locked))])
    values: dict[str, Value] = {}
    wrong: list[ApiError] = []
    for field, value in named:
        if field.type is FieldType.BASE64:
            continue
        try:
            column, kept = written(field, _value(work, field, value))
            values[column] = kept
        except Refusal as refusal:
            if refusal.errors[0].code in _AT_ONCE:
                raise
            wrong.extend(refusal.errors)
    return values, wrong


def _field(kind: ObjectType, name: str, value: Json) -> Field:
    field = kind.field(name)
    if field is None and isinstance(value, Mapping):
        field = kind.by_relationship.get(name.casefold())
    if field is None:
        raise no_such_column(name, kind.name)
    return field


def _value(work: Work, field: Field, value: Json) -> Value:
    if field.type is FieldType.REFERENCE and isinstance(value, Mapping):
        return _by_external_id(work, field, value)
    return store_value(field, value, work.schema)


def _by_external_id(work: Work, field: Field, named: JsonObject) -> Value:
    """Return the id of the record that an object like ``{"ICCID__c": "…"}`` names."""
    wanted = [(name, value) for name, value in named.items() if name != "attributes"]
    if len(wanted) != 1 or len(field.refers_to) != 1:
        raise refuse(400, "INVALID_FIELD", f"{field.name} has to be named by one external id", field.name)
    name, value = wanted[0]
    kind = work.schema.known(field.refers_to[0])
    key = kind.field(name)
    if key is None or not key.external_id:
        raise no_such_column(name, kind.name)
    found = work.connection.execute(
        f'SELECT "Id" FROM "{kind.name}" WHERE "{key.name}" = ? AND "IsDeleted" = 0 LIMIT 2',
        (store_value(key, value, work.schema),),
    ).fetchall()
    if len(found) != 1:
        message = f"Foreign key external ID: {value} not found for field {key.name} in entity {kind.name}"
        raise refuse(400, "INVALID_FIELD", message)
    record_id: str = found[0][0]
    return record_id
