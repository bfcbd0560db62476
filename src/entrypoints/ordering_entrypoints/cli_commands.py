"""The commands that ask the library one question and show the answer, to a person or to another program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import attrs

from ordering_core.application.ordering import Ordering
from ordering_core.domain.rules import rule_book
from ordering_core.domain.rules.document import render_rule_book
from ordering_core.domain.violations import Gate, OrderRejected, Violation
from ordering_core.domain.vocabulary import OrderType
from ordering_entrypoints.cli_gates import GOOD_STANDING, StoppedClock, check_at
from ordering_entrypoints.cli_input import name_of, read_draft
from ordering_entrypoints.cli_render import (
    show_products,
    show_quote,
    show_rules,
    show_verdict,
    show_violations,
)
from ordering_entrypoints.cli_views import ErrorsView, RuleBookView, RuleView
from ordering_entrypoints.terminal import Terminal
from ordering_entrypoints.wire import CatalogueView, CheckView, QuoteView, ViolationView, to_json


OK: Final = 0
INVALID: Final = 1


def rules(terminal: Terminal, *, as_json: bool, as_markdown: bool) -> int:
    """Print the rule book."""
    if as_markdown:
        terminal.say(render_rule_book().rstrip("\n"))
    elif as_json:
        terminal.say(to_json(RuleBookView(rules=tuple(map(RuleView.of, rule_book())))))
    else:
        show_rules(terminal, rule_book())
        terminal.say(
            "\nE stops an order at that gate, W is only pointed out. More: ordering rules --markdown"
        )
    return OK


def catalogue(terminal: Terminal, ordering: Ordering, order_type: OrderType | None, *, as_json: bool) -> int:
    """List what is for sale."""
    products = ordering.catalogue_for(order_type)
    if as_json:
        terminal.say(to_json(CatalogueView.of(products)))
        return OK
    types: Sequence[OrderType] = [order_type] if order_type else list(OrderType)
    show_products(terminal, [product for each in types for product in products.of_type(each)])
    terminal.say(f"\nYen without tax; version {products.version}.")
    return OK


def validate(terminal: Terminal, ordering: Ordering, file: str, gate: Gate, *, as_json: bool) -> int:
    """Say everything that is wrong with the draft in *file*. Raises Unreadable."""
    checked = check_at(gate, read_draft(file), ordering)
    if as_json:
        terminal.say(to_json(CheckView.of(checked)))
    else:
        show_verdict(terminal, name_of(file), checked.verdict)
        if gate is not Gate.CONFIGURE:
            terminal.say(GOOD_STANDING)
    return OK if checked.verdict.passed else INVALID


def price(terminal: Terminal, ordering: Ordering, file: str, *, as_json: bool) -> int:
    """Say what the draft in *file* costs. Raises Unreadable."""
    draft = read_draft(file)
    try:
        quote = ordering.price(draft)
    except OrderRejected as error:
        _refuse(terminal, file, error.violations, as_json=as_json)
        return INVALID
    if as_json:
        terminal.say(to_json(QuoteView.of(quote)))
    else:
        show_quote(terminal, quote)
    return OK


def at_instant(ordering: Ordering, at: datetime | None) -> Ordering:
    """Return *ordering* as it is at *at*, or on its own clock when that is None."""
    return ordering if at is None else attrs.evolve(ordering, clock=StoppedClock(at))


def _refuse(terminal: Terminal, file: str, violations: Iterable[Violation], *, as_json: bool) -> None:
    if as_json:
        terminal.say(to_json(ErrorsView(errors=tuple(map(ViolationView.of, violations)))))
        return
    terminal.say(f"{name_of(file)}: it has no price as it is")
    show_violations(terminal, violations)
