"""
One outside effect beside provisioning, written to the journal before it is made and after (DESIGN 6).

For effects that may be made again under their mark: uploads, requests, stages. What must not happen twice is
provisioning's, which looks before it acts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

from ordering_core.application.pausing import in_force, stops
from ordering_core.domain.journal import Evidence, JournalRow, Outcome, Runner, Step, Subject
from ordering_core.domain.policy import Policy
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.store import Store, Transaction


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Effects:
    """Makes journaled effects in the name of one *runner* at the instant *at*."""

    store: Store
    policy: Policy
    runner: Runner
    at: datetime

    def make(
        self,
        subject: Subject,
        step: Step,
        *,
        mark: str,
        system: System,
        act: Callable[[], Evidence],
        begun: Callable[[Transaction], object] | None = None,
        ended: Callable[[Transaction, Outcome], object] | None = None,
    ) -> Evidence:
        """
        Let *act* do *step* unless it was done under *mark* already, and return its evidence.

        *begun* and *ended* write what else is to be kept with the intent, and with how it ended.

        Raises:
            Unavailable: Another run is at it, an earlier attempt may still arrive, the step is paused, or the
            system is down.

            OutcomeUnknown: It may be done; it can be made again under the same mark once that has settled.

            Refused: The system said no.

        """
        before = self._intend(subject, step, mark=mark, system=system, begun=begun)
        if before.outcome is Outcome.DONE:
            return before.evidence
        try:
            evidence = act()
        except Unavailable:
            self._settle(before, Outcome.ABSENT, {}, ended)
            raise
        except OutcomeUnknown:
            self._settle(before, Outcome.UNKNOWN, {}, ended)
            raise
        except Refused as refusal:
            self._settle(before, Outcome.REFUSED, {"code": refusal.code}, ended)
            raise
        self._settle(before, Outcome.DONE, evidence, ended)
        return evidence

    def _intend(
        self,
        subject: Subject,
        step: Step,
        *,
        mark: str,
        system: System,
        begun: Callable[[Transaction], object] | None,
    ) -> JournalRow:
        """Return the row of *step* that is done under *mark*, else the intent of a new attempt."""
        with self.store.transaction() as tx:
            for row in tx.journal.rows(subject):
                if row.step is not step:
                    continue
                if row.outcome is Outcome.DONE and row.mark == mark:
                    return row
                if row.outcome is None and self.at < row.settles_at:
                    raise Unavailable(system, "another run is at it")
                may_arrive = row.outcome is Outcome.UNKNOWN and row.mark == mark
                if may_arrive and self.at < row.settles_at:
                    raise Unavailable(system, "an earlier attempt may still arrive")
                if row.outcome is None:
                    tx.journal.settle(row.id, outcome=Outcome.UNKNOWN, at=self.at, evidence={})
            if by := stops(step, in_force(tx, self.policy)):
                raise Unavailable(system, f"nothing is sent there now: paused ({by})")
            if begun is not None:
                begun(tx)
            return tx.journal.intend(
                subject,
                step,
                mark=mark,
                runner=self.runner,
                at=self.at,
                settles_at=self.policy.settles_at(self.at),
            )

    def _settle(
        self,
        row: JournalRow,
        outcome: Outcome,
        evidence: Evidence,
        ended: Callable[[Transaction, Outcome], object] | None,
    ) -> None:
        """Write how the attempt ended."""
        with self.store.transaction() as tx:
            tx.journal.settle(row.id, outcome=outcome, at=self.at, evidence=evidence)
            if ended is not None:
                ended(tx, outcome)
