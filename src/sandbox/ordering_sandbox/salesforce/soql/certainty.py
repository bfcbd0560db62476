"""
Which fields every found row has a value in.

The parents on the way to them are there, so that SQLite may begin with them where they are few.
"""

from __future__ import annotations

from collections.abc import Iterator

from ordering_sandbox.salesforce.soql.syntax import Among, Both, Compare, Condition, Operator, Path


def paths_with_values(condition: Condition) -> Iterator[Path]:
    """Yield the fields that cannot be empty in a row that passes *condition*."""
    match condition:
        case Both():
            for part in condition.parts:
                yield from paths_with_values(part)
        case Compare() if condition.operator is not Operator.UNEQUAL and condition.value is not None:
            yield condition.path
        case Among() if condition.operator is Operator.IN and None not in condition.values:
            yield condition.path
        case _:
            pass
