"""The rule book as a page to read: `docs/rules.md`, and what ``ordering rules`` prints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ordering_core.domain.rules.book import rule_book
from ordering_core.domain.rules.rule import RuleEntry
from ordering_core.domain.violations import Gate, Severity
from ordering_core.domain.vocabulary import OrderType


_PREFACE: Final = """\
# The rule book

This page is generated (`python tools/generate_docs.py`); a test holds it equal to the code.

Every rule that an order is held against, with every code that a rule can answer.
Rules run at four gates: *configure* (the wizard), *submit* (the checkout), *approve* (the agent's decision)
and *provision* (before anything is billed or opened). All violations are reported at once. An **error** stops
the order at that gate, a *warning* is only pointed out. A hold or a cancellation is never refused by a rule.

Codes and pointers are stable; sentences and messages may improve. Words in {braces} are filled in.
"""


def render_rule_book() -> str:
    """Return the rule book as Markdown, ending in one line end."""
    parts = [_PREFACE, "## Which rules run where", "", *_overview(rule_book()), ""]
    for entry in rule_book():
        parts += _section(entry)
    return "\n".join(parts)


def _overview(entries: Iterable[RuleEntry]) -> Iterable[str]:
    """Yield a table of the rules by gate."""
    yield "| rule | for | " + " | ".join(gate.value for gate in Gate) + " |"
    yield "|---" * (2 + len(Gate)) + "|"
    for entry in entries:
        gates = (entry.gates.get(gate) for gate in Gate)
        marks = " | ".join(_MARKS[severity] if severity else " " for severity in gates)
        yield f"| [{entry.sentence}](#{entry.name}) | {_types(entry)} | {marks} |"


_MARKS: Final = {Severity.ERROR: "**error**", Severity.WARNING: "*warning*"}


def _section(entry: RuleEntry) -> Iterable[str]:
    """Yield what one rule enforces, and all it can say."""
    yield f'## <a id="{entry.name}"></a>{entry.sentence}'
    yield ""
    yield f"`{entry.name}` · {_types(entry)} · {entry.source}"
    yield ""
    yield "| code | message | メッセージ | remedy |"
    yield "|---|---|---|---|"
    for code, words in entry.words.items():
        yield f"| `{code}` | {words.en} | {words.ja} | {words.remedy} |"
    yield ""


def _types(entry: RuleEntry) -> str:
    """Name the order types that the rule is for."""
    if entry.order_types == frozenset(OrderType):
        return "every order"
    return ", ".join(order_type.value for order_type in OrderType if order_type in entry.order_types)
