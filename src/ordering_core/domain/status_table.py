"""
Every combination of facts and the order status it gives, as a page for people (`docs/status.md`).

The page is computed from `status.status`. Texts that behave alike share a row and facts that make no
difference read *any*, so that some thousand combinations fit one table, each of them in exactly one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import Final

from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.guidance import label
from ordering_core.domain.order_status import GoAhead, OrderState, OrderStatus, StatusFacts
from ordering_core.domain.status import status
from ordering_core.domain.timeline import BUCKETS, timeline
from ordering_core.domain.vocabulary import ActivationStatusText, OrderStatusText, OrderType


ANY: Final = "any"

_OTHER: Final = "other text"
_STATUSES: Final[Mapping[str, str | None]] = MappingProxyType(
    {text.value: text.value for text in OrderStatusText}
    | {"Activated": "Activated", _OTHER: "something else", "empty": None}
)
_ACTIVATIONS: Final[Mapping[str, str | None]] = MappingProxyType(
    {"empty": None} | {text.value: text.value for text in ActivationStatusText} | {_OTHER: "something else"}
)
_GO_AHEADS: Final[Mapping[str, GoAhead | None]] = MappingProxyType(
    {"none": None, "Activating": GoAhead(), "Scheduled": GoAhead(undated=True)}
)
_NO_YES: Final = ("no", "yes")

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Status": tuple(_STATUSES),
        "Activation_Status__c": tuple(_ACTIVATIONS),
        "approval implied": _NO_YES,
        "ever approved": _NO_YES,
        "withdrawn by customer": _NO_YES,
        "open hold": _NO_YES,
        "foreign error": _NO_YES,
        "SIM card missing": _NO_YES,
        "go-ahead": tuple(_GO_AHEADS),
    }
)
"""The facts and their values, in the order in which the table takes them apart."""

_CODE: Final = HoldCode.CONFIGURATION
"""Stands for whichever code the open hold has."""


def facts_of(values: tuple[str, ...]) -> StatusFacts:
    """Return the facts that one value of each column means."""
    text, activation, implied, approved, withdrawn, hold, foreign, card_missing, go_ahead = values
    return StatusFacts(
        order_type=OrderType.SIM,
        status=_STATUSES[text],
        activation_status=_ACTIVATIONS[activation],
        physical_sim=card_missing == "yes",
        hold=_CODE if hold == "yes" else None,
        foreign_error=foreign == "yes",
        go_ahead=_GO_AHEADS[go_ahead],
        ever_approved=approved == "yes",
        approval_implied=implied == "yes",
        withdrawn_by_customer=withdrawn == "yes",
    )


def result_of(values: tuple[str, ...]) -> str:
    """Return the status of one combination as the table writes it."""
    found = status(facts_of(values))
    if found.hold is None:
        return found.state.value
    return f"OnHold({'code' if found.hold is _CODE else found.hold.value}, {found.beneath})"


def _rows(chosen: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the rows below the values *chosen* for the first columns, alike values in one."""
    if len(chosen) == len(COLUMNS):
        yield (result_of(chosen),)
        return
    here, *below = tuple(COLUMNS.values())[len(chosen) :]
    alike: dict[tuple[str, ...], list[str]] = {}
    for value in here:
        results = tuple(result_of((*chosen, value, *rest)) for rest in product(*below))
        alike.setdefault(results, []).append(value)
    for values in alike.values():
        cell = ANY if len(values) == len(here) else ", ".join(values)
        for row in _rows((*chosen, values[0])):
            yield (cell, *row)


def _markdown(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Write a table with columns as wide as their widest cell."""
    table = [header, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"
        for row in table
    )


def _shown(state: OrderState, *, for_customer: bool = False) -> tuple[str, ...]:
    """Return what the customer sees of *state*: name, list bucket, label and step per order type."""
    beneath = OrderState.APPROVED if state is OrderState.ON_HOLD else None
    shown = OrderStatus(state, beneath=beneath, for_customer=for_customer)
    labels = dict.fromkeys(label(order_type, shown) for order_type in OrderType)
    name = f"{state} for the customer" if for_customer else state.value
    return (
        name,
        BUCKETS[state].value,
        " / ".join(labels),
        *(_step(order_type, shown) for order_type in OrderType),
    )


def _step(order_type: OrderType, shown: OrderStatus) -> str:
    """Return the highlighted step, or where it comes from when the state alone does not say."""
    if shown.state is OrderState.ON_HOLD:
        return "the step it stopped in"
    if shown.state is OrderState.UNKNOWN:
        return "last known"
    line = timeline(order_type, shown)
    return "where it stopped" if line.stopped else "all done" if line.complete else line.step.value


def render_status_table() -> str:
    """Return the text of `docs/status.md`."""
    shown = [_shown(state) for state in OrderState]
    shown.insert(list(OrderState).index(OrderState.ON_HOLD), _shown(OrderState.ON_HOLD, for_customer=True))
    return f"""# Order status

This page is generated (`python tools/generate_docs.py`); a test holds it equal to the code.

An order has one status, computed from two fields of Salesforce and from our own history. Agents edit
both fields by hand, so every text has an answer.

## What the status is computed from

Each combination of values is in exactly one row.

- *any*: the fact makes no difference.
- *open hold*: our own; `code` is its code.
- *foreign error*: `Activation_Error_Code__c` holds a code that no run of ours wrote.
- *SIM card missing*: a physical SIM was ordered and `Assign_Physical_SIM__c` is empty.
- *go-ahead*: the standing word that the order may be activated. A hold empties `Activation_Status__c`
  and keeps the word, so the two may differ.

{_markdown((*COLUMNS, "order status"), _rows(()))}

## What the customer sees

A label with a slash is Internet's before it, the others' after it.

{_markdown(("state", "list", "label", *(f"{order_type} step" for order_type in OrderType)), iter(shown))}
"""
