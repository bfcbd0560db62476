"""What a validation knows before it begins, and what it found: the context that the pydantic models carry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from ordering_core.domain.calendar import business_date
from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules import rule_book
from ordering_core.domain.rules.rule import NO_FACTS, RuleEntry
from ordering_core.domain.violations import Fact, Violation


_ENTRIES: Final[Mapping[str, RuleEntry]] = MappingProxyType(
    {code: entry for entry in rule_book() for code in entry.words}
)


class Findings:
    """The facts that the validators look at, and the list that they write into."""

    def __init__(
        self, *, products: Mapping[Sku, Product], prices: Mapping[Sku, Decimal], at: datetime, policy: Policy
    ) -> None:
        """Begin with an empty list."""
        self.products = products
        self.prices = prices
        self.policy = policy
        self.today = business_date(at)
        self.violations: list[Violation] = []

    def add(self, code: str, pointer: str, facts: Mapping[str, Fact] = NO_FACTS) -> None:
        """Write down a violation in the words of the rule book."""
        entry = _ENTRIES[code]
        message, message_ja, remedy = entry.words[code]
        if facts:
            message, message_ja = message.format_map(facts), message_ja.format_map(facts)
            remedy = remedy.format_map(facts)
        self.violations.append(
            Violation(
                code=code,
                rule=entry.name,
                pointer=pointer,
                message=message,
                message_ja=message_ja,
                remedy=remedy,
                facts=facts,
            )
        )
