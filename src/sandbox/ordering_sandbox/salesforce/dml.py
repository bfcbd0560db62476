"""Insert, update, upsert and delete one record, with everything Salesforce checks before it takes one."""

from __future__ import annotations

import attrs

from ordering_sandbox.faults import FaultKind
from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.salesforce.database import Row, Value, fetch_row, insert_rows, update_row
from ordering_sandbox.salesforce.errors import ApiError, Refusal, not_found, refuse
from ordering_sandbox.salesforce.failures import FAILURES
from ordering_sandbox.salesforce.flows import after_save
from ordering_sandbox.salesforce.ids import make_id
from ordering_sandbox.salesforce.order_rules import RULES, refuse_delete
from ordering_sandbox.salesforce.reading_records import read_record
from ordering_sandbox.salesforce.record_checks import duplicate_values, missing_fields, unknown_references
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType
from ordering_sandbox.salesforce.values import store_value
from ordering_sandbox.salesforce.work import Change, Work


_ERROR = frozenset({FaultKind.ERROR})


@attrs.frozen(kw_only=True)
class Upserted:
    """What an upsert did."""

    id: str
    created: bool


class SeveralFound(Exception):
    """An external id means several records; *ids* are theirs."""

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__(ids)
        self.ids = ids


def insert(work: Work, kind: ObjectType, record: JsonObject) -> str:
    """
    Write a new record; return its id.

    Raises:
        Refusal: Salesforce will not take it; nothing is written.

    """
    if not kind.writable:
        raise refuse(
            400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {kind.label}"
        )
    given, wrong = read_record(work, kind, record, new=True)
    stored = work.stored.known(kind.name)
    after: dict[str, Value] = {field.name: field.default for field in stored.stored_fields()}
    after.update(given)
    number = work.numbers.take(kind.prefix)
    after.update(
        Id=make_id(kind.prefix, number),
        IsDeleted=0,
        CreatedDate=work.stamp,
        CreatedById=work.caller.user_id,
        LastModifiedDate=work.stamp,
        LastModifiedById=work.caller.user_id,
        SystemModstamp=work.stamp,
    )
    if "OwnerId" in after and after["OwnerId"] is None:
        after["OwnerId"] = work.caller.user_id
    for field in stored.stored_fields():
        if field.auto_number:
            after[field.name] = f"{number:08d}"
    with work.part():
        _check(work, kind, None, after, given=set(after), wrong=wrong)
        insert_rows(work.connection, stored, [after])
        record_change(work, Change(object=kind.name, id=str(after["Id"]), before=None, after=after))
    return str(after["Id"])


def update(work: Work, kind: ObjectType, record_id: str, record: JsonObject) -> None:
    """
    Write over fields of a record.

    Raises:
        Refusal: Salesforce will not take it; nothing is written.

    """
    if not kind.writable:
        raise refuse(
            400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be updated: {kind.label}"
        )
    before = living_row(work, kind, record_id)
    given, wrong = read_record(work, kind, record, new=False)
    write_over(work, kind, before, given, wrong)


def write_over(work: Work, kind: ObjectType, before: Row, given: Row, wrong: list[ApiError]) -> None:
    """
    Write *given* over the row *before*, unless something is wrong with it, or with what comes of it.

    Raises:
        Refusal: Salesforce will not take it; nothing is written.

    """
    after: dict[str, Value] = {**before, **given}
    after.update(LastModifiedDate=work.stamp, LastModifiedById=work.caller.user_id, SystemModstamp=work.stamp)
    with work.part():
        _check(work, kind, before, after, given=set(given), wrong=wrong)
        changed = {name: value for name, value in after.items() if before[name] != value}
        if changed:
            update_row(work.connection, kind, str(before["Id"]), changed)
        record_change(work, Change(object=kind.name, id=str(before["Id"]), before=before, after=after))


