"""What some objects do not let queries do, and how much a query may ask at once (reference 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ordering_sandbox.salesforce.schema import ObjectType
from ordering_sandbox.salesforce.soql.refusals import malformed
from ordering_sandbox.salesforce.soql.syntax import (
    Among,
    AmongFound,
    Both,
    Compare,
    Condition,
    Operator,
    Query,
)


_MOST_SUBQUERIES: Final = 20
_LINK_FIELDS: Final = frozenset({"contentdocumentid", "linkedentityid"})


def check_restrictions(query: Query, kind: ObjectType) -> None:
    """
    Refuse what *kind* does not answer.

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
