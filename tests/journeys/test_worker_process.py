"""`ordering worker` as a process: what it tells of itself, and how it ends."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

from collections.abc import Iterator
from pathlib import Path


WORKER = [sys.executable, "-m", "ordering_entrypoints.cli", "worker"]
LIMIT = 120


@contextlib.contextmanager
def working(database: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        WORKER,
        env={
            **os.environ,
            "ORDERING_DATABASE": f"sqlite:///{database}",
            "ORDERING_WORKER_WHERE": "apart",
            "ORDERING_WORKER_STATUS_PORT": "0",
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        try:
            told = next(filter(None, (re.search(r"(http://\S+)/ready", line) for line in process.stderr)))
            next(line for line in process.stderr if "Working as" in line)
            yield process, told[1]
        finally:
            process.kill()


def figures_of(address: str) -> str:
    with urllib.request.urlopen(f"{address}/metrics", timeout=LIMIT) as answer:
        figures: bytes = answer.read()
    return figures.decode()


def test_it_tells_how_it_is_and_ends_well_when_it_is_told_to(tmp_path: Path) -> None:
    with working(tmp_path / "ordering.db") as (process, address):
        with urllib.request.urlopen(f"{address}/ready", timeout=LIMIT) as answer:
            assert json.load(answer) == {"status": "ready"}
        figures = figures_of(address)
        assert "ordering_store_up 1.0" in figures
        assert "ordering_due_triggers 0.0" in figures
        # Whoever asks next is told of what was read for the first.
        transactions = 'ordering_upstream_calls_total{operation="transaction",outcome="ok",system="database"}'
        assert transactions in figures_of(address)
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=LIMIT)
        assert process.returncode == 0
        for line in rest.splitlines():
            assert json.loads(line)["level"] in {"INFO", "WARNING"}
