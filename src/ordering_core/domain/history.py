"""
What reading an order means for its history: who changed the activation fields, and what that word is worth.

Salesforce says what the fields hold now, not whose doing it was. The case file remembers what our runs wrote
and what was read last, so a change is told by value, never by user (DESIGN 3.2). From it follow the go-ahead
(DESIGN 3.19), an approval that is only implied or was taken back (DESIGN 4, Order status), and the facts that
the status is a function of. Nothing here acts: provisioning does.
"""

from __future__ import annotations

from typing import Final

import attrs

from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.fallout import Owner
from ordering_core.domain.journal import CaseFile, Held
from ordering_core.domain.order_status import GoAhead, StatusFacts
from ordering_core.domain.orders import ActivationFields, OrderSnapshot
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import ActivationStatusText, OrderStatusText, SimType


IN_REVIEW: Final = frozenset({OrderStatusText.DRAFT, OrderStatusText.PENDING_REVIEW})
"""The texts of Status under which the team still reviews the order (DESIGN 3.1)."""

GO_AHEAD_TEXTS: Final = frozenset({ActivationStatusText.ACTIVATING, ActivationStatusText.SCHEDULED})
"""The texts of Activation_Status__c that tell us to go ahead."""

_EMPTY: Final = ActivationFields()


@attrs.frozen(kw_only=True)
class Observation:
    """
    What one reading of an order adds up to; *case_file* is the one to keep, *facts* those of the status.

    *changed_by_other* says that somebody else has changed Status or an activation field since the last
    reading, *implied_now* that this reading implies an approval (finding APPROVAL_IMPLIED).

    The others describe the present and are the same however often the order is read. *approved*: the order
    may be provisioned. *approval_withdrawn*: the approval is gone, but billing was intended already (hold
    APPROVAL_WITHDRAWN). *activation_to_empty*: nothing approves the order, yet Activation_Status__c tells us
    to go ahead; empty it and wait for approval. *asked_again*: an agent's way of clearing the reported hold
    was used (DESIGN 3.19 b).
    """

    case_file: CaseFile
    facts: StatusFacts
    changed_by_other: bool
    implied_now: bool
    approved: bool
    approval_withdrawn: bool
    activation_to_empty: bool
    asked_again: bool

    __repr__ = shown


def go_ahead_in(fields: ActivationFields) -> GoAhead | None:
    """Return the word that *fields* give: Activating now, Scheduled at its date, any other text none."""
    match fields.status:
        case ActivationStatusText.ACTIVATING:
            return GoAhead()
        case ActivationStatusText.SCHEDULED:
            return GoAhead(at=fields.scheduled_at, undated=fields.scheduled_at is None)
        case _:
            return None


def writing(case_file: CaseFile, fields: ActivationFields) -> CaseFile:
    """
    Remember that a run is about to write *fields*; keep the result before sending.

    Should the reply be lost, whoever reads these values next knows them for ours.
    """
    return attrs.evolve(case_file, writing=fields)


def wrote(case_file: CaseFile, fields: ActivationFields) -> CaseFile:
    """
    Remember that a run of ours wrote *fields*.

    Activating and Scheduled are our own go-ahead; an emptied field leaves the standing one (DESIGN 3.19).
    """
    return attrs.evolve(
        case_file,
        written=fields,
        writing=None,
        seen=fields,
        go_ahead=go_ahead_in(fields) or case_file.go_ahead,
    )


def wrote_nothing(case_file: CaseFile) -> CaseFile:
    """Remember that what a run was about to write was not written."""
    return attrs.evolve(case_file, writing=None)


def foreign_error(case_file: CaseFile, snapshot: OrderSnapshot) -> bool:
    """Whether the error code read was written by no run of ours (DESIGN 4, Order status)."""
    ours = {fields.error_code for fields in (case_file.written, case_file.writing) if fields is not None}
    return bool(snapshot.activation.error_code) and snapshot.activation.error_code not in ours


