"""The vocabulary in which objects are written down: one function per kind of field."""

from __future__ import annotations

from typing import Final

from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType


_ADDRESS_LENGTHS: Final = {"Street": 255, "City": 40, "State": 80, "PostalCode": 20, "Country": 80}


def text(name: str, label: str, length: int = 255, *, required: bool = False) -> Field:
    """Return a line of text."""
    return Field(name=name, type=FieldType.STRING, label=label, length=length, required=required)


def long_text(name: str, label: str, length: int = 32000) -> Field:
    """Return a text of several lines; above 255 characters queries cannot filter by it."""
    return Field(name=name, type=FieldType.TEXTAREA, label=label, length=length)


def key(name: str, label: str, *, unique: bool = True) -> Field:
    """Return an External ID that minds its case."""
    return Field(
        name=name,
        type=FieldType.STRING,
        label=label,
        length=255,
        unique=unique,
        case_sensitive=unique,
        external_id=True,
    )


def picklist(
    name: str,
    label: str,
    *values: str,
    restricted: bool = True,
    default: str | None = None,
    required: bool = False,
) -> Field:
    """Return a choice; *restricted*, other values are refused."""
    return Field(
        name=name,
        type=FieldType.PICKLIST,
        label=label,
        length=255,
        values=values,
        restricted=restricted,
        default=default,
        required=required,
    )


def checkbox(name: str, label: str) -> Field:
    """Return a flag; never empty."""
    return Field(name=name, type=FieldType.BOOLEAN, label=label, default=0)


def date(name: str, label: str, *, required: bool = False) -> Field:
    """Return a calendar date."""
    return Field(name=name, type=FieldType.DATE, label=label, required=required)


def instant(name: str, label: str) -> Field:
    """Return a moment, to the second."""
    return Field(name=name, type=FieldType.DATETIME, label=label)


def number(
    name: str,
    label: str,
    *,
    precision: int = 18,
    scale: int = 0,
    kind: FieldType = FieldType.DOUBLE,
    required: bool = False,
) -> Field:
    """Return a number of at most *precision* digits, *scale* of them decimals."""
    return Field(name=name, type=kind, label=label, precision=precision, scale=scale, required=required)


def yen(name: str, label: str, *, required: bool = False) -> Field:
    """Return an amount in an org of one currency, JPY."""
    return number(name, label, kind=FieldType.CURRENCY, required=required)


def lookup(
    name: str,
    label: str,
    *objects: str,
    relationship: str | None,
    children: str | None = None,
    required: bool = False,
) -> Field:
    """Return a reference to a record of one of *objects*."""
    return Field(
        name=name,
        type=FieldType.REFERENCE,
        label=label,
        length=18,
        refers_to=objects,
        relationship=relationship,
        children=children,
        required=required,
    )


def of_type(name: str, label: str, kind: FieldType, length: int = 0) -> Field:
    """Return a text with a meaning: an e-mail address, a phone number, a URL."""
    return Field(name=name, type=kind, label=label, length=length)


def postal_address(prefix: str) -> tuple[Field, ...]:
    """Return the five lines of an address, and the address as one value that is only read."""
    parts = tuple(
        Field(
            name=f"{prefix}{part}",
            type=FieldType.TEXTAREA if part == "Street" else FieldType.STRING,
            label=f"{prefix} {'Zip/Postal Code' if part == 'PostalCode' else part}",
            length=length,
            compound=f"{prefix}Address",
        )
        for part, length in _ADDRESS_LENGTHS.items()
    )
    whole = ", ".join(f"'{part[0].lower()}{part[1:]}', {{t}}.\"{prefix}{part}\"" for part in _ADDRESS_LENGTHS)
    compound = Field(
        name=f"{prefix}Address",
        type=FieldType.ADDRESS,
        label=f"{prefix} Address",
        expression=f"json_object({whole})",
        createable=False,
        updateable=False,
    )
    return (*parts, compound)


def system_fields(prefix: str) -> tuple[Field, ...]:
    """Return what every record has; *prefix* begins its ids."""
    stamps = tuple(
        Field(name=name, type=FieldType.DATETIME, label=label, createable=False, updateable=False)
        for name, label in (
            ("CreatedDate", "Created Date"),
            ("LastModifiedDate", "Last Modified Date"),
            ("SystemModstamp", "System Modstamp"),
        )
    )
    people = tuple(
        Field(
            name=f"{word}ById",
            type=FieldType.REFERENCE,
            label=f"{label} By ID",
            length=18,
            refers_to=("User",),
            relationship=f"{word}By",
            createable=False,
            updateable=False,
        )
        for word, label in (("Created", "Created"), ("LastModified", "Last Modified"))
    )
    identity = Field(
        name="Id",
        type=FieldType.ID,
        label=f"Record ID ({prefix})",
        length=18,
        createable=False,
        updateable=False,
    )
    deleted = Field(
        name="IsDeleted",
        type=FieldType.BOOLEAN,
        label="Deleted",
        default=0,
        createable=False,
        updateable=False,
    )
    return (identity, deleted, *stamps, *people)


def record_type(
    name: str,
    label: str,
    plural: str,
    prefix: str,
    *fields: Field,
    writable: bool = True,
    event: bool = False,
) -> ObjectType:
    """Return an object with its system fields."""
    return ObjectType(
        name=name,
        label=label,
        plural=plural,
        prefix=prefix,
        fields=(*system_fields(prefix), *fields),
        writable=writable,
        event=event,
    )
