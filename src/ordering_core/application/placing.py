"""
Placing a submitted session's order in Salesforce (DESIGN 6, Submit).

Two short transactions around one call, never one around it: the first keeps the request key, the frozen quote
and who may act until when; the second keeps what came of it. Whatever happens between the two, the order is
found again by its key: by the next submit, by the sweep, or by the first hint about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

import attrs

from ordering_core.application.pausing import PAUSES, in_force_by, stops
from ordering_core.application.record import order_subject, record_after
from ordering_core.application.sessions import reopened
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.events import EventKind, OrderEvent, Source
from ordering_core.domain.history import observe
from ordering_core.domain.identifiers import OpportunityId, RequestKey
from ordering_core.domain.journal import CaseFile, Runner, Step, Subject, SubjectKind
from ordering_core.domain.machine import INITIAL
from ordering_core.domain.opportunity import Opportunity, UseExisting, link
from ordering_core.domain.order_status import OrderStatus
from ordering_core.domain.orders import NewOrder, OrderSnapshot
from ordering_core.domain.policy import Policy
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.checkout_records import Placement, PlacementState
from ordering_core.ports.ids import IdSource
from ordering_core.ports.opportunities import OpportunityRepository
from ordering_core.ports.order_records import Decision, DecisionKind, ProjectedOrder
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.store import Cause, Store, Transaction


class _OpportunityTaken(Exception):
    """Another submit of ours holds the Opportunity."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Placing:
    """Places orders and finds out what became of placings; every call is made at one instant *at*."""

    orders: OrderRepository
    opportunities: OpportunityRepository
    store: Store
    ids: IdSource
    policy: Policy
    at: datetime

    def begin(
        self, placement: Placement, session: CheckoutSession, candidates: Iterable[Opportunity]
    ) -> Placement:
        """
        Keep a new placing, and close its *session*; on another of *candidates* if its Opportunity is taken.

        Should everything stop after this, it is resolved all the same.

        Raises:
            Conflict: The session was changed or submitted meanwhile; nothing was written.

            Unavailable: Nothing may be written outside now; nothing was written.

        """
        left, linked = tuple(candidates), placement
        while True:
            try:
                with self.store.transaction() as tx:
                    _, pauses = tx.replace_session(attrs.evolve(session, submitted=True), PAUSES)
                    if not self._may_place(pauses):
                        raise Unavailable(System.SALESFORCE, "no order is placed now: ordering only observes")
                    _add(tx, linked)
                    _look_again(tx, linked, at=linked.settles_at)
            except _OpportunityTaken:
                left = _without(left, linked.opportunity)
                linked = _linked(placement, left)
            else:
                return linked

    def send(
        self, placement: Placement, *, look: bool = False, may_place: bool = True, may_move: bool = True
    ) -> Placement:
        """
        Place what *placement* asks for and return what became of it.

        *look*: it may be there already. Without *may_place* it is only looked for.

        Still placing means that nobody knows yet, or that Salesforce cannot be reached: it is tried again
        without anybody asking. A refusal opens the session again. *may_move*: should its Opportunity be
        taken, link again.
        """
        try:
            found = self.orders.find(placement.key) if look else None
            if found is None and not may_place:
                return self._give_back(placement)
            placed = found or self.orders.place(placement.order)
        except OutcomeUnknown:
            return placement
        except Unavailable:
            return self._give_back(placement)
        except Refused as refusal:
            return self._refuse(placement, code=refusal.code)
        except Conflict:
            return self._send_elsewhere(placement) if may_move else self._give_back(placement)
        return self.complete(placement, placed.snapshot)

    def resolve(self, key: RequestKey, *, looks_early: bool = False) -> Placement | None:
        """
        Find out what became of the placing under *key* and return it as it is then; None when there is none.

        While its runner may still be at it, nobody else places it. One who *looks_early* may find it placed
        already, which changes nothing outside, and is told of it as by any hint.

        Raises:
            Conflict: Somebody else is finding out.

        """
        with self.store.transaction() as tx:
            placement = tx.requests.get(key)
            if placement is None or placement.state is not PlacementState.PLACING:
                return placement
            is_early = self.at < placement.settles_at
            if is_early and not looks_early:
                return placement
            mine = attrs.evolve(
                placement, runner=Runner(self.ids.new()), settles_at=self.policy.settles_at(self.at)
            )
            if not is_early:
                tx.requests.replace(mine, runner=placement.runner)
                _look_again(tx, mine, at=mine.settles_at)
            may_place = self._may_place(tx.checkpoints.get(PAUSES))
        return self._look(placement) if is_early else self.send(mine, look=True, may_place=may_place)

    def _look(self, placement: Placement) -> Placement:
        """Keep *placement* as placed if it is; that it is not is not known while its runner may act."""
        try:
            found = self.orders.find(placement.key)
        except (Unavailable, OutcomeUnknown):
            return placement
        return self.complete(placement, found.snapshot) if found else placement

    def complete(self, placement: Placement, snapshot: OrderSnapshot) -> Placement:
        """
        Keep that *placement* became *snapshot*'s order; whoever comes second changes nothing.

        Raises:
            Conflict: Somebody else is keeping it at this moment.

        """
        # Mostly nobody has heard of the order yet: then what to keep is known without reading. Whoever has
        # heard of it left the submit to another runner, or a case file: writing the first one is a conflict.
        # Only of a date does it matter what our copy said before.
        if snapshot.activation.scheduled_at is None:
            with suppress(Conflict), self.store.transaction() as tx:
                return self._keep_placed(tx, placement, snapshot, None, None)
        with self.store.transaction() as tx:
            found, known, before = tx.placing_file(placement, snapshot.id)
            stored = found or placement
            if stored.state is PlacementState.PLACED:
                return stored
            return self._keep_placed(tx, stored, snapshot, known, before)

    def _keep_placed(
        self,
        tx: Transaction,
        stored: Placement,
        snapshot: OrderSnapshot,
        known: CaseFile | None,
        before: ProjectedOrder | None,
    ) -> Placement:
        """Keep that *stored* is placed, and the beginning of its order; its verdict goes to the decision."""
        placed = attrs.evolve(
            stored,
            state=PlacementState.PLACED,
            placed=snapshot.id,
            runner=Runner(self.ids.new()),
            opportunity=stored.opportunity or snapshot.opportunity,
            verdict=None,
        )
        tx.requests.replace(placed, runner=stored.runner)
        _begin_history(tx, placed, snapshot, known, before, at=self.at)
        tx.decisions.record(
            Decision(
                order=snapshot.id,
                kind=DecisionKind.SUBMITTED,
                at=placed.since,
                by=placed.customer,
                verdict=stored.verdict,
            )
        )
        return placed

    def _may_place(self, pauses: str | None) -> bool:
        """Whether orders may be placed while *pauses* are kept."""
        return stops(Step.PLACE_ORDER, in_force_by(pauses, self.policy)) is None

    def _send_elsewhere(self, placement: Placement) -> Placement:
        """Link again without the Opportunity that somebody took, and send; nothing was written yet."""
        try:
            left = _without(self.opportunities.of_account(placement.order.account), placement.opportunity)
        except Unavailable:
            return self._give_back(placement)
        while True:
            moved = _linked(placement, left)
            kept = self._replace(placement, moved)
            if kept is moved:
                return self.send(moved, may_move=False)
            if kept.runner != placement.runner or moved.opportunity is None:
                return kept
            left = _without(left, moved.opportunity)

    def _give_back(self, placement: Placement) -> Placement:
        """Let anybody try again at once: nothing is on its way."""
        left = attrs.evolve(placement, settles_at=self.at)
        kept = self._replace(placement, left)
        with self.store.transaction() as tx:
            _look_again(tx, left, at=self.at + self.policy.retry_after)
        return kept

    def _refuse(self, placement: Placement, *, code: str) -> Placement:
        """Keep the refusal and open the session again, under a new key: this one was used."""
        refused = attrs.evolve(placement, state=PlacementState.REFUSED, refusal=code)
        try:
            with self.store.transaction() as tx:
                tx.requests.replace(refused, runner=placement.runner)
                session = tx.sessions.get(placement.session)
                if session:
                    key = RequestKey(self.ids.new())
                    tx.sessions.replace(reopened(session, key=key, policy=self.policy, at=self.at))
        except Conflict:
            return self._stored(placement)
        return refused

    def _replace(self, placement: Placement, changed: Placement) -> Placement:
        """Keep *changed* in place of *placement*; return it, or what somebody else has made of it."""
        try:
            with self.store.transaction() as tx:
                tx.requests.replace(changed, runner=placement.runner)
        except Conflict:
            return self._stored(placement)
        return changed

    def _stored(self, placement: Placement) -> Placement:
        """Return *placement* as it is kept now."""
        with self.store.transaction() as tx:
            return tx.requests.get(placement.key) or placement


