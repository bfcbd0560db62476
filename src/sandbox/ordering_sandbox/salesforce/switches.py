"""How this org is set up where orgs differ, and what its integration user may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from ordering_sandbox.json_values import (
    Json,
    JsonObject,
    NotJson,
    expect_list,
    expect_object,
    flag_of,
    number_of,
    text_of,
)
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType, Schema


_ACCESS: Final = frozenset({"edit", "read", "none"})
_EVENT_FIELD_LENGTH: Final = 255


@attrs.frozen(kw_only=True)
class Switches:
    """
    The org's switches.

    *edit_activated_orders* is the integration user's permission; *largest_batch* keeps query pages small;
    *my_domain_only* refuses assertions for login.salesforce.com; *publish_immediately* sends the flow's event
    from inside its transaction; *approval_flow* and *sim_flow* are the record-triggered flows; *captured* are
    the objects with change data capture; *keepalive_seconds* is how long a silent event stream stays without
    a word.
    """

    edit_activated_orders: bool = False
    state_country_picklists: bool = False
    largest_batch: int = 2000
    session_seconds: int = 7200
    daily_api_calls: int = 100_000
    my_domain_only: bool = False
    approval_flow: bool = True
    sim_flow: bool = True
    publish_immediately: bool = False
    captured: tuple[str, ...] = ("Order", "Account")
    keepalive_seconds: float = 60.0
    retention_hours: int = 72

    def changed(self, record: JsonObject) -> Switches:
        """
        Return the switches with those that *record* names set.

        Raises:
            NotJson: It names an unknown one, or a value of another kind.

        """
        known = {field.name for field in attrs.fields(Switches)}
        if unknown := record.keys() - known:
            raise NotJson(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
        captured = record.get("captured")
        return Switches(
            edit_activated_orders=flag_of(
                record, "edit_activated_orders", default=self.edit_activated_orders
            ),
            state_country_picklists=flag_of(
                record, "state_country_picklists", default=self.state_country_picklists
            ),
            largest_batch=int(number_of(record, "largest_batch", self.largest_batch)),
            session_seconds=int(number_of(record, "session_seconds", self.session_seconds)),
            daily_api_calls=int(number_of(record, "daily_api_calls", self.daily_api_calls)),
            my_domain_only=flag_of(record, "my_domain_only", default=self.my_domain_only),
            approval_flow=flag_of(record, "approval_flow", default=self.approval_flow),
            sim_flow=flag_of(record, "sim_flow", default=self.sim_flow),
            publish_immediately=flag_of(record, "publish_immediately", default=self.publish_immediately),
            captured=self.captured
            if captured is None
            else tuple(str(name) for name in expect_list(captured)),
            keepalive_seconds=number_of(record, "keepalive_seconds", self.keepalive_seconds),
            retention_hours=int(number_of(record, "retention_hours", self.retention_hours)),
        )

    def render(self) -> JsonObject:
        """Return every switch."""
        return {**attrs.asdict(self), "captured": list(self.captured)}


def override_fields(schema: Schema, overrides: Mapping[str, JsonObject]) -> Schema:
    """
    Return *schema* as the integration user meets it.

    *overrides* is keyed ``Object.Field``; ``access`` edit, read or none (field-level security: none looks
    like a field that is not there), ``required``, ``length``, ``values``, ``restricted``, ``unique``,
    ``external_id``, ``case_sensitive``, and for describe alone ``type``. A field that is not there is added
    to an event, which gives the event another schema. ``access`` keyed ``Object`` is said of an object.

    Raises:
        NotJson: Object or field is unknown, or a value of another kind.

    """
    kinds = {kind.name: kind for kind in schema.objects}
    for path, change in overrides.items():
        object_name, _, name = path.partition(".")
        kind = schema.object(object_name)
        if kind is None:
            raise NotJson(f"there is no object {object_name}")
        if name:
            kinds[kind.name] = _override(kinds[kind.name], name, change)
        elif _access(change) == "none":
            del kinds[kind.name]
        else:
            kinds[kind.name] = attrs.evolve(kind, writable=kind.writable and _access(change) != "read")
    return Schema(tuple(kinds.values()))


def _override(kind: ObjectType, name: str, change: JsonObject) -> ObjectType:
    field = kind.field(name)
    if field is None and kind.event:
        added = Field(name=name, type=FieldType.STRING, label=name, length=_EVENT_FIELD_LENGTH)
        return attrs.evolve(kind, fields=(*kind.fields, added))
    if field is None:
        raise NotJson(f"there is no field {kind.name}.{name}")
    fields = (_changed_field(known, change) if known is field else known for known in kind.fields)
    return attrs.evolve(kind, fields=tuple(known for known in fields if known is not None))


def _access(change: JsonObject) -> str:
    access = text_of(change, "access", "")
    if access and access not in _ACCESS:
        raise NotJson(f"access has to be one of: {', '.join(sorted(_ACCESS))}")
    return access


def _changed_field(field: Field, change: JsonObject) -> Field | None:
    access = _access(change)
    kind = text_of(change, "type", field.type)
    if kind not in set(FieldType):
        raise NotJson(f"type has to be one of: {', '.join(FieldType)}")
    if access == "none":
        return None
    if access:
        field = attrs.evolve(field, createable=access == "edit", updateable=access == "edit")
    values = change.get("values")
    length = change.get("length")
    return attrs.evolve(
        field,
        type=FieldType(kind),
        required=flag_of(change, "required", default=field.required),
        unique=flag_of(change, "unique", default=field.unique),
        external_id=flag_of(change, "external_id", default=field.external_id),
        case_sensitive=flag_of(change, "case_sensitive", default=field.case_sensitive),
        restricted=flag_of(change, "restricted", default=field.restricted),
        length=length if isinstance(length, int) else field.length,
        values=field.values if values is None else tuple(str(value) for value in expect_list(values)),
    )


def parse_overrides(value: Json) -> Mapping[str, JsonObject]:
    """
    Read field overrides by ``Object.Field``.

    Raises:
        NotJson: They are something else.

    """
    return {path: expect_object(change) for path, change in expect_object(value).items()}
