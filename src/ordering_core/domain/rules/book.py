"""
The rule book: which rules hold for which service at which gate, and the one way to run them.

All violations are reported at once, in the order of the book. A rule that finds nothing is named too, so that
a verdict explains a valid order as well as an invalid one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    found: list[Violation] = []
    satisfied: list[str] = []
    draft: Draft = facts.draft
    match draft:
        case InternetDraft():
            _run(_INTERNET_AT[facts.gate], facts, draft, found, satisfied)
        case SimDraft():
            _run(_SIM_AT[facts.gate], facts, draft, found, satisfied)
            if draft.porting is not None:
                _run(_PORT_AT[facts.gate], facts, Port(draft, draft.porting), found, satisfied)
        case VpnDraft():
            _run(_VPN_AT[facts.gate], facts, draft, found, satisfied)
        case _:
            assert_never(draft)
    return Verdict(
        gate=facts.gate,
        at=facts.at,
        violations=tuple(found),
        satisfied=tuple(satisfied),
        skus=draft.skus,
    )


def violations(facts: RuleFacts) -> tuple[Violation, ...]:
    """Return everything that is wrong, all at once, in the order of the book."""
    return verdict(facts).violations


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
