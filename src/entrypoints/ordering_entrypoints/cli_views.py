"""What the command line answers in JSON beside the shapes that it shares with the HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import attrs

from ordering_core.domain.rules import RuleEntry
from ordering_core.domain.vocabulary import OrderType
from ordering_entrypoints.wire import FieldError, ViolationView


@attrs.frozen(kw_only=True)
class WordsView:
    """What a code tells people; words in {braces} are filled in."""

    message: str
    message_ja: str
    remedy: str


@attrs.frozen(kw_only=True)
class RuleView:
    """One rule. *gates* says how severe a violation is at each gate that the rule holds at."""

    name: str
    sentence: str
    types: tuple[str, ...]
    gates: Mapping[str, str]
    codes: Mapping[str, WordsView]
    source: str

    @classmethod
    def of(cls, rule: RuleEntry) -> Self:
        """Show *rule*."""
        return cls(
            name=rule.name,
            sentence=rule.sentence,
            types=tuple(order_type.value for order_type in OrderType if order_type in rule.order_types),
            gates={gate.value: severity.value for gate, severity in rule.gates.items()},
            codes={
                code: WordsView(message=words.en, message_ja=words.ja, remedy=words.remedy)
                for code, words in rule.words.items()
            },
            source=rule.source,
        )


@attrs.frozen(kw_only=True)
class RuleBookView:
    """Every rule, those about items first."""

    rules: tuple[RuleView, ...]


@attrs.frozen(kw_only=True)
class ErrorsView:
    """What is wrong with an input, spelt as in the ``errors`` of a problem of the HTTP API."""

    errors: tuple[ViolationView, ...] | tuple[FieldError, ...]
