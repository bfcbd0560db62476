"""Processes of a new version that start at once on what the one before wrote: one upgrades, all can begin."""

import subprocess
import sys

from pathlib import Path
from typing import Final

import pytest

from ordering_adapters.storage.migrate import is_current
from tests.contract.postgres_database import Databases, opened
from tests.unit.storage.releases.reading import RELEASES, read_through_the_store, written_by


STARTING: Final = """
import sys
from ordering_adapters.clock import SystemClock
from ordering_adapters.storage import open_storage
print("ready", flush=True)
sys.stdin.readline()
with open_storage(sys.argv[1], SystemClock()) as (store, _, _):
    with store.transaction() as tx:
        tx.checkpoints.set(sys.argv[2], "began")
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.durable)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ordering.db"
    databases = request.getfixturevalue("postgres")
    assert isinstance(databases, Databases)
    return databases.new()


def test_two_processes_that_start_at_once_upgrade_once_and_both_begin(url: str) -> None:
    with opened(url) as engine:
        written = written_by(RELEASES[-1], engine)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", STARTING, url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "other")
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=300)
        assert process.returncode == 0
    with opened(url) as engine:
        assert is_current(engine)
        written["oc_checkpoints"] += len(processes)
        assert read_through_the_store(engine) == written
