"""
Fills an org from a seed file: records as Salesforce's own JSON writes them, in the order of the file.

A seed is ``{"organization": …, "clients": […], "records": [{"attributes": {"type": "Account"}, "Id": "001…",
…}]}``. Records come with ids of their own or get one; references name ids that stand before them. No rule is
checked, no event goes out.
"""

from __future__ import annotations

import sqlite3

from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Final

from ordering_sandbox.json_values import (
    JsonObject,
    NotJson,
    expect_list,
    expect_object,
    parse_object,
    text_of,
)
from ordering_sandbox.salesforce.database import Value, insert_rows
from ordering_sandbox.salesforce.ids import long_id, make_id
from ordering_sandbox.salesforce.org import STORED_SCHEMA, Org
from ordering_sandbox.salesforce.schema import NUMBERS, Field, FieldType, ObjectType
from ordering_sandbox.salesforce.sessions import Client, save_client
from ordering_sandbox.salesforce.values import store_value
from ordering_sandbox.salesforce.work import Caller, Work


SHIPPED: Final = "salesforce.json"
"""The seed that comes with the sandbox."""


def read_seed(path: Path | None) -> JsonObject:
    """
    Return the seed in the file *path*, or the one that is shipped.

    Raises:
        NotJson: The file holds none.

    """
    if path is not None:
        return parse_object(path.read_bytes())
    return parse_object((files("ordering_sandbox") / "seeds" / SHIPPED).read_bytes())


def is_empty(org: Org) -> bool:
    """Whether the org was never filled."""
    with org.database.reading() as connection:
        return connection.execute('SELECT 1 FROM "Organization"').fetchone() is None


def plant(org: Org, seed: JsonObject) -> None:
    """
    Empty the org and fill it from *seed*.

    Raises:
        NotJson: The seed says what the org cannot keep; then nothing changes.

    """
    with org.writing(Caller(user_id="")) as work:
        for kind in STORED_SCHEMA.objects:
            if not kind.event:
                work.connection.execute(f'DELETE FROM "{kind.name}"')
        for table in ("setting", "client", "token", "file"):
            work.connection.execute(f"DELETE FROM sandbox_{table}")
        for client in expect_list(seed.get("clients", [])):
            _plant_client(work.connection, expect_object(client))
        plant_records(work, [expect_object(record) for record in expect_list(seed.get("records", []))])
    org.load_settings()


def plant_records(work: Work, records: list[JsonObject]) -> list[str]:
    """
    Write *records* as they are; return their ids.

    Raises:
        NotJson: One has no known type, or a field its type does not have.

    """
    ids: list[str] = []
    for name, group in groupby(records, key=_type_of):
        kind = STORED_SCHEMA.object(name)
        if kind is None or kind.event:
            raise NotJson(f"there is no object {name!r}")
        planter = _Planter(work, kind)
        rows = [planter.row(record) for record in group]
        insert_rows(work.connection, kind, list(rows))
        ids += [str(row["Id"]) for row in rows]
    return ids


def _type_of(record: JsonObject) -> str:
    return text_of(expect_object(record.get("attributes", {})), "type")


def _plant_client(connection: sqlite3.Connection, record: JsonObject) -> None:
    client = Client(
        consumer_key=text_of(record, "consumer_key"),
        consumer_secret=text_of(record, "consumer_secret"),
        username=text_of(record, "username"),
        certificate=text_of(record, "certificate") or None,
    )
    save_client(connection, client)


class _Planter:
    """Makes the rows of one object."""

    def __init__(self, work: Work, kind: ObjectType) -> None:
        self._work = work
        self._kind = kind
        self._numbered = [field.name for field in kind.fields if field.auto_number]
        user = work.caller.user_id or None
        self._blank: dict[str, Value] = {
            **{field.name: field.default for field in kind.stored_fields()},
            **dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), work.stamp),
            **dict.fromkeys(("CreatedById", "LastModifiedById"), user),
        }
        statuses = work.connection.execute('SELECT "ApiName", "StatusCode" FROM "OrderStatus"')
        self._categories: dict[Value, Value] = dict(statuses.fetchall())

    def row(self, record: JsonObject) -> dict[str, Value]:
        """Return *record* as a row."""
        number = self._work.numbers.take(self._kind.prefix)
        row = {**self._blank, **dict.fromkeys(self._numbered, f"{number:08d}")}
        for name, value in record.items():
            field = self._kind.field(name)
            if name == "attributes":
                continue
            if field is None or not field.stored:
                raise NotJson(f"{self._kind.name} has no field {name!r} to plant")
            row[field.name] = _planted(field, value if not isinstance(value, list) else None)
        if row["Id"] is None:
            row["Id"] = make_id(self._kind.prefix, number)
        if self._kind.name == "Order" and "StatusCode" not in record:
            row["StatusCode"] = self._categories.get(row["Status"], "Draft")
        return row


def _planted(field: Field, value: object) -> Value:
    match value:
        case None:
            return None
        case bool():
            return int(value)
        case int() | float() if field.type in NUMBERS:
            return int(value) if field.type is FieldType.INT else float(value)
        case str() if field.type in (FieldType.ID, FieldType.REFERENCE):
            return long_id(value)
        case str():
            stored = store_value(field, value, STORED_SCHEMA) if field.type is FieldType.DATETIME else value
            return stored or None
        case _:
            raise NotJson(f"{field.name} cannot be {value!r}")
