"""A restore that is killed leaves the database that was there, or the restored one: never none, nor half."""

import os
import signal
import sqlite3
import sys

from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path
from shutil import copyfile

import pytest

from ordering_adapters.storage import SqlStore, open_engine, upgrade
from ordering_adapters.storage.backup import backup, restore
from ordering_core.application.pausing import PAUSES
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes as POSIX systems do")

MOST: int = 200
"""More than a restore does to files; one that never ends would be a mistake of the test's."""

TOUCHES = frozenset({"os.link", "os.rename", "os.remove"})
"""What changes which files there are, as Python tells of it before it is done."""


def url(file: Path) -> str:
    return f"sqlite:///{file}"


def write(file: Path, word: str) -> None:
    engine = open_engine(url(file))
    upgrade(engine)
    with SqlStore(engine, ManualClock(START)).transaction() as tx:
        tx.checkpoints.set("kept", word)
    engine.dispose()


def read(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return dict(opened.execute("SELECT name, place FROM oc_checkpoints"))


def killed_at(moment: int, target: Path, copy: Path) -> bool:
    """Restore *copy* in a process that dies before the *moment*-th change of files; tell whether it did."""
    child = os.fork()
    if child == 0:
        left = count(moment, -1)

        def die(event: str, arguments: tuple[object, ...]) -> None:
            if event in TOUCHES and str(arguments[0]).startswith(str(target)) and next(left) == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(die)
            restore(url(target), copy, clock=ManualClock(START), replace=True)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the restore failed by itself"
    return os.WIFSIGNALED(status)


def test_whenever_a_restore_is_killed_there_is_a_whole_database(tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    write(tmp_path / "then.db", "then")
    write(tmp_path / "now.db", "now")
    backup(url(tmp_path / "then.db"), copy)
    old = new = 0
    for moment in range(MOST):
        target = tmp_path / str(moment) / "ordering.db"
        target.parent.mkdir()
        copyfile(tmp_path / "now.db", target)
        Path(f"{target}-runs").write_text("runs")
        is_killed = killed_at(moment, target, copy)
        kept = read(target)
        assert (kept["kept"], PAUSES in kept) in {("now", False), ("then", True)}
        if kept["kept"] == "now":
            old += 1
            assert is_killed
            again = ManualClock(START + timedelta(seconds=1))
            restore(url(target), copy, clock=again, replace=True)
            assert read(target)["kept"] == "then"
        else:
            new += 1
            [aside] = target.parent.glob("*.replaced-????????T??????")
            assert read(aside)["kept"] == "now"
        if not is_killed:
            break
    else:
        pytest.fail("a restore never ends")
    assert old >= 2
    assert new >= 2
