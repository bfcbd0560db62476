"""
What one run knows of its order: what it remembers from earlier runs, and what it has asked so far.

Nothing asked is kept from run to run: a fact that matters is asked again.
"""

from __future__ import annotations

from datetime import date, datetime

import attrs

from ordering_core.domain.billing import BilledOrder
from ordering_core.domain.configuration import Configuration, SimConfiguration
from ordering_core.domain.customers import Account
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.eligibility import NOT_REQUESTED, EligibilityStanding
from ordering_core.domain.history import Observation
from ordering_core.domain.identifiers import ClientId, OrderId
from ordering_core.domain.journal import CaseFile, Held, JournalRow, Runner, Step
from ordering_core.domain.lines import Line, LineState
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.payment import PaymentMethod
from ordering_core.domain.policy import Policy
from ordering_core.domain.quote import Quote
from ordering_core.domain.violations import Verdict, Violation
from ordering_core.domain.vocabulary import SimType


@attrs.frozen(kw_only=True, repr=False)
class Reading:
    """
    One reading of the order with its Account at *read_at*, and what it means.

    *eligibility* is that of the order's address. *verdict* is the rule book's at the provision gate, None
    before it was asked, *configuration* what the rules made of the draft, None while it violates them.
    """

    snapshot: OrderSnapshot
    account: Account | None
    observation: Observation
    read_at: datetime
    eligibility: EligibilityStanding = NOT_REQUESTED
    verdict: Verdict | None = None
    configuration: Configuration | None = None


@attrs.frozen(kw_only=True, repr=False)
class Run:
    """
    All that deciding the next action may look at.

    Remembered: *case_file*, *rows* (oldest first), *quote* (None: the order was not placed through us),
    *client* (None: the Account is not mapped), *word_given* (somebody asked for a retry since the open hold
    began).

    Asked in this run, None until then: *reading* (*gone*: Salesforce has no such order), *payment_methods*,
    *opportunities* of the Account, *billed* (*services_changed*: services were made Active since) and *lines*
    (what carries our mark; *searchable* off: the network cannot be asked), *shipment_sent*. *fresh* says that
    nothing was billed, opened or accepted, nor anything done in preparation of it, since the order was read.
    *late* are the steps whose effect of this run arrived after another run had settled them. *unavailable*
    and *refusal* say who did not answer a question, and why.
    """

    order: OrderId
    runner: Runner
    at: datetime
    policy: Policy
    case_file: CaseFile
    rows: tuple[JournalRow, ...] = ()
    quote: Quote | None = None
    client: ClientId | None = None
    word_given: bool = False
    closed_days: frozenset[date] = frozenset()
    reading: Reading | None = None
    gone: bool = False
    fresh: bool = False
    payment_methods: tuple[PaymentMethod, ...] | None = None
    opportunities: tuple[Opportunity, ...] | None = None
    billed: tuple[BilledOrder, ...] | None = None
    services_changed: bool = False
    lines: tuple[Line, ...] | None = None
    searchable: bool = True
    shipment_sent: bool | None = None
    late: frozenset[Step] = frozenset()
    unavailable: str | None = None
    refusal: str | None = None

    @property
    def present(self) -> Reading:
        """The last reading of the order. Raises LookupError before the first."""
        if self.reading is None:
            raise LookupError("the order was not read yet")
        return self.reading

    @property
    def snapshot(self) -> OrderSnapshot:
        """The order as last read. Raises LookupError before the first reading."""
        return self.present.snapshot

    @property
    def observation(self) -> Observation:
        """What the last reading means. Raises LookupError before the first reading."""
        return self.present.observation

    @property
    def errors(self) -> tuple[Violation, ...]:
        """What the rules have against going on. Raises LookupError before the first reading."""
        return self.present.verdict.errors if self.present.verdict else ()

    @property
    def line_configuration(self) -> SimConfiguration:
        """What the line of a SIM is to be. Raises LookupError unless the rules have let it pass."""
        if isinstance(self.present.configuration, SimConfiguration):
            return self.present.configuration
        raise LookupError("there is no line that the rules have let pass")

    @property
    def hold(self) -> Held | None:
        """The open hold, if the last run left one."""
        return self.case_file.rest if isinstance(self.case_file.rest, Held) else None

    @property
    def sim(self) -> SimDraft | None:
        """What was ordered, of a SIM, which alone needs a line."""
        return self.snapshot.draft if isinstance(self.snapshot.draft, SimDraft) else None

    @property
    def is_physical(self) -> bool:
        """Whether the line needs a card from the inventory."""
        return self.sim is not None and self.sim.sim_type == SimType.PHYSICAL

    @property
    def is_port(self) -> bool:
        """Whether a number comes along, which cannot be undone."""
        return self.sim is not None and self.sim.porting is not None

    @property
    def live_lines(self) -> tuple[Line, ...]:
        """The found lines that are open or may still open."""
        return tuple(line for line in self.lines or () if line.state is not LineState.FAILED)