def upsert(
    work: Work, kind: ObjectType, key: Field, value: Json, record: JsonObject, *, update_only: bool = False
) -> Upserted:
    """
    Write over the record whose external id *key* is *value*, or write a new one.

    Raises:
        Refusal: Salesforce will not take it; nothing is written.
        SeveralFound: The external id is not unique.

    """
    found = find_by_key(work, kind, key, value)
    body = {name: item for name, item in record.items() if name.casefold() != key.name.casefold()}
    if found is not None:
        update(work, kind, found, body)
        return Upserted(id=found, created=False)
    if update_only or key.type is FieldType.ID:
        raise not_found()
    return Upserted(id=insert(work, kind, {**body, key.name: value}), created=True)


def find_by_key(work: Work, kind: ObjectType, key: Field, value: Json) -> str | None:
    """
    Return the id of the record whose external id *key* is *value*, or None.

    Raises:
        SeveralFound: There is more than one.

    """
    wanted = store_value(attrs.evolve(key, restricted=False, refers_to=(kind.name,)), value, work.schema)
    rows = work.connection.execute(
        f'SELECT "Id" FROM "{kind.name}" WHERE "{key.name}" = ? AND "IsDeleted" = 0 LIMIT 10',
        (wanted,),
    ).fetchall()
    if len(rows) > 1:
        raise SeveralFound(tuple(str(row[0]) for row in rows))
    return str(rows[0][0]) if rows else None


def delete(work: Work, kind: ObjectType, record_id: str) -> None:
    """
    Move a record, and an order's items with it, to the recycle bin.

    Raises:
        Refusal: It is not there, or an activated order needs it.

    """
    if not kind.writable:
        raise refuse(400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    row = living_row(work, kind, record_id)
    if wrong := refuse_delete(work, kind.name, row):
        raise Refusal(400, wrong)
    gone: dict[str, Value] = {
        "IsDeleted": 1,
        "LastModifiedDate": work.stamp,
        "LastModifiedById": work.caller.user_id,
        "SystemModstamp": work.stamp,
    }
    if kind.name == "Order":
        items = work.connection.execute(
            'SELECT "Id" FROM "OrderItem" WHERE "OrderId" = ? AND "IsDeleted" = 0', (record_id,)
        ).fetchall()
        for item in items:
            delete(work, work.schema.known("OrderItem"), str(item[0]))
    update_row(work.connection, kind, str(row["Id"]), gone)
    record_change(work, Change(object=kind.name, id=str(row["Id"]), before=row, after={**row, **gone}))


def living_row(work: Work, kind: ObjectType, record_id: str) -> dict[str, Value]:
    """
    Return a row that is not deleted.

    Raises:
        Refusal: NOT_FOUND or ENTITY_IS_DELETED.

    """
    row = fetch_row(work.connection, work.stored.known(kind.name), record_id)
    if row is None:
        raise not_found()
    if row["IsDeleted"]:
        raise Refusal(404, [ApiError("ENTITY_IS_DELETED", "entity is deleted", ())])
    return row


def record_change(work: Work, change: Change) -> None:
    """Remember a change and run what it triggers."""
    work.changes.append(change)
    after_save(work, change)


def _check(
    work: Work,
    kind: ObjectType,
    before: Row | None,
    after: dict[str, Value],
    *,
    given: set[str],
    wrong: list[ApiError],
) -> None:
    """Refuse what is wrong with a row as it would be; *given* fields were set, *wrong* is known."""
    rule = RULES.get(kind.name)
    blamed = {name for error in wrong for name in error.fields or ()}
    errors = [
        *missing_fields(kind, after, given - blamed),
        *wrong,
        *unknown_references(work, kind, after, given),
        *(rule(work, before, after) if rule is not None else ()),
    ]
    if not errors:
        errors = duplicate_values(work, kind, after, given)
    if errors:
        raise Refusal(400, errors)
    for fault in work.faults.for_target(kind.name, _ERROR):
        raise FAILURES[fault.failure].refusal()
