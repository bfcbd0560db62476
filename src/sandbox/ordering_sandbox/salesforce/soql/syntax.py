"""What a query says, parsed and not yet checked; *at* is the place in its text, for messages."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

import attrs


class Operator(StrEnum):
    """How a field is compared."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    LIKE = "LIKE"
    IN = "IN"
    NOT_IN = "NOT IN"


@attrs.frozen
class Path:
    """A field, reached over zero or more relationships: ``Account.Name``."""

    names: tuple[str, ...]
    at: int

    def __str__(self) -> str:
        return ".".join(self.names)


@attrs.frozen
class DateLiteral:
    """A stretch of whole days told by a word, such as TODAY: from *first* on, before *end*."""

    first: date
    end: date


Literal: TypeAlias = "bool | int | float | str | date | datetime | DateLiteral | None"
"""A value in a query."""


@attrs.frozen
class Compare:
    """One field against one value."""

    path: Path
    operator: Operator
    value: Literal
    at: int


@attrs.frozen
class Among:
    """One field against a list of values (IN, NOT IN)."""

    path: Path
    operator: Operator
    values: tuple[Literal, ...]
    at: int


@attrs.frozen
class AmongFound:
    """One field against what another query finds."""

    path: Path
    operator: Operator
    query: Query


@attrs.frozen
class Both:
    """All of the parts hold."""

    parts: tuple[Condition, ...]


@attrs.frozen
class Either:
    """One of the parts holds."""

    parts: tuple[Condition, ...]


@attrs.frozen
class Negation:
    """The part does not hold."""

    part: Condition


Condition: TypeAlias = "Compare | Among | AmongFound | Both | Either | Negation"
"""What WHERE says."""


@attrs.frozen
class Count:
    """``COUNT()``, or how many values a field has."""

    path: Path | None
    alias: str | None = None


@attrs.frozen
class Ordering:
    """One key of ORDER BY; without a word, empty values come first."""

    path: Path
    descending: bool = False
    nulls_first: bool | None = None


@attrs.frozen(kw_only=True)
class Query:
    """A query; *of* names an object, or in a subquery a child relationship."""

    selected: tuple[Path | Query | Count, ...]
    of: str
    of_at: int
    where: Condition | None = None
    order_by: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0
    text: str = attrs.field(default="", repr=False, eq=False)
