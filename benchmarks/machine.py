"""What the machine is worth at this moment: figures are read beside it, for others use it too."""

from __future__ import annotations

import os

from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from time import perf_counter


def loop_milliseconds() -> float:
    """Return the least time of a fixed loop of Python, and so of the interpreter with nobody in its way."""
    return min(_loop() for _ in range(5))


def flush_milliseconds(directory: Path) -> float:
    """Return the median time that 8 KiB take to be written to the disk of *directory*."""
    block = os.urandom(8192)
    with TemporaryFile(dir=directory) as file:
        return median(_flush(file.fileno(), block) for _ in range(50))


def megabytes(process: int | str = "self", which: str = "VmRSS") -> float:
    """Return what *process*, by its id, holds in memory now (VmRSS), or held at most (VmHWM)."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition(f"{which}:")[2].split()[0]) / 1000


def describe(directory: Path) -> str:
    """Return one line about the machine, its load, and both probes."""
    return (
        f"machine: {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; "
        f"a fixed loop {loop_milliseconds():.0f} ms, 8 KiB to the disk {flush_milliseconds(directory):.2f} ms"
    )


def _loop() -> float:
    began = perf_counter()
    total = 0
    for number in range(1_000_000):
        total += number & 7
    assert total == 3_500_000
    return 1000 * (perf_counter() - began)


def _flush(file: int, block: bytes) -> float:
    began = perf_counter()
    os.pwrite(file, block, 0)
    os.fdatasync(file)
    return 1000 * (perf_counter() - began)
