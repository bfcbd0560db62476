"""Reading Salesforce's JSON: what came over the wire is narrowed here, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeGuard

import attrs

from ordering_adapters.salesforce.fields import Field, Names


def is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether *value* is a JSON object."""
    return isinstance(value, Mapping)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether *value* is a JSON array."""
    return isinstance(value, list)


def objects_in(value: object) -> list[Mapping[str, object]]:
    """Return the objects of a JSON array; of anything else, none."""
    return [item for item in value if is_object(item)] if is_list(value) else []


@attrs.frozen(repr=False)
class Record:
    """One record of an answer, read by the names of the org; a field that is not there is empty."""

    names: Names
    values: Mapping[str, object]

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.values.get("Id") or "")

    def raw(self, field: Field) -> str:
        """Return the text of *field* as it stands, empty when there is none."""
        value = self.values.get(self.names[field])
        return value if isinstance(value, str) else ""

    def text(self, field: Field) -> str | None:
        """Return the text of *field* in the documents' words; None when it is empty."""
        raw = self.raw(field)
        return self.names.meant(field, raw) if raw else None

    def flag(self, field: Field) -> bool:
        """Whether the checkbox *field* is set."""
        return self.values.get(self.names[field]) is True

    def number(self, field: Field) -> Decimal | None:
        """Return the number of *field*, exactly."""
        value = self.values.get(self.names[field])
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        whole = int(value)
        return Decimal(whole) if whole == value else Decimal(str(value))

    def whole(self, field: Field) -> int | None:
        """Return the whole number in *field*, which may be a number or a text; None when it holds none."""
        number = self.number(field)
        if number is not None:
            return int(number)
        digits = self.raw(field).strip()
        return int(digits) if digits.isascii() and digits.isdigit() else None

    def instant(self, field: Field) -> datetime | None:
        """Return the moment in *field*."""
        raw = self.raw(field)
        return datetime.fromisoformat(raw) if raw else None

    def day(self, field: Field) -> date | None:
        """Return the calendar date in *field*."""
        raw = self.raw(field)
        return date.fromisoformat(raw) if raw else None

    def parent(self, relationship: str) -> Record | None:
        """Return the record that *relationship* leads to, or None."""
        value = self.values.get(relationship)
        return Record(self.names, value) if is_object(value) else None

    def children(self, relationship: str) -> tuple[Record, ...]:
        """Return the records of a subquery; an empty one is null on the wire."""
        value = self.values.get(relationship)
        found = value.get("records") if is_object(value) else None
        return tuple(Record(self.names, row) for row in objects_in(found))


_NO_MORE: Final = ""


def next_page(answer: Mapping[str, object]) -> str:
    """Return where the rest of a query's *answer* is, empty when this is all of it."""
    place = answer.get("nextRecordsUrl")
    return place if answer.get("done") is False and isinstance(place, str) else _NO_MORE


def subqueries(row: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the answers of the subqueries in *row*, by relationship."""
    for name, value in row.items():
        if is_object(value) and "records" in value:
            yield name, value
