"""
How a rule speaks: what is violated, where, why, and what would make it valid.

Codes are public and stable; messages are for people and may improve (DESIGN 4, Rules).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import attrs

from ordering_core.domain.identifiers import Sku
from ordering_core.domain.representation import shown
from ordering_core.errors import RequestError


class Gate(StrEnum):
    """The moments at which rules run."""

    CONFIGURE = "configure"
    SUBMIT = "submit"
    APPROVE = "approve"
    PROVISION = "provision"


class Severity(StrEnum):
    """Whether a violation stops the order or is only pointed out."""

    ERROR = "error"
    WARNING = "warning"


Fact = str | int | bool
"""What a violation may state beside its code; never personal data."""


# without slots: a bad order makes a dozen of these, and setting frozen fields is twice as fast
@attrs.frozen(kw_only=True, slots=False)
class Violation:
    """
    One rule that an order does not satisfy.

    *pointer* is a JSON pointer into the draft as the API spells it (``/eid``, ``/porting/phone_number``,
    ``/skus/2``). *facts* are the numbers and names behind the message. *remedy* says what would make the
    order valid.
    """

    code: str
    rule: str
    pointer: str
    message: str
    message_ja: str
    remedy: str
    severity: Severity = Severity.ERROR
    facts: Mapping[str, Fact] = attrs.field(factory=dict[str, Fact])

    __repr__ = shown


@attrs.frozen(kw_only=True)
class Verdict:
    """
    What the rule book says of one draft at one gate and instant.

    *satisfied* names the rules that looked and found nothing, with the sentence that says why: a verdict
    explains a valid order as well as an invalid one. Kept with the order at submit and approve.
    """

    gate: Gate
    at: datetime
    violations: tuple[Violation, ...]
    satisfied: tuple[str, ...]
    skus: tuple[Sku, ...] = ()

    __repr__ = shown

    @property
    def errors(self) -> tuple[Violation, ...]:
        """The violations that stop the order."""
        return tuple(v for v in self.violations if v.severity is Severity.ERROR)

    @property
    def passed(self) -> bool:
        """Whether nothing stops the order."""
        return not self.errors


class OrderRejected(RequestError):
    """Rules are violated; *violations* holds every one of them, not only the first."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        """Keep *violations* in the order of the rule book."""
        super().__init__(tuple(violations))
        self.violations: tuple[Violation, ...] = tuple(violations)

    def __str__(self) -> str:
        """Name the codes; the violations themselves carry message, pointer and remedy."""
        return "rules violated: " + ", ".join(violation.code for violation in self.violations)
