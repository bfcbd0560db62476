"""What the commands show a person: verdicts, prices, products and rules as tables."""

from __future__ import annotations

from collections.abc import Iterable

from ordering_core.domain.catalogue import Product
from ordering_core.domain.quote import Amount, Quote
from ordering_core.domain.rules import RuleEntry
from ordering_core.domain.violations import Gate, Severity, Verdict, Violation
from ordering_core.domain.vocabulary import OrderType
from ordering_entrypoints.terminal import Terminal
from ordering_entrypoints.wire import FieldError


def show_violations(terminal: Terminal, violations: Iterable[Violation]) -> None:
    """Show what is wrong, where, why, and what would make it right."""
    terminal.table(
        ("where", "code", "severity", "what is wrong", "way out"),
        [
            (found.pointer or "/", found.code, found.severity, found.message, found.remedy)
            for found in violations
        ],
    )


def show_field_errors(terminal: Terminal, errors: Iterable[FieldError]) -> None:
    """Show what keeps a text from being a draft."""
    terminal.table(
        ("where", "code", "what is wrong", "way out"),
        [(error.pointer or "/", error.code, error.message, error.remedy) for error in errors],
    )


def show_verdict(terminal: Terminal, name: str, verdict: Verdict) -> None:
    """Show the verdict on the draft called *name*: all that is wrong, and how many rules were satisfied."""
    errors = len(verdict.errors)
    warnings = len(verdict.violations) - errors
    found = [_count(errors, "error")] if errors else ["valid"]
    if warnings:
        found.append(_count(warnings, "warning"))
    satisfied = _count(len(verdict.satisfied), "rule")
    terminal.say(f"{name}: {', '.join(found)} at the gate {verdict.gate}; {satisfied} satisfied")
    if verdict.violations:
        show_violations(terminal, verdict.violations)


def show_quote(terminal: Terminal, quote: Quote) -> None:
    """Show the lines of a quote without tax, and the three estimates with it."""
    terminal.table(
        ("item", "SKU", "billed", "net"),
        [(line.name, line.sku, _billed(line), yen(line)) for line in quote.lines],
        numbers=("net",),
    )
    terminal.say()
    terminal.table(
        ("estimate", "net", "tax", "with tax"),
        [
            _amount("monthly", quote.monthly),
            _amount("one-time", quote.one_time),
            _amount("first bill", quote.first_bill),
        ],
        numbers=("net", "tax", "with tax"),
    )


def show_products(terminal: Terminal, products: Iterable[Product]) -> None:
    """Show what is for sale."""
    terminal.table(
        ("SKU", "name", "service", "class", "billed", "net", "comes with"),
        [
            (
                product.sku,
                product.name,
                product.order_type,
                product.item_class,
                _billed(product),
                yen(product),
                ", ".join(sorted(product.bundles)),
            )
            for product in products
        ],
        numbers=("net",),
    )


def show_rules(terminal: Terminal, rules: Iterable[RuleEntry]) -> None:
    """Show the rule book in short: where each rule holds; an E stops the order, a W only points out."""
    terminal.table(
        ("rule", "for", *(gate.value for gate in Gate), "codes"),
        [
            (
                rule.sentence,
                ", ".join(kind.value for kind in OrderType if kind in rule.order_types),
                *(_mark(rule, gate) for gate in Gate),
                ", ".join(rule.codes),
            )
            for rule in rules
        ],
    )


def yen(product: Product) -> str:
    """Return the net price of *product* as people write it."""
    return f"¥{product.price:,}"


def _mark(rule: RuleEntry, gate: Gate) -> str:
    severity = rule.gates.get(gate)
    return "" if severity is None else "E" if severity is Severity.ERROR else "W"


def _billed(product: Product) -> str:
    return f"{product.instalments} payments" if product.instalments else product.cycle.value


def _amount(name: str, amount: Amount) -> tuple[str, str, str, str]:
    return name, f"¥{amount.net:,}", f"¥{amount.tax:,}", f"¥{amount.gross:,}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
