"""
Holds: how one begins, is reported to Salesforce, and ends (DESIGN 3.19).

A hold is ours whether Salesforce shows it or not; reporting it is an action like any other. It ends by the
fact it waits for, or by somebody's word; an order that was merely approved stays held.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.fingerprint import fingerprint
from ordering_core.domain.journal import Held, JournalRow, Outcome, Step
from ordering_core.domain.orders import ActivationFields, OrderSnapshot, OrderWrite
from ordering_core.domain.provisioning.actions import ClearHold, WriteOrder
from ordering_core.domain.provisioning.flight import Standing, answer_to, last, mine, standing
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.runbooks import RUNBOOKS, owner_of
from ordering_core.domain.vocabulary import ActivationStatusText, OrderStatusText


MNP_FAILED: Final = "Failed"
"""MNP_Application__c of a port that the network refused (DESIGN 3.25)."""

LEFT_BY_HAND: Final = "by_hand:left"
"""The answer of somebody who activated an order by hand and says that nothing is open."""

RESUMED_BY_HAND: Final = "by_hand:resumed"
"""The answer of somebody who wants the open steps of an order done that was activated by hand."""

_PORT_DATA: Final = "port"


def held(run: Run, code: HoldCode, *, detail: str = "", facts: Mapping[str, str] | None = None) -> Held:
    """Return a hold that begins now, with the message that Salesforce and the desk show."""
    known = dict(facts or {})
    title = RUNBOOKS[code].title
    return Held(
        code=code,
        owner=owner_of(code, known),
        message=f"{title}: {detail}" if detail else title,
        since=run.at,
        facts=known,
    )


def refused_port(run: Run, facts: Mapping[str, str]) -> Held:
    """Return the hold of a refused port; it remembers which data were refused without containing them."""
    known = {**facts, _PORT_DATA: port_fingerprint(run.snapshot)}
    return held(run, HoldCode.MNP_REFUSED, detail=facts.get("code", ""), facts=known)


def port_fingerprint(snapshot: OrderSnapshot) -> str:
    """Return what tells these port data from corrected ones without containing them; empty without a port."""
    porting = snapshot.draft.porting if isinstance(snapshot.draft, SimDraft) else None
    if porting is None:
        return ""
    data = (
        porting.reservation_number,
        porting.reservation_expires_on,
        porting.phone_number,
        porting.mvno_account_number,
        porting.last_name,
        porting.first_name,
        porting.last_name_katakana,
        porting.first_name_katakana,
        porting.gender,
        porting.birth_date,
    )
    return fingerprint(data)


def absent_answer(row: JournalRow | None) -> str:
    """Return the name under which the case file keeps a person's word that *row*'s effect is not there."""
    return f"absent:{row.id}" if row else "absent:line"


def failed_answer(line: str) -> str:
    """Return the name under which the case file remembers that the failure of *line* was answered."""
    return f"failed:{line}"


def undone_answer(thing: str) -> str:
    """Return the name under which the case file keeps a person's word that *thing* is undone."""
    return f"undone:{thing}"


def cleared_by_word(run: Run) -> ClearHold | None:
    """Return the end of the open hold, if somebody asked for it (DESIGN 3.19 b, c, d)."""
    if run.hold is None or not (run.observation.asked_again or run.case_file.retry_requested):
        return None
    return ClearHold(_answered(run, run.hold) | _said(run, run.hold))


def cleared_by_fact(run: Run, hold: Held) -> ClearHold:
    """Return the end of *hold*, whose fact has come true (DESIGN 3.19 a)."""
    return ClearHold(_answered(run, hold))


def stays(run: Run) -> Held | None:
    """Return the open hold if no fact can end it: by its nature, or because it was waited for too long."""
    hold = run.hold
    if hold is None:
        return None
    if hold.code is HoldCode.MNP_REFUSED and hold.facts.get(_PORT_DATA) == port_fingerprint(run.snapshot):
        return hold
    waited_too_long = run.at - hold.since > run.policy.holds_self_clear
    return hold if waited_too_long or not RUNBOOKS[hold.code].clears_itself else None


