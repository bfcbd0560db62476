"""
Turns a parsed query into SQL over the org's tables, checking every name and value against the schema.

Null is a value here: ``!=`` finds empty fields and NOT is the exact opposite, as in SOQL. Negation is
therefore pushed down to the comparisons, which SQL would otherwise answer with neither yes nor no.
"""

from __future__ import annotations

from typing import Final

import attrs

from ordering_sandbox.salesforce.database import Value
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType, Schema
from ordering_sandbox.salesforce.soql.certainty import paths_with_values
from ordering_sandbox.salesforce.soql.literals import comparable, order_range
from ordering_sandbox.salesforce.soql.refusals import malformed, no_column, no_relationship, wrong_query
from ordering_sandbox.salesforce.soql.syntax import (
    Among,
    AmongFound,
    Both,
    Compare,
    Condition,
    DateLiteral,
    Either,
    Negation,
    Operator,
    Ordering,
    Path,
    Query,
)


_MOST_STEPS: Final = 5
_NEVER_EMPTY: Final = frozenset({"Id", "CreatedDate", "LastModifiedDate", "SystemModstamp"})
_OPPOSITE: Final = {
    Operator.LESS: Operator.GREATER_OR_EQUAL,
    Operator.LESS_OR_EQUAL: Operator.GREATER,
    Operator.GREATER: Operator.LESS_OR_EQUAL,
    Operator.GREATER_OR_EQUAL: Operator.LESS,
}


@attrs.frozen
class Column:
    """A field where a query reaches it: the alias of its row and the field itself."""

    alias: str
    field: Field
    object: ObjectType

    @property
    def sql(self) -> str:
        """The SQL of its value."""
        if self.field.expression is not None:
            return self.field.expression.replace("{t}", self.alias)
        return f'{self.alias}."{self.field.name}"'


