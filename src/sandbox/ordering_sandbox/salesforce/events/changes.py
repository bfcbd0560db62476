"""
Change data capture: one event per record that a transaction changed, as the Pub/Sub API carries it.

An update carries only what it changed; which fields those are, and which of them were emptied, stands in the
header as bitmaps over the schema's fields (reference 4.4).
"""

from __future__ import annotations

import uuid

from collections.abc import Mapping, Sequence

import attrs

from ordering_sandbox.salesforce.database import Row
from ordering_sandbox.salesforce.events.avro import ADDRESS_PARTS, avro_value, change_fields, milliseconds
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType
from ordering_sandbox.salesforce.work import Change, Work


@attrs.frozen(kw_only=True)
class ChangeEvent:
    """One change event before it is written as Avro."""

    entity: str
    body: Mapping[str, object] = attrs.field(repr=False)


def change_events(work: Work, commit_number: int) -> list[ChangeEvent]:
    """Return the change events of a committed *work*, for the objects that are captured."""
    transaction = str(uuid.uuid4())
    events: list[ChangeEvent] = []
    for change in _merged(work.changes):
        if change.object not in work.switches.captured:
            continue
        kind = work.stored.known(change.object)
        header: dict[str, object] = {
            "entityName": kind.name,
            "recordIds": [change.id],
            "changeType": _change_type(change),
            "changeOrigin": _origin(work),
            "transactionKey": transaction,
            "sequenceNumber": len(events) + 1,
            "commitTimestamp": milliseconds(work.now),
            "commitNumber": commit_number,
            "commitUser": work.caller.user_id,
            "nulledFields": _bitmaps(kind, change, nulled=True),
            "diffFields": [],
            "changedFields": _bitmaps(kind, change, nulled=False),
        }
        events.append(
            ChangeEvent(entity=kind.name, body={"ChangeEventHeader": header, **_body(kind, change)})
        )
    return events


def _merged(changes: Sequence[Change]) -> list[Change]:
    """Return one change per record: from what it was before the transaction to what it was after."""
    merged: dict[str, Change] = {}
    for change in changes:
        first = merged.get(change.id, change)
        merged[change.id] = attrs.evolve(change, before=first.before)
    return [
        change for change in merged.values() if change.before is not None or not change.after["IsDeleted"]
    ]


def _change_type(change: Change) -> str:
    if change.before is None:
        return "CREATE"
    return "DELETE" if change.after["IsDeleted"] else "UPDATE"


def _origin(work: Work) -> str:
    if work.caller.agent:
        return "com/salesforce/core"
    return f"com/salesforce/api/rest/{work.caller.version};client={work.caller.client}"


def _body(kind: ObjectType, change: Change) -> dict[str, object]:
    if change.after["IsDeleted"]:
        return {}
    return {field.name: _value(field, change) for field in change_fields(kind)}


def _value(field: Field, change: Change) -> object:
    """Return what the event carries of *field*: nothing when an update left it as it was."""
    if field.type is FieldType.ADDRESS:
        names = _address_fields(field)
        if not any(_changed(name, change) for name in names):
            return None
        return {
            part: change.after.get(name) if _changed(name, change) else None
            for part, name in zip(ADDRESS_PARTS, names, strict=True)
        }
    return avro_value(field, change.after.get(field.name)) if _changed(field.name, change) else None


def _changed(name: str, change: Change) -> bool:
    before: Row = change.before or {}
    return before.get(name) != change.after.get(name)


def _address_fields(field: Field) -> tuple[str, ...]:
    prefix = field.name.removesuffix("Address")
    return tuple(f"{prefix}{part}" for part in ADDRESS_PARTS)


def _bitmaps(kind: ObjectType, change: Change, *, nulled: bool) -> list[str]:
    """Return the fields an update changed, or emptied, as bitmaps: of the event, then of its addresses."""
    if _change_type(change) != "UPDATE":
        return []
    whole = 0
    parts: list[str] = []
    for place, field in enumerate(change_fields(kind), start=1):
        if field.type is FieldType.ADDRESS:
            bits = sum(
                1 << at
                for at, name in enumerate(_address_fields(field))
                if _changed(name, change) and not (nulled and change.after.get(name) is not None)
            )
            parts += [f"{place}-0x{bits:X}"] if bits else []
        elif _changed(field.name, change) and not (nulled and change.after.get(field.name) is not None):
            whole |= 1 << place
    return [f"0x{whole:X}", *parts] if whole or parts else []
