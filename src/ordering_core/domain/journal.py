"""
The journal: our record of every outside effect, intended before it is made and settled after (DESIGN 6).

A *row* is one attempt at one step of a *subject*. A *case file* is what a subject's runs remember between
them: the rest of the last run, the agent's go-ahead, what our runs last wrote to Salesforce, and facts of its
history.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NewType, TypeAlias

import attrs

from ordering_core.domain.fallout import HoldCode, Owner
from ordering_core.domain.identifiers import SimCardId
from ordering_core.domain.order_status import GoAhead
from ordering_core.domain.orders import ActivationFields
from ordering_core.domain.representation import shown


class SubjectKind(StrEnum):
    """What has runs of its own: each can have outside effects, but for comparing an order, which has none."""

    ORDER = "order"
    ONBOARDING = "onboarding"
    ELIGIBILITY = "eligibility"
    IDENTITY = "identity"
    CANCELLATION = "cancellation"
    RECONCILIATION = "reconciliation"


@attrs.frozen
class Subject:
    """One thing whose effects are journaled; *key* is its id in its own world (an OrderId, a RequestKey)."""

    kind: SubjectKind
    key: str

    __repr__ = shown


class Step(StrEnum):
    """The outside effects that are journaled."""

    PLACE_ORDER = "place_order"
    MARK_ACTIVATING = "mark_activating"
    MARK_SCHEDULED = "mark_scheduled"
    RESET_ACTIVATION = "reset_activation"
    ADD_BILLING_ORDER = "add_billing_order"
    UPDATE_BILLING_ADDRESS = "update_billing_address"
    SUBMIT_LINE = "submit_line"
    VOICE_OPTIONS = "voice_options"
    RESERVE_PROFILE = "reserve_profile"
    RELEASE_PROFILE = "release_profile"
    CANCEL_PROFILE = "cancel_profile"
    ACCEPT_BILLING_ORDER = "accept_billing_order"
    VERIFY_SERVICES = "verify_services"
    OPEN_SHIPPING_CASE = "open_shipping_case"
    COMPLETE = "complete"
    REPORT_HOLD = "report_hold"
    VOID_OPPORTUNITY = "void_opportunity"
    REQUEST_ELIGIBILITY = "request_eligibility"
    UPLOAD_CARD = "upload_card"
    NOTIFY = "notify"


class Outcome(StrEnum):
    """How an intent ended; a row without one is still open."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    ABSENT = "absent"


Evidence: TypeAlias = Mapping[str, str]
"""Ids and codes that prove an outcome; never personal data."""

RowId = NewType("RowId", int)
"""A journal row."""

Runner = NewType("Runner", str)
"""One run of one subject; two runs never share it."""


@attrs.frozen(kw_only=True)
class JournalRow:
    """
    One attempt at one outside effect.

    *mark* is what the effect carries in the outside system, so that it can be found there. Until *settles_at*
    only *runner* may act on it (DESIGN 6, Single flight). *outcome* is None while the row is open.
    """

    id: RowId
    subject: Subject
    step: Step
    attempt: int
    mark: str
    runner: Runner
    intent_at: datetime
    settles_at: datetime
    outcome: Outcome | None = None
    settled_at: datetime | None = None
    evidence: Evidence = attrs.field(factory=dict[str, str])

    __repr__ = shown


@attrs.frozen
class Done:
    """Nothing is left to do."""

    __repr__ = shown


@attrs.frozen
class RetryAt:
    """Try again at *at*; *reason* says what was in the way."""

    at: datetime
    reason: str

    __repr__ = shown


@attrs.frozen
class WaitUntil:
    """The agreed time has not come."""

    at: datetime

    __repr__ = shown


class Fact(StrEnum):
    """What a run may wait for; learning of it triggers the next run."""

    APPROVAL = "approval"
    AGENT_GO_AHEAD = "agent_go_ahead"
    SIM_ASSIGNMENT = "sim_assignment"
    SIM_DELIVERY = "sim_delivery"
    LINE_COMPLETION = "line_completion"
    ADOPTION = "adoption"
    SHIPMENT_SENT = "shipment_sent"


@attrs.frozen
class WaitFor:
    """Somebody else's move; *at* is when to look even if nobody tells us, if ever."""

    fact: Fact
    at: datetime | None = None

    __repr__ = shown


@attrs.frozen(kw_only=True)
class Held:
    """
    A rest that needs somebody (DESIGN 4, Hold codes).

    *owner* is who has to act, and *facts* names exactly what exists for that person. *since* is when it
    began, *reported* whether Salesforce shows it.
    """

    code: HoldCode
    owner: Owner = Owner.OPERATOR
    message: str
    since: datetime
    facts: Evidence = attrs.field(factory=dict[str, str])
    reported: bool = False

    __repr__ = shown


Rest: TypeAlias = Done | RetryAt | WaitUntil | WaitFor | Held
"""Why a run stopped."""


def waits_at(rest: Rest | None, at: datetime) -> bool:
    """Whether *rest* is over at a later instant than *at*, or by somebody's move alone."""
    match rest:
        case WaitUntil(at=until):
            return until > at
        case WaitFor(at=until):
            return until is None or until > at
        case _:
            return False


@attrs.frozen(kw_only=True)
class CaseFile:
    """
    What the runs of one subject remember between them; *version* guards against two writers.

    *written* is what our runs last wrote to the activation fields, None before the first write; *writing*
    what a run is about to write, None once that is settled; *seen* what we read last. *delivered* is the card
    that the customer said has arrived, whatever card is the order's now. *causes* are ids of events already
    counted as hold-clearing (DESIGN 3.19 c), and what somebody's word has answered: refusals and doubts that
    hold an order no longer. *served* says that everything is done outside, though Salesforce would not be
    told (finding LINKS_NOT_WRITTEN).
    """

    subject: Subject
    version: int = 0
    rest: Rest | None = None
    go_ahead: GoAhead | None = None
    written: ActivationFields | None = None
    writing: ActivationFields | None = None
    seen: ActivationFields | None = None
    seen_status: str | None = None
    ever_approved: bool = False
    approval_implied: bool = False
    withdrawn_by_customer: bool = False
    delivered: SimCardId | None = None
    retry_requested: bool = False
    adopted: bool = False
    served: bool = False
    causes: frozenset[str] = frozenset()

    __repr__ = shown
