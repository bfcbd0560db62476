"""What an org consists of, as data: objects, their fields, and how records refer to each other."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import attrs


class FieldType(StrEnum):
    """The types of fields, in the words of describe."""

    ID = "id"
    REFERENCE = "reference"
    STRING = "string"
    TEXTAREA = "textarea"
    PICKLIST = "picklist"
    BOOLEAN = "boolean"
    CURRENCY = "currency"
    DOUBLE = "double"
    INT = "int"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    BASE64 = "base64"
    ADDRESS = "address"


TEXTS: Final = frozenset(
    {
        FieldType.STRING,
        FieldType.TEXTAREA,
        FieldType.PICKLIST,
        FieldType.EMAIL,
        FieldType.PHONE,
        FieldType.URL,
    }
)
"""Types whose values are texts."""

NUMBERS: Final = frozenset({FieldType.CURRENCY, FieldType.DOUBLE, FieldType.INT, FieldType.PERCENT})
"""Types whose values are numbers."""

LONGEST_FILTERED: Final = 255
"""Characters of a text area that queries still filter and sort by."""


@attrs.frozen(kw_only=True)
class Field:
    """
    One field of an object.

    *required* fields have to be there on insert and cannot be emptied; *createable* and *updateable* are what
    the integration user may do; *refers_to* names the objects a reference may mean, *relationship* how
    queries step along it, *children* how the other side calls us; *expression* is the SQL of a field that is
    computed.
    """

    name: str
    type: FieldType
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    default: str | float | None = None
    values: tuple[str, ...] = ()
    restricted: bool = False
    unique: bool = False
    case_sensitive: bool = False
    external_id: bool = False
    auto_number: bool = False
    createable: bool = True
    updateable: bool = True
    refers_to: tuple[str, ...] = ()
    relationship: str | None = None
    children: str | None = None
    expression: str | None = None
    compound: str | None = None

    @property
    def custom(self) -> bool:
        """Whether an admin made it."""
        return self.name.endswith("__c")

    @property
    def stored(self) -> bool:
        """Whether it has a column of its own."""
        return self.expression is None and self.type is not FieldType.BASE64

    @property
    def filterable(self) -> bool:
        """Whether queries may filter by it."""
        long_text = self.type is FieldType.TEXTAREA and self.length > LONGEST_FILTERED
        return not long_text and self.type not in (FieldType.BASE64, FieldType.ADDRESS)


@attrs.frozen(kw_only=True)
class ChildRelationship:
    """How the records that refer to one by *field* are reached from it."""

    name: str
    object: str
    field: str


def _by_name(kind: ObjectType) -> Mapping[str, Field]:
    return {field.name.casefold(): field for field in kind.fields}


def _by_relationship(kind: ObjectType) -> Mapping[str, Field]:
    return {field.relationship.casefold(): field for field in kind.fields if field.relationship is not None}


def _stored_fields(kind: ObjectType) -> tuple[Field, ...]:
    return tuple(field for field in kind.fields if field.stored)


@attrs.frozen(kw_only=True)
class ObjectType:
    """A kind of record; *event* types are published, never stored."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: tuple[Field, ...]
    writable: bool = True
    event: bool = False
    by_name: Mapping[str, Field] = attrs.field(
        init=False,
        repr=False,
        eq=False,
        default=attrs.Factory(_by_name, takes_self=True),
    )
    by_relationship: Mapping[str, Field] = attrs.field(
        init=False,
        repr=False,
        eq=False,
        default=attrs.Factory(_by_relationship, takes_self=True),
    )

    _stored: tuple[Field, ...] = attrs.field(
        init=False,
        repr=False,
        eq=False,
        default=attrs.Factory(_stored_fields, takes_self=True),
    )

    def field(self, name: str) -> Field | None:
        """Return the field called *name*, in whatever case."""
        return self.by_name.get(name.casefold())

    def stored_fields(self) -> tuple[Field, ...]:
        """Return the fields that have a column."""
        return self._stored


class Schema:
    """All objects of an org."""

    def __init__(self, objects: tuple[ObjectType, ...]) -> None:
        self.objects = objects
        self._by_name = {kind.name.casefold(): kind for kind in objects}
        self._by_prefix = {kind.prefix: kind for kind in objects}
        self._children = {kind.name: self._children_of(kind.name) for kind in objects}

    def object(self, name: str) -> ObjectType | None:
        """Return the object called *name*, in whatever case."""
        return self._by_name.get(name.casefold())

    def known(self, name: str) -> ObjectType:
        """
        Return the object called *name*.

        Raises:
            KeyError: There is none.

        """
        return self._by_name[name.casefold()]

    def object_of_id(self, record_id: str) -> ObjectType | None:
        """Return the object whose records have ids like *record_id*."""
        return self._by_prefix.get(record_id[:3])

    def children(self, name: str) -> tuple[ChildRelationship, ...]:
        """Return what refers to records of the object *name*."""
        return self._children.get(name, ())

    def child(self, name: str, relationship: str) -> ChildRelationship | None:
        """Return the child relationship of the object *name* that is called *relationship*."""
        wanted = relationship.casefold()
        return next((child for child in self.children(name) if child.name.casefold() == wanted), None)

    def _children_of(self, name: str) -> tuple[ChildRelationship, ...]:
        return tuple(
            ChildRelationship(name=field.children, object=kind.name, field=field.name)
            for kind in self.objects
            for field in kind.fields
            if field.children is not None and name in field.refers_to
        )
