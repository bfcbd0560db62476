"""
The operator's brake: what is paused, what that stops, and when it goes on (DESIGN 6, Operate).

It is kept in the store, so that every process obeys it at its next step: a step that is paused is not
intended. What is on its way already is looked after as always; asking is never paused.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ordering_core.domain.journal import Rest, RetryAt, Step
from ordering_core.domain.policy import Mode, Policy
from ordering_core.ports.store import Store, Transaction


PAUSES: Final = "pauses"
"""The checkpoint under which the pauses are kept, each with the instant it began."""


class Pause(StrEnum):
    """
    What can be paused.

    Under BILLING and SIM nothing changes in WHMCS or in the SIM network. Under ALL no run changes anything
    outside, nor are mails sent; customers still order. Under OBSERVE nothing is written outside by anybody,
    and what would be is recorded.
    """

    BILLING = "billing"
    SIM = "sim"
    ALL = "all"
    OBSERVE = "observe"


class Paused(Exception):
    """A step was to be made that is paused; nothing was intended and nothing sent."""

    def __init__(self, by: Pause, step: Step, mark: str) -> None:
        """Name the pause, and the step by the *mark* that its effect would carry."""
        super().__init__(by, step, mark)
        self.by = by
        self.step = step
        self.mark = mark


_BILLING_STEPS: Final = frozenset(
    {Step.UPDATE_BILLING_ADDRESS, Step.ADD_BILLING_ORDER, Step.ACCEPT_BILLING_ORDER, Step.VERIFY_SERVICES}
)
_SIM_STEPS: Final = frozenset(
    {Step.SUBMIT_LINE, Step.VOICE_OPTIONS, Step.RESERVE_PROFILE, Step.RELEASE_PROFILE, Step.CANCEL_PROFILE}
)
_BY_CUSTOMERS: Final = frozenset({Step.PLACE_ORDER, Step.REQUEST_ELIGIBILITY, Step.UPLOAD_CARD})

_STOPS: Final[Mapping[Pause, frozenset[Step]]] = MappingProxyType(
    {
        Pause.OBSERVE: frozenset(Step),
        Pause.ALL: frozenset(Step) - _BY_CUSTOMERS,
        Pause.BILLING: _BILLING_STEPS,
        Pause.SIM: _SIM_STEPS,
    }
)
"""What each pause stops; the first that stops a step is the one that is named."""

_REASON: Final = "paused: "


def pause(what: Pause, *, store: Store, at: datetime) -> None:
    """
    Pause *what* from now on; pausing it twice is the same as once.

    Raises:
        Conflict: Somebody else paused or resumed at this moment.

    """
    with store.transaction() as tx:
        kept = tx.checkpoints.get(PAUSES)
        present = _read(kept)
        if what not in present:
            tx.checkpoints.replace(PAUSES, _written({**present, what: at}), before=kept)


def resume(what: AbstractSet[Pause], *, store: Store) -> None:
    """
    End every pause of *what*; those that rest because of one run again with the next sweep.

    Raises:
        Conflict: Somebody else paused or resumed at this moment.

    """
    with store.transaction() as tx:
        kept = tx.checkpoints.get(PAUSES)
        left = {each: since for each, since in _read(kept).items() if each not in what}
        if kept is not None and left != _read(kept):
            tx.checkpoints.replace(PAUSES, _written(left), before=kept)


def paused(store: Store) -> Mapping[Pause, datetime]:
    """Return what an operator has paused, with the instant since when."""
    with store.transaction() as tx:
        return _read(tx.checkpoints.get(PAUSES))


def in_force(tx: Transaction, policy: Policy) -> AbstractSet[Pause]:
    """Return what is paused, by an operator or by the settings."""
    return in_force_by(tx.checkpoints.get(PAUSES), policy)


def in_force_by(kept: str | None, policy: Policy) -> AbstractSet[Pause]:
    """Return what is paused, by what an operator has *kept* under PAUSES or by the settings."""
    present = frozenset(_read(kept))
    return present | {Pause.OBSERVE} if policy.mode is Mode.OBSERVE else present


def stops(step: Step, present: AbstractSet[Pause]) -> Pause | None:
    """Return which of the *present* pauses stops *step*, or None."""
    return next((each for each, steps in _STOPS.items() if each in present and step in steps), None)


def rest_while(by: Pause, step: Step, *, at: datetime) -> RetryAt:
    """Return the rest of a run that a pause kept from making *step*; it looks again *at* the latest."""
    return RetryAt(at, f"{_REASON}{by}; {step} is still to be done")


def is_resumed(rest: Rest | None, present: AbstractSet[Pause]) -> bool:
    """Whether *rest* is because of a pause that is not *present* any more."""
    if not isinstance(rest, RetryAt) or not rest.reason.startswith(_REASON):
        return False
    return rest.reason.removeprefix(_REASON).partition(";")[0] not in present


def _read(kept: str | None) -> Mapping[Pause, datetime]:
    """Return the pauses that a checkpoint tells of."""
    pairs = (each.split("=") for each in (kept or "").split())
    return {Pause(word): datetime.fromisoformat(since) for word, since in pairs}


def _written(pauses: Mapping[Pause, datetime]) -> str:
    """Return *pauses* as a checkpoint keeps them."""
    return " ".join(f"{each}={since.isoformat()}" for each, since in sorted(pauses.items()))
