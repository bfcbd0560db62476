"""The runbooks as a page to read: `docs/runbooks.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ordering_core.domain.fallout import FindingCode, HoldCode, Owner, Runbook
from ordering_core.domain.finding_runbooks import FINDING_RUNBOOKS
from ordering_core.domain.hold_runbooks import HOLD_RUNBOOKS
from ordering_core.domain.runbooks import RUNBOOKS


_PREFACE: Final = """\
# Runbooks

This page is generated (`python tools/generate_docs.py`); a test holds it equal to the code.

What to do when an order needs somebody. A **hold** stops one order until its cause is gone; its code stands
in the order's `Activation_Error_Code__c`. A **finding** says that two systems disagree, and stops nothing by
itself. Codes in bold are urgent.
"""


def render_runbooks() -> str:
    """Return the page, ending in one line end."""
    parts = [_PREFACE, *_overview(), "## Holds", ""]
    parts += _sections(HOLD_RUNBOOKS)
    parts += ["## Findings", ""]
    parts += _sections(FINDING_RUNBOOKS)
    return "\n".join(parts)


def _overview() -> Iterator[str]:
    """Yield a table of who has to act on what."""
    yield "| who acts | on |"
    yield "|---|---|"
    for owner in Owner:
        codes = (_linked(code, book) for code, book in RUNBOOKS.items() if book.owner is owner)
        yield f"| {owner} | {', '.join(codes)} |"
    yield ""


def _linked(code: str, book: Runbook) -> str:
    """Return a link to the section of *code*."""
    link = f"[{code}](#{code})"
    return f"**{link}**" if book.urgent else link


def _sections(books: Mapping[HoldCode, Runbook] | Mapping[FindingCode, Runbook]) -> Iterator[str]:
    """Yield what to do about each code."""
    for code, book in books.items():
        yield f'### <a id="{code}"></a>{code}: {book.title}'
        yield ""
        yield f"{book.meaning} Owner: {book.owner}{', urgent' if book.urgent else ''}."
        yield ""
        yield from (f"{place}. {step}" for place, step in enumerate(book.steps, 1))
        yield ""
        yield f"Clears by: {book.clears}{', and then goes on by itself' if book.clears_itself else ''}."
        yield ""
        if book.for_customer:
            yield f"The customer reads: *{book.for_customer}*"
            yield ""
