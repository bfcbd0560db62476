"""
Answers a query: the ids first, then page by page the records of as many of them as a batch holds.

A page after the first is named by a locator, which keeps the ids for two days (reference 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.salesforce.instants import day_of
from ordering_sandbox.salesforce.schema import ChildRelationship, ObjectType
from ordering_sandbox.salesforce.soql.cursors import Cursor
from ordering_sandbox.salesforce.soql.parser import parse
from ordering_sandbox.salesforce.soql.records import RecordReader
from ordering_sandbox.salesforce.soql.refusals import malformed, no_object, no_relationship
from ordering_sandbox.salesforce.soql.restrictions import check_restrictions
from ordering_sandbox.salesforce.soql.statement import Statement
from ordering_sandbox.salesforce.soql.syntax import Count, Path, Query
from ordering_sandbox.salesforce.work import Work


_SMALLEST_BATCH: Final = 200
_LARGEST_BATCH: Final = 2000


@attrs.frozen(kw_only=True)
class Answerer:
    """Answers queries within one call; *batch* records a page at most, *deleted* ones too for queryAll."""

    work: Work
    batch: int
    deleted: bool = False

    def answer(self, text: str) -> JsonObject:
        """
        Return what the query *text* finds: its first page.

        Raises:
            Refusal: It cannot be read, or names what is not there.

        """
        query = parse(text, today=day_of(self.work.now))
        kind = self._object(query)
        check_restrictions(query, kind, self.work.schema)
        counts = [part for part in query.selected if isinstance(part, Count)]
        if counts:
            return self._counted(query, kind, counts)
        self._check_selected(query, kind)
        return self._page(query, kind, self._ids(query, kind))

    def answer_more(self, locator: str) -> JsonObject:
        """
        Return the page that *locator* names.

        Raises:
            Refusal: INVALID_QUERY_LOCATOR when it names none, or none any more.

        """
        name, start, cursor = self.work.cursors.find(locator, self.work.now)
        again = attrs.evolve(self, deleted=cursor.deleted)
        return again._page(cursor.query, self.work.schema.known(cursor.object), cursor.ids, start, name)  # noqa: SLF001

    def _object(self, query: Query) -> ObjectType:
        kind = self.work.schema.object(query.of)
        if kind is None or kind.event:
            raise no_object(query.of, query.text, query.of_at)
        return kind

    def _check_selected(self, query: Query, kind: ObjectType) -> None:
        RecordReader(query, kind, self.work.schema)
        for part in query.selected:
            if isinstance(part, Query):
                relationship = self._relationship(part, kind)
                self._check_selected(part, self.work.schema.known(relationship.object))

    def _ids(self, query: Query, kind: ObjectType) -> list[str]:
        statement = Statement(query, kind, self.work.schema)
        sql = self._selection(statement, f'{statement.root}."Id"')
        limit = -1 if query.limit is None else query.limit
        rows = self.work.connection.execute(
            f"{sql} ORDER BY {statement.order_by()} LIMIT ? OFFSET ?",
            [*statement.parameters, limit, query.offset],
        )
        return [str(row[0]) for row in rows]

    def _selection(self, statement: Statement, what: str) -> str:
        where = statement.where()
        statement.order_by()
        alive = "" if self.deleted else f' AND {statement.root}."IsDeleted" = 0'
        return f"SELECT {what} {statement.source()} WHERE {where}{alive}"

    def _counted(self, query: Query, kind: ObjectType, counts: Sequence[Count]) -> JsonObject:
        if len(counts) != len(query.selected):
            raise malformed("Grouped query must use aggregate expressions", query.text, 0)
        statement = Statement(query, kind, self.work.schema)
        columns = ["*" if count.path is None else statement.column(count.path).sql for count in counts]
        sql = self._selection(statement, ", ".join(f"COUNT({column})" for column in columns))
        row = self.work.connection.execute(sql, statement.parameters).fetchone()
        if counts[0].path is None:
            return {"totalSize": row[0], "done": True, "records": []}
        named = {count.alias or f"expr{place}": row[place] for place, count in enumerate(counts)}
        record: JsonObject = {"attributes": {"type": "AggregateResult"}, **named}
        return {"totalSize": 1, "done": True, "records": [record]}

    def _page(
        self, query: Query, kind: ObjectType, ids: Sequence[str], start: int = 0, locator: str | None = None
    ) -> JsonObject:
        part = ids[start : start + self.batch]
        records = self._records(query, kind, part)
        end = start + len(part)
        if end >= len(ids):
            return {"totalSize": len(ids), "done": True, "records": records}
        name = locator or self.work.cursors.keep(
            Cursor(query=query, object=kind.name, ids=tuple(ids), deleted=self.deleted, made_at=self.work.now)
        )
        url = f"/services/data/v{self.work.caller.version}/query/{name}-{end}"
        return {"totalSize": len(ids), "done": False, "nextRecordsUrl": url, "records": records}

    def _records(self, query: Query, kind: ObjectType, ids: Sequence[str]) -> list[Json]:
        reader = RecordReader(query, kind, self.work.schema)
        found = reader.read(self.work.connection, ids, self.work.caller.version)
        for part in query.selected:
            if isinstance(part, Query):
                relationship = self._relationship(part, kind)
                children = self._children(part, relationship, list(found))
                for record_id, record in found.items():
                    record[relationship.name] = self._family(part, relationship, children.get(record_id, []))
        return [found[record_id] for record_id in ids if record_id in found]

    def _relationship(self, query: Query, kind: ObjectType) -> ChildRelationship:
        relationship = self.work.schema.child(kind.name, query.of)
        if relationship is None:
            raise no_relationship(query.of, query.text, query.of_at)
        return relationship

    def _children(
        self, query: Query, relationship: ChildRelationship, parents: Sequence[str]
    ) -> Mapping[str, list[str]]:
        kind = self.work.schema.known(relationship.object)
        statement = Statement(query, kind, self.work.schema)
        parent = statement.column(Path((relationship.field,), query.of_at)).sql
        sql = self._selection(statement, f'{parent}, {statement.root}."Id"')
        places = ", ".join("?" for _ in parents)
        rows = self.work.connection.execute(
            f"{sql} AND {parent} IN ({places}) ORDER BY {statement.order_by()}",
            [*statement.parameters, *parents],
        )
        found: dict[str, list[str]] = {}
        for parent_id, child_id in rows:
            siblings = found.setdefault(str(parent_id), [])
            if query.limit is None or len(siblings) < query.limit:
                siblings.append(str(child_id))
        return found

    def _family(self, query: Query, relationship: ChildRelationship, ids: Sequence[str]) -> Json:
        kind = self.work.schema.known(relationship.object)
        return self._page(query, kind, ids) if ids else None


def batch_size(header: str, largest: int) -> int:
    """Return how many records a page holds when ``Sforce-Query-Options`` says *header*: it is a hint."""
    name, _, value = header.replace(" ", "").partition("=")
    if name.casefold() != "batchsize" or not value.isdigit():
        return largest
    return min(max(int(value), _SMALLEST_BATCH), _LARGEST_BATCH, largest)
