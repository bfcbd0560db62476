"""`ordering pause` and `ordering resume`: the operator's brake, obeyed by every process on the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from ordering_core.application.ordering import Ordering
from ordering_core.application.pausing import Pause
from ordering_core.domain.calendar import JST
from ordering_core.domain.policy import Mode, Policy
from ordering_entrypoints.settings import DATABASE, Settings
from ordering_entrypoints.terminal import Terminal, Unusable


RELEASED_BY_NAME: Final = frozenset({Pause.OBSERVE})
"""What `ordering resume` ends only when it is named: a restored system is looked at before it acts."""

MEANING: Final = {
    Pause.BILLING: "nothing is changed in WHMCS",
    Pause.SIM: "nothing is changed in the SIM network",
    Pause.ALL: "no order is provisioned and no mail is sent, though customers still order",
    Pause.OBSERVE: "nothing is written outside, what would be is recorded",
}


def need_database(settings: Settings) -> None:
    """Refuse what only a database shared with other processes can do. Raises Unusable."""
    if settings.database is None:
        raise Unusable(f"this needs the database of the running system; name it in {DATABASE}")


def pause(terminal: Terminal, ordering: Ordering, what: Pause) -> int:
    """Pause *what*, and say what is paused then. Raises PortError."""
    ordering.pause(what)
    return _tell(terminal, ordering)


def resume(terminal: Terminal, ordering: Ordering, what: Pause | None) -> int:
    """End the pause of *what*, of everything but observing if None; say what is paused then."""
    ordering.resume(frozenset(Pause) - RELEASED_BY_NAME if what is None else {what})
    return _tell(terminal, ordering)


def in_words(pauses: Mapping[Pause, datetime], policy: Policy) -> Iterator[str]:
    """Yield a sentence for everything that is paused, and after a semicolon its way out."""
    for what, since in pauses.items():
        yield f"{what} since {_when(since)}: {MEANING[what]}; ordering resume {what} ends it"
    if policy.mode is Mode.OBSERVE:
        yield f"observe by ORDERING_POLICY_MODE: {MEANING[Pause.OBSERVE]}; set it to live and start again"


def _tell(terminal: Terminal, ordering: Ordering) -> int:
    sentences = list(in_words(ordering.paused(), ordering.policy))
    for sentence in sentences:
        terminal.say(f"paused: {sentence}")
    if not sentences:
        terminal.say("nothing is paused; what rested goes on within a minute")
    return 0


def _when(at: datetime) -> str:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M} in Japan"
