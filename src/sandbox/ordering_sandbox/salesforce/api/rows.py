"""``/sobjects``: one record, by id or by external id."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall
from ordering_sandbox.salesforce.database import Value
from ordering_sandbox.salesforce.dml import (
    SeveralFound,
    delete,
    find_by_key,
    insert,
    living_row,
    update,
    upsert,
)
from ordering_sandbox.salesforce.errors import Refusal, no_such_column, not_found, refuse
from ordering_sandbox.salesforce.ids import long_id
from ordering_sandbox.salesforce.instants import read_instant
from ordering_sandbox.salesforce.rendering import row_url
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType
from ordering_sandbox.salesforce.soql.records import all_fields, read_one
from ordering_sandbox.salesforce.work import Work


_UPSERT_ANSWERS_SINCE: Final = 46.0


def create_record(work: Work, kind: ObjectType, call: ApiCall) -> ApiAnswer:
    """Answer POST /sobjects/T."""
    with work.part():
        record_id = insert(work, kind, call.record())
    return ApiAnswer(
        status=201,
        body={"id": record_id, "success": True, "errors": []},
        headers={"Location": row_url(work.caller.version, kind.name, record_id)},
    )


def read_record(work: Work, kind: ObjectType, call: ApiCall, text: str) -> ApiAnswer:
    """Answer GET /sobjects/T/id."""
    return _read(work, kind, call, record_id(kind, text))


def change_record(work: Work, kind: ObjectType, call: ApiCall, text: str) -> ApiAnswer:
    """Answer PATCH /sobjects/T/id."""
    found = record_id(kind, text)
    _check_unmodified(work, kind, call, found)
    with work.part():
        update(work, kind, found, call.record())
    return ApiAnswer(status=204)


def delete_record(work: Work, kind: ObjectType, call: ApiCall, text: str) -> ApiAnswer:
    """Answer DELETE /sobjects/T/id."""
    found = record_id(kind, text)
    _check_unmodified(work, kind, call, found)
    with work.part():
        delete(work, kind, found)
    return ApiAnswer(status=204)


def by_external_id(work: Work, kind: ObjectType, call: ApiCall, name: str, value: str) -> ApiAnswer:
    """Answer calls of /sobjects/T/Field/value: the record whose external id is that."""
    key = _key(kind, name)
    try:
        match call.method:
            case "PATCH":
                return _upserted(work, kind, call, key, value)
            case "GET" | "HEAD" | "DELETE":
                found = find_by_key(work, kind, key, value)
                if found is None:
                    raise not_found()
                if call.method == "DELETE":
                    return delete_record(work, kind, call, found)
                return _read(work, kind, call, found)
            case _:
                raise refuse(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed.")
    except SeveralFound as several:
        urls: Json = [row_url(work.caller.version, kind.name, found) for found in several.ids]
        return ApiAnswer(status=300, body=urls)


def _upserted(work: Work, kind: ObjectType, call: ApiCall, key: Field, value: str) -> ApiAnswer:
    update_only = call.parameters.get("updateOnly", "").casefold() == "true"
    with work.part():
        done = upsert(work, kind, key, value, call.record(), update_only=update_only)
    if not done.created and float(work.caller.version) < _UPSERT_ANSWERS_SINCE:
        return ApiAnswer(status=204)
    created = {"created": done.created} if float(work.caller.version) >= _UPSERT_ANSWERS_SINCE else {}
    return ApiAnswer(
        status=201 if done.created else 200,
        body={"id": done.id, "success": True, "errors": [], **created},
        headers={"Location": row_url(work.caller.version, kind.name, done.id)} if done.created else {},
    )


def record_id(kind: ObjectType, text: str) -> str:
    """
    Return the id of a record of *kind* that a path names.

    Raises:
        Refusal: NOT_FOUND when it looks like none, MALFORMED_ID when it is another object's.

    """
    found = long_id(text)
    if found is None:
        raise not_found(f"Provided external ID field does not exist or is not accessible: {text}")
    if not found.startswith(kind.prefix):
        raise refuse(400, "MALFORMED_ID", f"bad id {text}")
    return found


def _key(kind: ObjectType, name: str) -> Field:
    field = kind.field(name)
    if field is None or not (field.external_id or field.type is FieldType.ID):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def _read(work: Work, kind: ObjectType, call: ApiCall, found: str) -> ApiAnswer:
    row = living_row(work, kind, found)
    _check_conditions(call, row)
    names = call.parameters.get("fields")
    wanted = None if names is None else [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted or ():
        if kind.field(name) is None:
            raise no_such_column(name, kind.name)
    spelled = None if wanted is None else [known.name for name in wanted if (known := kind.field(name))]
    record = read_one(work, kind, found, all_fields(kind, spelled))
    return ApiAnswer(status=200, body=record)


def _check_unmodified(work: Work, kind: ObjectType, call: ApiCall, found: str) -> None:
    if "if-unmodified-since" in call.headers or "if-modified-since" in call.headers:
        _check_conditions(call, living_row(work, kind, found))


def _check_conditions(call: ApiCall, row: dict[str, Value]) -> None:
    """Refuse with 412 what was modified since, with 304 what was not; both compare whole seconds."""
    modified = read_instant(str(row["SystemModstamp"]))
    unless = _http_date(call.headers.get("if-unmodified-since"))
    since = _http_date(call.headers.get("if-modified-since"))
    if modified is not None and unless is not None and modified > unless:
        raise Refusal(412, [])
    if modified is not None and since is not None and call.method == "GET" and modified <= since:
        raise Refusal(304, [])


def _http_date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
