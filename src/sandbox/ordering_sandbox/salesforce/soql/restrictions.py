"""What some objects do not let queries do, and how much a query may ask at once (reference 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ordering_sandbox.salesforce.schema import FieldType, ObjectType, Schema
from ordering_sandbox.salesforce.soql.refusals import malformed
from ordering_sandbox.salesforce.soql.syntax import (
    Among,
    AmongFound,
    Both,
    Compare,
    Condition,
    Count,
    Either,
    Negation,
    Operator,
    Path,
    Query,
)


_MOST_SUBQUERIES: Final = 20
_MOST_SEMI_JOINS: Final = 2
_KEYS: Final = frozenset({FieldType.ID, FieldType.REFERENCE})
_LINK_FIELDS: Final = frozenset({"contentdocumentid", "linkedentityid"})


def check_restrictions(query: Query, kind: ObjectType, schema: Schema) -> None:
    """
    Refuse what *kind* does not answer, and semi joins that Salesforce does not make.

    Raises:
        Refusal: MALFORMED_QUERY.

    """
    if sum(isinstance(part, Query) for part in query.selected) > _MOST_SUBQUERIES:
        message = f"Maximum 20 subqueries are allowed; there are more than {_MOST_SUBQUERIES}"
        raise malformed(message, query.text, 0)
    if kind.name == "ContentDocumentLink" and not any(_names_link(part) for part in _required(query.where)):
        raise malformed(
            "Implementation restriction: ContentDocumentLink requires a filter by a single Id on"
            " ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the"
            " IN operator.",
            query.text,
            query.of_at,
        )
    _check_semi_joins(query, kind, schema)


def _check_semi_joins(query: Query, kind: ObjectType, schema: Schema) -> None:
    """Refuse queries within IN and NOT IN that stand elsewhere, are too many, or compare no ids."""
    joins = list(_semi_joins(query.where))
    if len(joins) > _MOST_SEMI_JOINS:
        raise malformed("maximum 2 semi join sub-selects are allowed", query.text, joins[-1].path.at)
    free = [part for part in _required(query.where) if isinstance(part, AmongFound)]
    for join in joins:
        inner = join.query
        at = join.path.at
        if join not in free:
            raise malformed(
                "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested"
                " WHERE expressions.",
                query.text,
                at,
            )
        if inner.order_by or inner.limit is not None or inner.offset:
            raise malformed("ORDER BY and LIMIT are not allowed in semi join sub-selects", query.text, at)
        if any(_semi_joins(inner.where)):
            raise malformed("Nesting of semi join sub-selects is not supported", query.text, at)
        inner_kind = schema.object(inner.of)
        if inner_kind is kind:
            raise malformed(
                "The inner and outer selects should not be on the same object type", query.text, at
            )
        if not _is_key(join.path, kind) or not _is_key(inner.selected[0], inner_kind):
            raise malformed("Semi join sub-selects can only compare fields that hold an ID", query.text, at)


def _is_key(selected: Path | Query | Count, kind: ObjectType | None) -> bool:
    """Whether *selected* holds an id; a field that is not there is another refusal's to tell."""
    if not isinstance(selected, Path) or kind is None or len(selected.names) != 1:
        return False
    field = kind.field(selected.names[0])
    return field is None or field.type in _KEYS


def _semi_joins(condition: Condition | None) -> Iterator[AmongFound]:
    """Yield every semi join in *condition*, wherever it stands."""
    match condition:
        case AmongFound():
            yield condition
        case Both() | Either():
            for part in condition.parts:
                yield from _semi_joins(part)
        case Negation():
            yield from _semi_joins(condition.part)
        case _:
            return


def _required(condition: Condition | None) -> Iterator[Condition]:
    """Yield the parts of *condition* that hold of everything it finds."""
    if isinstance(condition, Both):
        for part in condition.parts:
            yield from _required(part)
    elif condition is not None:
        yield condition


def _names_link(condition: Condition) -> bool:
    match condition:
        case (
            Compare(operator=Operator.EQUAL) | Among(operator=Operator.IN) | AmongFound(operator=Operator.IN)
        ):
            return str(condition.path).casefold() in _LINK_FIELDS
        case _:
            return False
