"""Room for thousands who follow orders live, in a process of our own; a host's is the host's to set up."""

from __future__ import annotations

import gc
import linecache

from contextlib import suppress
from typing import Final


OFTEN_ENOUGH: Final = (50_000, 20, 100)
"""Of the cycle collector: a full pass over the clients of 5,000 streams stops them all for 0.4 s."""


def make_room() -> None:
    """Collect garbage rarely, never what is there by now, and open as many files as the system lets us."""
    linecache.clearcache()  # the text of methods that attrs wrote, kept for whoever debugs them: 0.6 MB
    gc.collect()
    gc.freeze()
    gc.set_threshold(*OFTEN_ENOUGH)
    _open_many_files()


def _open_many_files() -> None:
    """Raise the soft limit, often 1,024, to the hard one: every client is an open file."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # a system may name a limit that it does not allow
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
