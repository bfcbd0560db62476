"""Renders records that were found: their fields and their parents' fields, nested as the query's paths go."""

from __future__ import annotations

import sqlite3

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.salesforce.database import Value
from ordering_sandbox.salesforce.rendering import attributes, render_value
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType, Schema
from ordering_sandbox.salesforce.soql.refusals import malformed
from ordering_sandbox.salesforce.soql.statement import Statement
from ordering_sandbox.salesforce.soql.syntax import Path, Query
from ordering_sandbox.salesforce.work import Work


_IDS_AT_ONCE: Final = 500


@attrs.define
class _Shape:
    """What is shown of one record: its fields and parents by name, with their places in the row."""

    kind: ObjectType
    id_at: int
    shown: dict[str, tuple[Field, int] | _Shape]

    def render(self, row: Sequence[Value], version: str) -> Json:
        """Return the record in *row*, null when there is none."""
        record_id = row[self.id_at]
        return None if record_id is None else self.record(str(record_id), row, version)

    def record(self, record_id: str, row: Sequence[Value], version: str) -> dict[str, Json]:
        """Return the record *record_id* in *row*."""
        record: dict[str, Json] = dict(attributes(version, self.kind.name, record_id))
        for name, part in self.shown.items():
            if isinstance(part, _Shape):
                record[name] = part.render(row, version)
            else:
                field, at = part
                record[name] = render_value(field, row[at], version=version, record_id=record_id)
        return record


class RecordReader:
    """Reads records with the fields a query selects."""

    def __init__(self, query: Query, kind: ObjectType, schema: Schema) -> None:
        """
        Look up every path *query* selects.

        Raises:
            Refusal: INVALID_FIELD, or MALFORMED_QUERY for a field selected twice, with the place.

        """
        self._statement = Statement(query, kind, schema)
        self._columns = [f'{self._statement.root}."Id"']
        self._shape = _Shape(kind, 0, {})
        for part in query.selected:
            if isinstance(part, Path):
                self._show(part)

    def read(
        self, connection: sqlite3.Connection, ids: Sequence[str], version: str
    ) -> Mapping[str, dict[str, Json]]:
        """Return the records *ids* that are there, by id."""
        listed = f"SELECT {', '.join(self._columns)} {self._statement.source()}"
        root = self._statement.root
        found: dict[str, dict[str, Json]] = {}
        for start in range(0, len(ids), _IDS_AT_ONCE):
            part = ids[start : start + _IDS_AT_ONCE]
            places = ", ".join("?" for _ in part)
            for row in connection.execute(f'{listed} WHERE {root}."Id" IN ({places})', part):
                record_id = str(row[0])
                found[record_id] = self._shape.record(record_id, row, version)
        return found

    def _show(self, path: Path) -> None:
        column = self._statement.column(path)
        names = self._statement.names(path)
        shape = self._shape
        for length in range(1, len(names)):
            shape = self._parent(shape, names[:length])
        if column.field.name in shape.shown:
            raise malformed(f"duplicate field selected: {path}", self._statement.query.text, path.at)
        sql = "NULL" if column.field.type is FieldType.BASE64 else column.sql
        shape.shown[column.field.name] = (column.field, self._add(sql))

    def _parent(self, shape: _Shape, steps: tuple[str, ...]) -> _Shape:
        field = shape.kind.by_relationship[steps[-1].casefold()]
        name = field.relationship or field.name
        known = shape.shown.get(name)
        if isinstance(known, _Shape):
            return known
        column = self._statement.column(Path((*steps, "Id"), 0))
        parent = _Shape(column.object, self._add(column.sql), {})
        shape.shown[name] = parent
        return parent

    def _add(self, sql: str) -> int:
        self._columns.append(sql)
        return len(self._columns) - 1


def all_fields(kind: ObjectType, names: Sequence[str] | None = None) -> Query:
    """Return a query that selects *names*, or every field of *kind*."""
    wanted = [field.name for field in kind.fields] if names is None else ["Id", *names]
    return Query(
        selected=tuple(Path((name,), 0) for name in dict.fromkeys(wanted)), of=kind.name, of_at=0, text=""
    )


def read_one(work: Work, kind: ObjectType, record_id: str, query: Query) -> JsonObject | None:
    """Return one record with what *query* selects, or None when there is none."""
    reader = RecordReader(query, kind, work.schema)
    return reader.read(work.connection, [record_id], work.caller.version).get(record_id)