def status_facts(snapshot: OrderSnapshot, case_file: CaseFile) -> StatusFacts:
    """
    Return all that the status of the order is a function of.

    A service that is active counts as Activated though Salesforce would not be told (DESIGN 4, Provisioning).
    """
    held = case_file.rest if isinstance(case_file.rest, Held) else None
    return StatusFacts(
        order_type=snapshot.order_type,
        status=snapshot.status,
        activation_status=ActivationStatusText.ACTIVATED if case_file.served else snapshot.activation.status,
        physical_sim=isinstance(snapshot.draft, SimDraft) and snapshot.draft.sim_type == SimType.PHYSICAL,
        sim_assigned=snapshot.sim is not None,
        hold=held.code if held else None,
        hold_for_customer=held is not None and held.owner is Owner.CUSTOMER,
        foreign_error=foreign_error(case_file, snapshot),
        go_ahead=case_file.go_ahead,
        ever_approved=case_file.ever_approved,
        approval_implied=case_file.approval_implied,
        withdrawn_by_customer=case_file.withdrawn_by_customer,
    )


def observe(case_file: CaseFile, snapshot: OrderSnapshot, *, billing_intended: bool) -> Observation:
    """
    Decide what reading *snapshot* means to the history in *case_file*.

    Load the case file before reading the order and keep the result under its version: then no write of ours
    falls between the two. *billing_intended* says that the journal has an intent to add the billing order.

    An order first read as cancelled, that was not placed through us, counts as approved once: our history
    does not show the contrary.
    """
    known = _landed(case_file, snapshot.activation)
    read, before = snapshot.activation, known.seen or known.written or _EMPTY
    in_review = snapshot.status in IN_REVIEW
    first = known.seen is None
    status_changed = not in_review if first else snapshot.status != known.seen_status
    # Back from anything but review, an approval does not come along: it has to be given again.
    taken_back = in_review and status_changed and known.ever_approved
    taken_back = taken_back and known.seen_status not in IN_REVIEW

    appears = read.status in GO_AHEAD_TEXTS and before.status not in GO_AHEAD_TEXTS
    word = None if taken_back else _standing_word(known, before, read, status_changed=status_changed)
    implied = in_review and word is not None and (appears or known.approval_implied)
    first_seen_cancelled = first and snapshot.status == OrderStatusText.CANCELLED
    kept = attrs.evolve(
        known,
        seen=read,
        seen_status=snapshot.status,
        go_ahead=word if implied or not in_review else None,
        approval_implied=implied,
        ever_approved=known.ever_approved
        or implied
        or snapshot.status == OrderStatusText.APPROVED
        or read.status == ActivationStatusText.ACTIVATED
        or (first_seen_cancelled and snapshot.request_key is None),
    )
    unapproved = in_review and not implied
    return Observation(
        case_file=kept,
        facts=status_facts(snapshot, kept),
        changed_by_other=status_changed or read != before,
        implied_now=implied and not known.approval_implied,
        approved=implied or snapshot.status == OrderStatusText.APPROVED,
        approval_withdrawn=unapproved and billing_intended,
        activation_to_empty=unapproved and read.status in GO_AHEAD_TEXTS,
        asked_again=_asked_again(known, read),
    )


def _landed(case_file: CaseFile, read: ActivationFields) -> CaseFile:
    """Settle a write of ours whose reply was lost, when *read* shows that it arrived."""
    return wrote(case_file, read) if read == case_file.writing else case_file


def _standing_word(
    known: CaseFile, before: ActivationFields, read: ActivationFields, *, status_changed: bool
) -> GoAhead | None:
    """
    Return the go-ahead that stands after *read*.

    It stands until somebody else changes Status, the field or the date; then what is read counts. Where a
    hold of ours emptied the field, a date alone moves the word: nobody who gives a date wants it done before.
    """
    if status_changed or read.status != before.status:
        return go_ahead_in(read)
    if read.scheduled_at == before.scheduled_at:
        return known.go_ahead
    if read.status or known.go_ahead is None:
        return go_ahead_in(read)
    if read.scheduled_at is None:
        return attrs.evolve(known.go_ahead, at=None, undated=known.go_ahead.is_scheduled)
    return GoAhead(at=read.scheduled_at)


def _asked_again(known: CaseFile, read: ActivationFields) -> bool:
    """
    Whether somebody set going what our report of the hold left without a go-ahead, or emptied its code.

    Without such a report, of this very hold, there is nothing to compare with: what stands in the field then
    may be the word on which the hold began.
    """
    held, report = known.rest, known.written
    if not isinstance(held, Held) or report is None:
        return False
    if not held.reported or report.error_code != held.code:
        return False
    return not read.error_code or (read.status in GO_AHEAD_TEXTS and report.status not in GO_AHEAD_TEXTS)
