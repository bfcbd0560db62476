"""
The version of an order, and how to write only while it is still that version.

SystemModstamp counts whole seconds, and If-Unmodified-Since too: two changes within a second look like one.
So a version also holds a digest of everything read, which tells any two readings apart, and the values that
a run writes over, which Salesforce itself can compare once the order's row is locked. None of them is
personal.
"""

from __future__ import annotations

import hashlib
import json

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final, Self

import attrs

from ordering_adapters.salesforce.fields import Field, Names, instant_text
from ordering_adapters.salesforce.rows import Record
from ordering_adapters.salesforce.soql import equals, quoted
from ordering_core.domain.identifiers import OrderId, Version


_BETWEEN: Final = "|"
_PARTS: Final = 6
_DIGEST: Final = 16


@attrs.frozen(kw_only=True)
class Guard:
    """What an order looked like when it was read; texts as the org writes them, empty for empty fields."""

    stamp: str
    digest: str
    status: str
    activation: str
    scheduled_at: str
    error_code: str

    @classmethod
    def of(cls, record: Record) -> Self:
        """Return the guard of the order in *record*."""
        content = json.dumps(record.values, sort_keys=True, ensure_ascii=False).encode()
        return cls(
            stamp=record.raw(Field.ORDER_STAMP),
            digest=hashlib.sha256(content).hexdigest()[:_DIGEST],
            status=record.raw(Field.ORDER_STATUS),
            activation=record.raw(Field.ACTIVATION_STATUS),
            scheduled_at=record.raw(Field.ACTIVATION_SCHEDULED_AT),
            error_code=record.raw(Field.ACTIVATION_ERROR_CODE),
        )

    @classmethod
    def parse(cls, version: Version) -> Self | None:
        """Return the guard that *version* stands for, or None when it is no version of ours."""
        parts = version.split(_BETWEEN, _PARTS - 1)
        if len(parts) != _PARTS or not _is_moment(parts[0]) or (parts[4] and not _is_moment(parts[4])):
            return None
        stamp, digest, status, activation, scheduled_at, error_code = parts
        return cls(
            stamp=stamp,
            digest=digest,
            status=status,
            activation=activation,
            scheduled_at=scheduled_at,
            error_code=error_code,
        )

    @property
    def version(self) -> Version:
        """The version that it stands for."""
        return Version(_BETWEEN.join(attrs.astuple(self)))

    def headers(self) -> Mapping[str, str]:
        """Return the header under which Salesforce refuses (412) what was changed in a later second."""
        stamp = datetime.fromisoformat(self.stamp).astimezone(UTC)
        return {"If-Unmodified-Since": format_datetime(stamp, usegmt=True)}

    def query(self, names: Names, order: OrderId) -> str:
        """Return the query that finds the order while the fields that runs write over look like this."""
        scheduled = instant_text(datetime.fromisoformat(self.scheduled_at)) if self.scheduled_at else "null"
        conditions = (
            f"Id = {quoted(order)}",
            equals(names[Field.ORDER_STATUS], self.status),
            equals(names[Field.ACTIVATION_STATUS], self.activation),
            f"{names[Field.ACTIVATION_SCHEDULED_AT]} = {scheduled}",
            equals(names[Field.ACTIVATION_ERROR_CODE], self.error_code),
        )
        return f"SELECT Id FROM Order WHERE {' AND '.join(conditions)}"


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
