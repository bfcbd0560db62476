"""``/composite/sobjects``: up to 200 records in one call, each with its own result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from ordering_sandbox.json_values import Json, JsonObject, NotJson, flag_of
from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall, object_in, objects_in
from ordering_sandbox.salesforce.api.rows import record_id
from ordering_sandbox.salesforce.dml import delete, insert, update, upsert
from ordering_sandbox.salesforce.errors import ApiError, Refusal, refuse, unreadable
from ordering_sandbox.salesforce.ids import long_id
from ordering_sandbox.salesforce.schema import ObjectType
from ordering_sandbox.salesforce.soql.records import all_fields, read_one
from ordering_sandbox.salesforce.work import Work


_MOST_RECORDS: Final = 200
_MOST_CHUNKS: Final = 10
_MOST_READ: Final = 2000
ROLLED_BACK: Final = ApiError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
    (),
)


def create_records(work: Work, call: ApiCall) -> ApiAnswer:
    """Answer POST /composite/sobjects."""
    records = _records(call)
    kinds = [_kind(work, record) for record in records]

    def one(at: int) -> JsonObject:
        return {"id": insert(work, kinds[at], records[at]), "success": True, "errors": []}

    return _each(work, call, len(records), one)


def change_records(work: Work, call: ApiCall) -> ApiAnswer:
    """Answer PATCH /composite/sobjects."""
    records = _records(call)
    kinds = [_kind(work, record) for record in records]

    def one(at: int) -> JsonObject:
        record = records[at]
        named = next((value for name, value in record.items() if name.casefold() == "id"), None)
        if not isinstance(named, str):
            raise refuse(400, "MISSING_ARGUMENT", "Id not specified in an update call")
        found = record_id(kinds[at], named)
        update(
            work, kinds[at], found, {name: value for name, value in record.items() if name.casefold() != "id"}
        )
        return {"id": found, "success": True, "errors": []}

    return _each(work, call, len(records), one)


def upsert_records(work: Work, call: ApiCall, kind: ObjectType, name: str) -> ApiAnswer:
    """Answer PATCH /composite/sobjects/T/Field."""
    records = _records(call)
    key = kind.field(name)
    if key is None or not key.external_id:
        message = f"Provided external ID field does not exist or is not accessible: {name}"
        raise refuse(404, "NOT_FOUND", message)

    def one(at: int) -> JsonObject:
        record = records[at]
        value = next(
            (item for label, item in record.items() if label.casefold() == key.name.casefold()), None
        )
        if value is None:
            raise refuse(400, "MISSING_ARGUMENT", f"{key.name} not specified")
        done = upsert(work, kind, key, value, record)
        return {"id": done.id, "success": True, "errors": [], "created": done.created}

    return _each(work, call, len(records), one)


def delete_records(work: Work, call: ApiCall) -> ApiAnswer:
    """Answer DELETE /composite/sobjects?ids=…."""
    ids = [text for text in call.parameters.get("ids", "").split(",") if text]
    _check_number(len(ids), _MOST_RECORDS)

    def one(at: int) -> JsonObject:
        full = long_id(ids[at])
        kind = None if full is None else work.schema.object_of_id(full)
        if full is None or kind is None:
            raise refuse(400, "MALFORMED_ID", f"malformed id {ids[at]}")
        delete(work, kind, full)
        return {"id": full, "success": True, "errors": []}

    whole = call.parameters.get("allOrNone", "").casefold() == "true"
    return ApiAnswer(status=200, body=_results(work, len(ids), one, whole=whole))


def read_records(work: Work, call: ApiCall, kind: ObjectType) -> ApiAnswer:
    """Answer GET and POST /composite/sobjects/T: some fields of several records; null where there is none."""
    if call.method == "POST":
        ids, names = (_texts(call.record().get(name)) for name in ("ids", "fields"))
    else:
        ids, names = (call.parameters.get(name, "").split(",") for name in ("ids", "fields"))
    _check_number(len(ids), _MOST_READ)
    query = all_fields(kind, names)
    records: list[Json] = [read_one(work, kind, long_id(text) or "", query) for text in ids]
    return ApiAnswer(status=200, body=records)


def _texts(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _each(work: Work, call: ApiCall, count: int, one: Callable[[int], JsonObject]) -> ApiAnswer:
    try:
        wanted = flag_of(call.record(), "allOrNone", default=False)
    except NotJson as error:
        raise unreadable(error.message) from None
    body = _results(work, count, one, whole=wanted)
    return ApiAnswer(status=200, body=body)


def _results(work: Work, count: int, one: Callable[[int], JsonObject], *, whole: bool) -> list[JsonObject]:
    """
    Return the result of each record; *whole*, one that fails takes all back.

    A collection that did not ask for that, inside a composite that did, still calls records successful that
    the composite then rolls back: as documented of Salesforce (reference 2.3).
    """
    with work.part() as part:
        results = list(_tried(work, count, one))
        part.undone = whole and not all(result["success"] for result in results)
    if part.undone:
        taken_back: JsonObject = {"success": False, "errors": [ROLLED_BACK.render_in_collection()]}
        return [taken_back if result["success"] else result for result in results]
    return results


def _tried(work: Work, count: int, one: Callable[[int], JsonObject]) -> Iterator[JsonObject]:
    for at in range(count):
        try:
            with work.part():
                result = one(at)
        except Refusal as refusal:
            result = {"success": False, "errors": refusal.render_in_collection()}
        yield result


def _records(call: ApiCall) -> Sequence[JsonObject]:
    records = objects_in(call.record().get("records"))
    _check_number(len(records), _MOST_RECORDS)
    names = [_type_of(record) for record in records]
    if sum(before != after for before, after in pairwise(names)) >= _MOST_CHUNKS:
        message = "Cannot have more than 10 chunks in a single operation."
        raise refuse(400, "TOO_MANY_ENUM_VALUE", message)
    return records


def _check_number(count: int, most: int) -> None:
    if count == 0:
        raise refuse(400, "MISSING_ARGUMENT", "The input collection is empty")
    if count > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise refuse(400, "EXCEEDED_ID_LIMIT", message)


def _type_of(record: JsonObject) -> str:
    name = object_in(record.get("attributes", {})).get("type")
    return name if isinstance(name, str) else ""


def _kind(work: Work, record: JsonObject) -> ObjectType:
    kind = work.schema.object(_type_of(record))
    if kind is None:
        message = f"sObject type '{_type_of(record)}' is not supported."
        raise refuse(400, "INVALID_TYPE", message)
    return kind