def _add(tx: Transaction, placement: Placement) -> None:
    """Keep a new placing; its session is ours in this transaction, so only its Opportunity can be taken."""
    try:
        tx.requests.add(placement)
    except Conflict as conflict:
        raise _OpportunityTaken from conflict


def _linked(placement: Placement, candidates: Iterable[Opportunity]) -> Placement:
    """Return *placement* on the best of *candidates*, or on a new Opportunity."""
    order = attrs.evolve(placement.order, link=link(placement.order.order_type, candidates))
    return attrs.evolve(placement, order=order, opportunity=opportunity_of(order))


def opportunity_of(order: NewOrder) -> OpportunityId | None:
    """Return the Opportunity that *order* is to be linked to, None when it opens a new one."""
    return order.link.opportunity if isinstance(order.link, UseExisting) else None


def _without(known: Iterable[Opportunity], taken: OpportunityId | None) -> tuple[Opportunity, ...]:
    """Return the Opportunities but *taken*."""
    return tuple(opportunity for opportunity in known if opportunity.id != taken)


def _look_again(tx: Transaction, placement: Placement, *, at: datetime) -> None:
    """Have the placing looked for at *at*, should nobody have resolved it by then."""
    subject, cause = _look(placement, at)
    tx.trigger(subject, cause=cause, at=at)


def _look(placement: Placement, at: datetime) -> Cause:
    """Return who runs, and why, when the placing is looked for at *at*."""
    return Subject(SubjectKind.ORDER, placement.key), f"placing:{placement.key}:{at.isoformat()}"


def _begin_history(
    tx: Transaction,
    placed: Placement,
    snapshot: OrderSnapshot,
    known: CaseFile | None,
    before: ProjectedOrder | None,
    *,
    at: datetime,
) -> None:
    """Write down that the order exists: its first event, its case file, its first run."""
    subject = order_subject(snapshot.id)
    first = tx.events.append(
        OrderEvent(
            order=snapshot.id,
            account=snapshot.account,
            kind=EventKind.SUBMITTED,
            at=placed.since,
            source=Source.CUSTOMER,
            status=OrderStatus(INITIAL),
            by=placed.customer,
        )
    )
    seen = observe(known or CaseFile(subject=subject), snapshot, billing_intended=False)
    kept = tx.journal.keep(seen.case_file)
    record_after(tx, snapshot, kept, before, first, at=at, source=Source.OBSERVED)
    tx.trigger_instead(_look(placed, placed.settles_at), subject, cause=f"submitted:{placed.key}")
