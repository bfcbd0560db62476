"""
The business rules of an order, each a named function, and what they say of one (DESIGN 4, Rules).

Gather `RuleFacts`, then ask for a `verdict` (everything that is wrong, and why the rest is right) or
`validate` (the configuration, or `OrderRejected`).
"""

from ordering_core.domain.rules.book import rule_book, verdict, violations
from ordering_core.domain.rules.configure import validate
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import RuleEntry


__all__ = ["RuleEntry", "RuleFacts", "rule_book", "validate", "verdict", "violations"]
