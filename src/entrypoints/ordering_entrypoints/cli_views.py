"""What the command line answers in JSON beside the shapes that it shares with the HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self

import attrs

from ordering_core.application.story import OrderStory
from ordering_core.domain.rules import RuleEntry
from ordering_core.domain.vocabulary import OrderType
from ordering_entrypoints.rests import told
from ordering_entrypoints.wire import FieldError, QuoteView, ViolationView


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


@attrs.frozen(kw_only=True)
class MomentView:
    """One thing that happened to an order."""

    at: datetime
    kind: str
    what: str
    who: str
    why: str


@attrs.frozen(kw_only=True)
class StoryLineView:
    """One line of an order; *service* is the WHMCS service it became."""

    sku: str
    name: str
    price: int
    quantity: int
    service: int | None


@attrs.frozen(kw_only=True)
class StoryView:
    """The whole story of an order, personal data hidden; *rest* says why nothing is done at this moment."""

    order: str
    state: str
    hold: str | None
    as_of: datetime
    fields: Mapping[str, str]
    lines: tuple[StoryLineView, ...]
    quote: QuoteView | None
    moments: tuple[MomentView, ...]
    rest: tuple[str, ...]

    @classmethod
    def of(cls, story: OrderStory) -> Self:
        """Show *story*."""
        return cls(
            order=story.order,
            state=story.status.state,
            hold=story.status.hold,
            as_of=story.as_of,
            fields=story.fields,
            lines=tuple(
                StoryLineView(
                    sku=line.sku,
                    name=line.name,
                    price=int(line.unit_price.to_integral_value()),
                    quantity=line.quantity,
                    service=line.service,
                )
                for line in story.lines
            ),
            quote=QuoteView.of(story.quote) if story.quote else None,
            moments=tuple(
                MomentView(at=moment.at, kind=moment.kind, what=moment.what, who=moment.who, why=moment.why)
                for moment in story.moments
            ),
            rest=tuple(told(story.rest)),
        )
