"""What two systems disagree about once a run rests: which findings about the order are open (DESIGN 1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.journal import Evidence, Held, Outcome, Rest, Step
from ordering_core.domain.lines import LineState
from ordering_core.domain.provisioning.beginning import shipment_missed_at
from ordering_core.domain.provisioning.finishing import LINKS
from ordering_core.domain.provisioning.flight import last
from ordering_core.domain.provisioning.holds import undone_answer
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.vocabulary import OrderStatusText


URGENT: Final = frozenset({FindingCode.LINE_ACTIVE_ORDER_CANCELLED})
"""The findings that cannot wait."""

_SERVICE_ID_DIFFERS: Final = "SERVICE_ID_DIFFERS"


def disagreements(run: Run, rest: Rest) -> Mapping[FindingCode, Evidence | None]:
    """
    Return which findings *run* has learned about: what each is about where it is true, None where it is not.

    What this run could not see stays as it is.
    """
    links = last(run, Step.COMPLETE, LINKS)
    refused = links.evidence if links and links.outcome is Outcome.REFUSED else None
    differs = refused is not None and refused.get("code") == _SERVICE_ID_DIFFERS
    found: dict[FindingCode, Evidence | None] = {
        FindingCode.HOLD_NOT_REPORTED: _unreported(rest),
        FindingCode.LINKS_NOT_WRITTEN: refused,
        FindingCode.SERVICE_ID_DIFFERS: refused if differs else None,
    }
    if run.reading is not None or run.gone:
        found[FindingCode.ORDER_NOT_READ] = None
    if run.reading is not None:
        found[FindingCode.SHIPMENT_NOT_RECORDED] = _shipment(run)
        found |= _line(run)
    return found


def _unreported(rest: Rest) -> Evidence | None:
    """Return the finding that Salesforce does not show a hold."""
    return {"hold": rest.code.value} if isinstance(rest, Held) and not rest.reported else None


def _shipment(run: Run) -> Evidence | None:
    """Return the finding that nobody wrote down when the card was shipped, to which a number is to move."""
    if run.snapshot.status == OrderStatusText.CANCELLED or not (run.is_port and run.is_physical):
        return None
    missed = shipment_missed_at(run)
    return {} if missed is not None and missed <= run.at else None


def _line(run: Run) -> Mapping[FindingCode, Evidence | None]:
    """Return the finding of a line that is open though the order is cancelled, unless nobody looked."""
    code = FindingCode.LINE_ACTIVE_ORDER_CANCELLED
    if run.snapshot.status != OrderStatusText.CANCELLED:
        return {code: None}
    if run.lines is None:
        return {}
    opened = ", ".join(line.id for line in run.lines if line.state is LineState.OPEN)
    undone = undone_answer(opened) in run.case_file.causes
    return {code: {"line": opened} if opened and not undone else None}
