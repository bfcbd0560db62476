"""Why an order rests, told to a person: the rest itself, and for a hold what its runbook says."""

from __future__ import annotations

from collections.abc import Iterator

from ordering_core.domain.journal import Done, Held, Rest, RetryAt, WaitFor, WaitUntil
from ordering_core.domain.runbooks import RUNBOOKS


def told(rest: Rest | None) -> Iterator[str]:
    """Yield the lines that say why a run stopped, and what can be done about it."""
    yield _sentence(rest)
    if isinstance(rest, Held):
        runbook = RUNBOOKS[rest.code]
        yield f"{runbook.title}. {runbook.meaning}"
        for step in runbook.steps:
            yield f"- {step}"
        yield f"Clears by: {runbook.clears}"


def _sentence(rest: Rest | None) -> str:
    match rest:
        case None:
            return "nothing was ever done for the order"
        case Done():
            return "the order is done"
        case RetryAt():
            return f"the order is tried again at {rest.at:%d %b %H:%M} UTC: {rest.reason}"
        case WaitUntil():
            return f"the order waits until {rest.at:%d %b %H:%M} UTC"
        case WaitFor():
            return f"the order waits for {rest.fact.replace('_', ' ')}"
        case Held():
            return f"the order is held: {rest.code}, {rest.message} (owner: {rest.owner})"
