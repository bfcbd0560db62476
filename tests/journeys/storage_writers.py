"""What other processes do to a database: write beside us, or die in the middle. Run as a module."""

from __future__ import annotations

import os
import signal
import sys

from collections.abc import Callable
from typing import Final

from sqlalchemy import Engine, event

from ordering_adapters.storage import SqlStore, SqlWorkQueue, open_engine
from ordering_core.domain.identifiers import Cursor
from ordering_core.domain.journal import Runner, Step, Subject
from ordering_core.ports.store import Transaction
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts import samples
from ordering_core.testing.contracts.threads import keep


WRITES: Final = 50
"""How often a writer writes."""


def count(database: str, name: str) -> None:
    """Count up what everybody counts, and say so in the event log."""
    store = SqlStore(open_engine(database), ManualClock(samples.START))

    def once(tx: Transaction) -> None:
        seen = int(tx.checkpoints.get("count") or "0")
        tx.events.append(samples.event(name, detail=str(seen)))
        tx.checkpoints.set("count", str(seen + 1))

    for _ in range(WRITES):
        keep(store, once)


def write_everything(tx: Transaction) -> None:
    """Write something of every kind."""
    tx.sessions.add(samples.session())
    tx.requests.add(samples.placement())
    tx.journal.intend(
        samples.subject(),
        Step.PLACE_ORDER,
        mark="key-one",
        runner=Runner("r"),
        at=samples.START,
        settles_at=samples.START,
    )
    tx.projection.put(samples.projected())
    tx.events.append(samples.event())
    tx.checkpoints.set("poll", "1")
    tx.trigger(samples.subject(), cause="placed")


def seen(tx: Transaction) -> list[bool]:
    """Return what of it is there."""
    return [
        tx.sessions.get(samples.session().id) is not None,
        tx.requests.get(samples.placement().key) is not None,
        tx.journal.rows(samples.subject()) != (),
        tx.projection.get(samples.projected().snapshot.id) is not None,
        tx.events.after(Cursor(0)) != (),
        tx.checkpoints.get("poll") is not None,
    ]


def die_everywhere(database: str, _name: str) -> None:
    """
    Write everything and be killed before each statement, and before the commit, each in a process of its own.

    Then say what is there afterwards: one line for each death.
    """
    deaths = 0
    while True:
        child = os.fork()
        if child == 0:
            _write_and_die(open_engine(database), at=deaths)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        engine = open_engine(database)
        with SqlStore(engine, ManualClock(samples.START)).transaction() as tx:
            there = sum(seen(tx))
        engine.dispose()  # no connection may be open when the next process begins
        sys.stdout.write(f"{'killed' if os.WIFSIGNALED(status) else 'done'} {there}\n")
        if not os.WIFSIGNALED(status):
            return
        deaths += 1


def _write_and_die(engine: Engine, *, at: int) -> None:
    steps = 0

    def die_in_time(*_: object) -> None:
        nonlocal steps
        if steps == at:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1

    event.listen(engine, "before_cursor_execute", die_in_time)
    event.listen(engine, "commit", die_in_time)
    with SqlStore(engine, ManualClock(samples.START)).transaction() as tx:
        write_everything(tx)


def run_and_hang(database: str, _name: str) -> None:
    """Run what is due, say so, and never come back."""

    def hang(subject: Subject) -> None:
        sys.stdout.write(f"{subject.key}\n")
        sys.stdout.flush()
        signal.pause()

    store = SqlStore(open_engine(database), ManualClock(samples.START))
    SqlWorkQueue(store).run_due(samples.START, hang)


ACTS: Final[dict[str, Callable[[str, str], None]]] = {
    act.__name__: act for act in (count, die_everywhere, run_and_hang)
}


if __name__ == "__main__":
    ACTS[sys.argv[1]](sys.argv[2], sys.argv[3])