def reported(run: Run, hold: Held) -> Held | WriteOrder:
    """
    Return *hold*, or first the report of it to Salesforce.

    A hold of the code that is open goes on instead of beginning anew; who asked for it to end sees it
    reported again. What cannot be written now is a hold all the same, and a later run reports it.
    """
    present = run.hold
    if present is not None and present.code is hold.code:
        asked_again = run.reading is not None and run.observation.asked_again
        shown = present.reported and present.message == hold.message and not asked_again
        hold = attrs.evolve(hold, since=present.since, reported=shown)
    if hold.reported or _tried(run, hold):
        return hold
    if run.reading is None or hold.code is HoldCode.FOREIGN_ERROR:
        # a deleted order shows nothing, and somebody else's code is not ours to write over
        return attrs.evolve(hold, reported=True)
    return WriteOrder(step=Step.REPORT_HOLD, mark=hold.code, write=_report(run, hold), held=hold)


def _report(run: Run, hold: Held) -> OrderWrite:
    """
    Return what tells Salesforce of *hold*.

    It empties Activation_Status__c (setting), so that setting it again is an agent's word; Activated stays,
    because the customer's service is active.
    """
    present = run.snapshot.activation
    empties = run.policy.hold_empties_activation and present.status != ActivationStatusText.ACTIVATED
    return OrderWrite(
        order=run.order,
        activation=ActivationFields(
            status=None if empties else present.status,
            scheduled_at=present.scheduled_at,
            error_code=hold.code,
            error_message=hold.message,
        ),
        last_attempt_at=run.at,
        mnp_application=MNP_FAILED if hold.code is HoldCode.MNP_REFUSED else None,
        if_version=run.snapshot.version,
    )


def _tried(run: Run, hold: Held) -> bool:
    """Whether this run tried to report *hold* and could not."""
    row = last(run, Step.REPORT_HOLD, hold.code)
    if row is None or not mine(run, row):
        return False
    refused = row.outcome is Outcome.REFUSED
    return refused or standing(run, Step.REPORT_HOLD, hold.code) is Standing.DELAYED


def _answered(run: Run, hold: Held) -> frozenset[str]:
    """Return the refusals that nobody waits for any more once *hold* has ended."""
    refused = {answer_to(row) for row in run.rows if row.outcome is Outcome.REFUSED}
    line = hold.facts.get("line")
    return frozenset(refused | {failed_answer(line)} if line else refused)


def _said(run: Run, hold: Held) -> frozenset[str]:
    """
    Return what somebody says by asking for the end of *hold*.

    An event only makes provisioning look again, as Activating does: neither says what anybody has done.
    """
    match hold.code:
        case HoldCode.OUTCOME_AMBIGUOUS if run.word_given:
            unsettled = [row for row in run.rows if row.outcome in {None, Outcome.UNKNOWN}]
            return frozenset({absent_answer(None), *map(absent_answer, unsettled)})
        case HoldCode.ACTIVATED_BY_HAND if run.word_given:
            return frozenset({RESUMED_BY_HAND})
        case HoldCode.ACTIVATED_BY_HAND if run.observation.asked_again and _is_activated(run):
            return frozenset({LEFT_BY_HAND})
        case HoldCode.CANCELLED_IN_FLIGHT if run.word_given and _is_cancelled(run):
            return frozenset(undone_answer(thing) for name, thing in hold.facts.items() if ":" not in name)
        case _:
            return frozenset()


def _is_activated(run: Run) -> bool:
    """Whether Salesforce still says Activated: then it was the code that somebody emptied."""
    return run.snapshot.activation.status == ActivationStatusText.ACTIVATED


def _is_cancelled(run: Run) -> bool:
    """Whether the order is still Cancelled: of one taken up again nothing was undone."""
    return run.snapshot.status == OrderStatusText.CANCELLED
