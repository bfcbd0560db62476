"""
What a rule is: a function whose name is the sentence it enforces, and the entry it has in the rule book.

A rule says what is wrong with a code and a place; the words for people stand beside it in its entry, so that
the printed rule book and the answers to customers cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, TypeVar

import attrs

from ordering_core.domain.drafts import Draft, PortingDraft, SimDraft
from ordering_core.domain.representation import shown
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.violations import Fact, Gate, Severity, Violation
from ordering_core.domain.vocabulary import OrderType


class Words(NamedTuple):
    """What to tell people about one code, in English and Japanese; ``{names}`` are filled from the facts."""

    en: str
    ja: str
    remedy: str


_ERROR: Final = Severity.ERROR
_WARNING: Final = Severity.WARNING

NO_FACTS: Final[Mapping[str, Fact]] = MappingProxyType({})


@attrs.frozen(kw_only=True, eq=False)
class RuleEntry:
    """
    A rule as the rule book prints it.

    *gates* says how severe a violation is at each gate the rule runs at. *words* holds every code that the
    rule can give. *source* is the paragraph of the seed or the design that asks for it.
    """

    name: str
    sentence: str
    gates: Mapping[Gate, Severity]
    order_types: frozenset[OrderType]
    words: Mapping[str, Words]
    source: str

    __repr__ = shown

    @property
    def codes(self) -> tuple[str, ...]:
        """The stable public codes that the rule can give."""
        return tuple(self.words)


class Broken(NamedTuple):
    """
    One thing that a rule found wrong: a *code* of its entry, a JSON pointer, and the facts behind it.

    *remedy* replaces that of the entry when the rule knows a better way out. *warning* makes it less severe
    than the entry says, where a setting asks for that.
    """

    code: str
    pointer: str
    facts: Mapping[str, Fact] = NO_FACTS
    remedy: str | None = None
    warning: bool = False

    def as_violation(self, entry: RuleEntry, severity: Severity) -> Violation:
        """Return it in the words of *entry*, as severe as that is at the gate."""
        code, pointer, facts, remedy, warning = self
        message, message_ja, way_out = entry.words[code]
        if facts:
            message, message_ja = message.format_map(facts), message_ja.format_map(facts)
            way_out = way_out.format_map(facts)
        return Violation(
            code=code,
            rule=entry.name,
            pointer=pointer,
            message=message,
            message_ja=message_ja,
            remedy=remedy or way_out,
            severity=_WARNING if warning else severity,
            facts=facts,
        )


def named(field: str, names: Mapping[str, tuple[str, str]]) -> Mapping[str, Fact]:
    """Return the facts that name *field*: to programs, and to people by *names*, English and Japanese."""
    name, name_ja = names[field]
    return {"field": field, "name": name, "name_ja": name_ja}


def unreadable(error: InvalidValue, pointer: str) -> Broken:
    """Return what a value said about the text that it could not be read from."""
    return Broken(error.code, pointer, error.facts)


class Port(NamedTuple):
    """A number to bring along: what the donor carrier asks for, and the SIM it moves to."""

    sim: SimDraft
    application: PortingDraft


Subject = TypeVar("Subject", bound=Draft | Port)
Subject_contra = TypeVar("Subject_contra", bound=Draft | Port, contravariant=True)


@attrs.frozen(kw_only=True, eq=False)
class Rule(Generic[Subject_contra]):
    """A rule about one kind of subject: *check* returns what is wrong, None when it saw nothing to judge."""

    entry: RuleEntry
    check: Callable[[RuleFacts, Subject_contra], Sequence[Broken] | None]

    __repr__ = shown


def rule(
    check: Callable[[RuleFacts, Subject], Sequence[Broken] | None],
    sentence: str,
    *,
    order_types: frozenset[OrderType],
    gates: Mapping[Gate, Severity],
    source: str,
    words: Mapping[str, Words],
) -> Rule[Subject]:
    """Enter *check* into the rule book under its own name."""
    entry = RuleEntry(
        name=check.__name__,
        sentence=sentence,
        gates=gates,
        order_types=order_types,
        words=words,
        source=source,
    )
    return Rule(entry=entry, check=check)


EVERY_TYPE: Final = frozenset(OrderType)
INTERNET: Final = frozenset({OrderType.INTERNET})
SIM: Final = frozenset({OrderType.SIM})
VPN: Final = frozenset({OrderType.VPN})

CONFIGURE_AND_SUBMIT: Final[Mapping[Gate, Severity]] = MappingProxyType(
    {Gate.CONFIGURE: _ERROR, Gate.SUBMIT: _ERROR}
)
EVERY_GATE: Final[Mapping[Gate, Severity]] = MappingProxyType(dict.fromkeys(Gate, _ERROR))
FROM_SUBMIT: Final[Mapping[Gate, Severity]] = MappingProxyType(
    {Gate.SUBMIT: _ERROR, Gate.APPROVE: _ERROR, Gate.PROVISION: _ERROR}
)
SUBMIT_ONLY: Final[Mapping[Gate, Severity]] = MappingProxyType({Gate.SUBMIT: _ERROR})
