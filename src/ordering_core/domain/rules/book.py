"""
The rule book: which rules hold for which service at which gate, and the one way to run them.

All violations are reported at once, in the order of the book. A rule that finds nothing is named too, so that
a verdict explains a valid order as well as an invalid one.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias, assert_never

from ordering_core.domain.drafts import Draft, InternetDraft, SimDraft, VpnDraft
from ordering_core.domain.rules import (
    account,
    activation,
    cart,
    internet,
    location,
    names,
    options,
    plan,
    porting,
    reservation,
    sim,
    submission,
    vpn,
)
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import Broken, Port, Rule, RuleEntry, Subject
from ordering_core.domain.violations import Gate, OrderRejected, Severity, Verdict, Violation


_ABOUT_ITEMS: Final = (*cart.RULES, *plan.RULES)
_ABOUT_WHO_AND_WHERE: Final = (*location.RULES, *account.RULES)

_INTERNET: Final[tuple[Rule[InternetDraft], ...]] = (
    *_ABOUT_ITEMS,
    *internet.RULES,
    *options.INTERNET_RULES,
    *_ABOUT_WHO_AND_WHERE,
    *location.INTERNET_RULES,
    *account.INTERNET_RULES,
    *submission.RULES,
)
_SIM: Final[tuple[Rule[SimDraft], ...]] = (
    *_ABOUT_ITEMS,
    *sim.RULES,
    *activation.RULES,
    *options.SIM_RULES,
    *_ABOUT_WHO_AND_WHERE,
    *account.OTHER_RULES,
    *submission.RULES,
)
_PORT: Final[tuple[Rule[Port], ...]] = (*porting.RULES, *names.RULES, *reservation.RULES)
_VPN: Final[tuple[Rule[VpnDraft], ...]] = (
    *_ABOUT_ITEMS,
    *vpn.RULES,
    *_ABOUT_WHO_AND_WHERE,
    *account.OTHER_RULES,
    *submission.RULES,
)


_Held: TypeAlias = tuple[Callable[[RuleFacts, Subject], Sequence[Broken] | None], str, Severity, RuleEntry]
"""A rule as it holds at one gate, laid out flat: check, sentence, severity there, and entry."""


def _by_gate(rules: tuple[Rule[Subject], ...]) -> Mapping[Gate, tuple[_Held[Subject], ...]]:
    """Return the rules that hold at each gate, with how severe a violation is there."""
    return MappingProxyType(
        {
            gate: tuple(
                (rule.check, rule.entry.sentence, rule.entry.gates[gate], rule.entry)
                for rule in rules
                if gate in rule.entry.gates
            )
            for gate in Gate
        }
    )


_INTERNET_AT: Final = _by_gate(_INTERNET)
_SIM_AT: Final = _by_gate(_SIM)
_PORT_AT: Final = _by_gate(_PORT)
_VPN_AT: Final = _by_gate(_VPN)


def rule_book() -> tuple[RuleEntry, ...]:
    """Return every rule once: those for every order first, then those for one service."""
    entries = (*_entries(_INTERNET), *_entries(_SIM), *_entries(_PORT), *_entries(_VPN))
    known = {entry.name: entry for entry in entries}
    return tuple(sorted(known.values(), key=lambda entry: -len(entry.order_types)))


def _entries(rules: Iterable[Rule[Subject]]) -> tuple[RuleEntry, ...]:
    """Return the entries of *rules*."""
    return tuple(rule.entry for rule in rules)


def verdict(facts: RuleFacts) -> Verdict:
    """Return every violation, and the sentence of every rule that looked and found nothing."""
    found, satisfied = _judged(facts, None)
    return Verdict(
        gate=facts.gate,
        at=facts.at,
        violations=tuple(found),
        satisfied=tuple(satisfied),
        skus=facts.draft.skus,
    )


def violations(facts: RuleFacts, only: Container[str] | None = None) -> tuple[Violation, ...]:
    """Return everything that is wrong, all at once, in the order of the book; by the rules named *only*."""
    return tuple(_judged(facts, only)[0])


def require_valid(facts: RuleFacts) -> Verdict:
    """
    Return the verdict of an order that nothing stops.

    Raises:
        OrderRejected: With every error; warnings stop nothing.

    """
    result = verdict(facts)
    if not result.passed:
        raise OrderRejected(result.errors)
    return result


def _judged(facts: RuleFacts, only: Container[str] | None) -> tuple[list[Violation], list[str]]:
    """Return what the rules named *only* find wrong, or all, and the sentences of those that find nothing."""
    found: list[Violation] = []
    satisfied: list[str] = []
    draft: Draft = facts.draft
    match draft:
        case InternetDraft():
            _run(_chosen(_INTERNET_AT[facts.gate], only), facts, draft, found, satisfied)
        case SimDraft():
            _run(_chosen(_SIM_AT[facts.gate], only), facts, draft, found, satisfied)
            if draft.porting is not None:
                port = Port(draft, draft.porting)
                _run(_chosen(_PORT_AT[facts.gate], only), facts, port, found, satisfied)
        case VpnDraft():
            _run(_chosen(_VPN_AT[facts.gate], only), facts, draft, found, satisfied)
        case _:
            assert_never(draft)
    return found, satisfied


def _chosen(rules: Iterable[_Held[Subject]], only: Container[str] | None) -> Iterable[_Held[Subject]]:
    """Return those of *rules* that are named *only*; all, when that is None."""
    return rules if only is None else [held for held in rules if held[3].name in only]


def _run(
    rules: Iterable[_Held[Subject]],
    facts: RuleFacts,
    subject: Subject,
    found: list[Violation],
    satisfied: list[str],
) -> None:
    """Let each rule look at *subject*; add to *found*, to *satisfied*, or to neither if it saw nothing."""
    for check, sentence, severity, entry in rules:
        broken = check(facts, subject)
        if broken:
            found += [one.as_violation(entry, severity) for one in broken]
        elif broken is not None:
            satisfied.append(sentence)
