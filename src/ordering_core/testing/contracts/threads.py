"""Several threads at once, for contracts; every adapter is shared by many."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Final, TypeVar

from ordering_core.errors import Conflict
from ordering_core.ports.store import Store, Transaction


T = TypeVar("T")

PATIENCE: Final = 30.0
"""Seconds after which a thread that does not come back has failed."""

TRIES: Final = 200
"""How often a write begins again when others win."""


def at_once(*actions: Callable[[], object]) -> list[BaseException | None]:
    """Run *actions* in a thread each, begun together, and return what each raised."""
    raised: list[BaseException | None] = [None] * len(actions)
    ready = Barrier(len(actions))

    def run(place: int, action: Callable[[], object]) -> None:
        ready.wait(PATIENCE)
        try:
            action()
        except BaseException as error:  # noqa: BLE001 - the caller judges it, in its own thread
            raised[place] = error

    threads = [Thread(target=run, args=pair, daemon=True) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a thread never came back"
    return raised


def one_wins(*attempts: Callable[[], object]) -> None:
    """Run *attempts* at once: one gets through, every other is refused by Conflict."""
    raised = at_once(*attempts)
    assert raised.count(None) == 1, raised
    assert all(error is None or isinstance(error, Conflict) for error in raised), raised


def all_get_through(*actions: Callable[[], object]) -> None:
    """Run *actions* at once: none fails."""
    raised = at_once(*actions)
    assert raised == [None] * len(actions)


def keep(store: Store, write: Callable[[Transaction], T]) -> T:
    """Do *write* in a transaction, beginning again while others win, and return what it returned."""
    for _ in range(TRIES):
        try:
            with store.transaction() as tx:
                answer = write(tx)
        except Conflict:
            continue
        return answer
    raise AssertionError(f"a transaction lost {TRIES} times in a row")
