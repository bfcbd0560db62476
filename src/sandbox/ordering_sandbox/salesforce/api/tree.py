"""``/composite/tree``: records with their children, created together or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall, object_in, objects_in
from ordering_sandbox.salesforce.dml import insert
from ordering_sandbox.salesforce.errors import Refusal, refuse
from ordering_sandbox.salesforce.schema import ChildRelationship, ObjectType
from ordering_sandbox.salesforce.work import Work


_MOST_RECORDS: Final = 200
_DEEPEST: Final = 5


def create_trees(work: Work, kind: ObjectType, call: ApiCall) -> ApiAnswer:
    """Answer POST /composite/tree/T."""
    roots = objects_in(call.record().get("records"))
    forest = _Forest(work)
    with work.part() as part:
        forest.create(kind, roots, parent={}, depth=1)
        part.undone = bool(forest.wrong)
    if len(forest.made) + len(forest.wrong) > _MOST_RECORDS:
        raise refuse(400, "LIMIT_EXCEEDED", f"The request has more than {_MOST_RECORDS} records")
    if forest.wrong:
        return ApiAnswer(status=400, body={"hasErrors": True, "results": forest.wrong})
    return ApiAnswer(status=201, body={"hasErrors": False, "results": forest.made})


@attrs.define
class _Forest:
    """The records of one request, as far as they are made."""

    work: Work
    made: list[JsonObject] = attrs.field(factory=list[JsonObject])
    wrong: list[JsonObject] = attrs.field(factory=list[JsonObject])

    def create(
        self, kind: ObjectType, records: Sequence[JsonObject], *, parent: JsonObject, depth: int
    ) -> None:
        """Make *records* with the fields *parent*, and below each of them its children."""
        if depth > _DEEPEST:
            raise refuse(400, "LIMIT_EXCEEDED", f"The records are nested more than {_DEEPEST} levels deep")
        for record in records:
            name = object_in(record.get("attributes", {})).get("referenceId")
            if not isinstance(name, str) or not name:
                raise refuse(400, "INVALID_INPUT", "Include a reference ID for each record in the request.")
            nested, own = _parted(self.work, kind, record)
            try:
                with self.work.part():
                    record_id = insert(self.work, kind, {**own, **parent})
            except Refusal as refusal:
                self.wrong.append({"referenceId": name, "errors": refusal.render_in_collection()})
                continue
            self.made.append({"referenceId": name, "id": record_id})
            for child, children in nested:
                known = self.work.schema.known(child.object)
                self.create(known, children, parent={child.field: record_id}, depth=depth + 1)


def _parted(
    work: Work, kind: ObjectType, record: JsonObject
) -> tuple[list[tuple[ChildRelationship, list[JsonObject]]], dict[str, Json]]:
    """Return the children of *record* by relationship, and its own fields."""
    nested: list[tuple[ChildRelationship, list[JsonObject]]] = []
    own: dict[str, Json] = {}
    for name, value in record.items():
        child = work.schema.child(kind.name, name)
        if child is not None and isinstance(value, Mapping):
            nested.append((child, objects_in(value.get("records"))))
        else:
            own[name] = value
    return nested, own