class Statement:
    """One query as SQL: the rows of its object, joined with what its paths step to."""

    def __init__(self, query: Query, kind: ObjectType, schema: Schema, *, prefix: str = "t") -> None:
        """Begin a statement about records of *kind*; *prefix* begins its aliases."""
        self.query = query
        self.kind = kind
        self.parameters: list[Value] = []
        self._schema = schema
        self._prefix = prefix
        self._joins: dict[tuple[str, ...], tuple[str, ObjectType]] = {(): (f"{prefix}0", kind)}
        self._join_sql: dict[tuple[str, ...], str] = {}
        self._certain: set[tuple[str, ...]] = set()

    @property
    def root(self) -> str:
        """The alias of the object's own row."""
        return f"{self._prefix}0"

    def source(self) -> str:
        """Return the FROM part, with every join asked for so far."""
        joins = (
            f"{'JOIN' if steps in self._certain else 'LEFT JOIN'} {sql}"
            for steps, sql in self._join_sql.items()
        )
        return " ".join([f'FROM "{self.kind.name}" {self.root}', *joins])

    def column(self, path: Path) -> Column:
        """
        Return the column that *path* means, joining its way there.

        Raises:
            Refusal: INVALID_FIELD, with the place.

        """
        *steps, name = self.names(path)
        if len(steps) > _MOST_STEPS:
            raise no_relationship(steps[-1], self.query.text, path.at)
        alias, kind = self._joined(tuple(steps), path)
        field = kind.field(name)
        if field is None:
            raise no_column(name, kind.name, self.query.text, path.at)
        return Column(alias, field, kind)

    def names(self, path: Path) -> tuple[str, ...]:
        """Return the names of *path* from the object on, which itself may stand before them."""
        first = path.names[0].casefold()
        itself = first == self.kind.name.casefold() and first not in self.kind.by_relationship
        return path.names[1:] if itself and len(path.names) > 1 else path.names

    def where(self) -> str:
        """Return the condition of the query, deleted records apart."""
        if self.query.where is None:
            return "1"
        for path in paths_with_values(self.query.where):
            steps = tuple(step.casefold() for step in self.names(path)[:-1])
            self._certain |= {steps[:length] for length in range(1, len(steps) + 1)}
        return self._condition(self.query.where, negated=False)

    def order_by(self) -> str:
        """Return the ORDER BY part; ties keep the order in which records were made."""
        keys = [self._key(key) for key in self.query.order_by]
        return ", ".join([*keys, f'{self.root}."Id"'])

    def _joined(self, steps: tuple[str, ...], path: Path) -> tuple[str, ObjectType]:
        key = tuple(step.casefold() for step in steps)
        if key in self._joins:
            return self._joins[key]
        alias, kind = self._joined(steps[:-1], path)
        field = kind.by_relationship.get(key[-1])
        if field is None:
            raise no_relationship(steps[-1], self.query.text, path.at)
        target = self._schema.known(field.refers_to[0])
        joined = f"{self._prefix}{len(self._joins)}"
        self._join_sql[key] = f'"{target.name}" {joined} ON {joined}."Id" = {alias}."{field.name}"'
        self._joins[key] = (joined, target)
        return joined, target

    def _key(self, key: Ordering) -> str:
        column = self.column(key.path)
        if not column.field.filterable:
            raise self._unfilterable(column, key.path, "sorted")
        direction = f"{column.sql}{' DESC' if key.descending else ''}"
        if column.field.name in _NEVER_EMPTY:
            return direction
        return f"{column.sql} IS {'' if key.nulls_first is False else 'NOT '}NULL, {direction}"

    def _condition(self, condition: Condition, *, negated: bool) -> str:
        match condition:
            case Negation():
                return self._condition(condition.part, negated=not negated)
            case Both() | Either():
                word = " AND " if isinstance(condition, Both) is not negated else " OR "
                return f"({word.join(self._condition(part, negated=negated) for part in condition.parts)})"
            case Compare():
                return self._compare(condition, negated=negated)
            case Among():
                return self._among(condition, negated=negated)
            case AmongFound():
                return self._among_found(condition, negated=negated)

    def _filtered(self, path: Path) -> Column:
        column = self.column(path)
        if not column.field.filterable:
            raise self._unfilterable(column, path, "filtered")
        return column

    def _compare(self, condition: Compare, *, negated: bool) -> str:
        column = self._filtered(condition.path)
        if isinstance(condition.value, DateLiteral):
            return self._compare_days(column, condition, condition.value, negated=negated)
        value = comparable(column.field, condition.value, self.query.text, condition.at)
        match condition.operator:
            case Operator.EQUAL | Operator.UNEQUAL:
                self.parameters.append(value)
                if (condition.operator is Operator.EQUAL) is negated:
                    return f"{column.sql} IS NOT ?"
                return f"{column.sql} {'IS' if value is None else '='} ?"
            case Operator.LIKE:
                if not isinstance(condition.value, str) or column.field.type is FieldType.REFERENCE:
                    raise self._bad_operator(column, condition)
                self.parameters.append(value)
                return f"{'NOT ' if negated else ''}soql_like({column.sql}, ?)"
            case _:
                if column.field.type is FieldType.BOOLEAN or value is None:
                    raise self._bad_operator(column, condition)
                self.parameters.append(value)
                return _inequality(column.sql, condition.operator, negated=negated)

    def _compare_days(self, column: Column, condition: Compare, days: DateLiteral, *, negated: bool) -> str:
        first, end = order_range(column.field, days, self.query.text, condition.at)
        inside = f"({column.sql} IS NOT NULL AND {column.sql} >= ? AND {column.sql} < ?)"
        match condition.operator:
            case Operator.EQUAL | Operator.UNEQUAL:
                self.parameters += [first, end]
                return inside if (condition.operator is Operator.EQUAL) is not negated else f"NOT {inside}"
            case Operator.LESS | Operator.GREATER_OR_EQUAL:
                self.parameters.append(first)
                return _inequality(column.sql, condition.operator, negated=negated)
            case Operator.LESS_OR_EQUAL:
                self.parameters.append(end)
                return _inequality(column.sql, Operator.LESS, negated=negated)
            case Operator.GREATER:
                self.parameters.append(end)
                return _inequality(column.sql, Operator.GREATER_OR_EQUAL, negated=negated)
            case _:
                raise self._bad_operator(column, condition)

    def _among(self, condition: Among, *, negated: bool) -> str:
        column = self._filtered(condition.path)
        if any(isinstance(value, DateLiteral) for value in condition.values):
            raise malformed("a date literal cannot stand in a list", self.query.text, condition.at)
        values = [
            comparable(column.field, value, self.query.text, condition.at) for value in condition.values
        ]
        known = [value for value in values if value is not None]
        self.parameters += known
        places = ", ".join("?" for _ in known)
        found = f"{column.sql} IN ({places})"
        if len(known) < len(values):
            found = f"({found} OR {column.sql} IS NULL)"
        inside = (condition.operator is Operator.IN) is not negated
        return found if inside else f"NOT COALESCE({found}, 0)"

    def _among_found(self, condition: AmongFound, *, negated: bool) -> str:
        column = self._filtered(condition.path)
        inner_kind = self._schema.object(condition.query.of)
        selected = condition.query.selected[0]
        if inner_kind is None or len(condition.query.selected) != 1 or not isinstance(selected, Path):
            raise malformed("a semi join selects one field of an object", self.query.text, condition.path.at)
        inner = Statement(condition.query, inner_kind, self._schema, prefix=f"{self._prefix}_")
        wanted = inner.column(selected).sql
        where = inner.where()
        self.parameters += inner.parameters
        found = (
            f"COALESCE({column.sql} IN (SELECT {wanted} {inner.source()} WHERE {where}"
            f' AND {inner.root}."IsDeleted" = 0 AND {wanted} IS NOT NULL), 0)'
        )
        return found if (condition.operator is Operator.IN) is not negated else f"NOT {found}"

    def _bad_operator(self, column: Column, condition: Compare) -> Exception:
        return wrong_query(
            "INVALID_FIELD",
            f"invalid operator on {column.field.type} field",
            self.query.text,
            condition.path.at,
        )

    def _unfilterable(self, column: Column, path: Path, done: str) -> Exception:
        message = f"field '{column.field.name}' can not be {done} in a query call"
        return wrong_query("INVALID_FIELD", message, self.query.text, path.at)


def _inequality(sql: str, operator: Operator, *, negated: bool) -> str:
    """Return a comparison that an empty field never passes; negated, one that it always passes."""
    return f"({sql} {_OPPOSITE[operator]} ? OR {sql} IS NULL)" if negated else f"{sql} {operator} ?"
