"""One WHMCS: its rows, clock, switches and faults, and what a call sees of them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import attrs

from ordering_sandbox.clock import SandboxClock
from ordering_sandbox.faults import Fault, FaultKind, Switchboard
from ordering_sandbox.json_values import JsonObject, parse_object, render_json
from ordering_sandbox.whmcs.database import Database, Rows
from ordering_sandbox.whmcs.switches import Switches


_SWITCHES: Final = "sandbox_switches"


@attrs.frozen(kw_only=True)
class Work:
    """
    What one call sees and does.

    *now* is the one moment of all its stamps, *base_url* how the client reached us.
    """

    rows: Rows
    switches: Switches
    faults: Switchboard
    now: datetime
    base_url: str = ""

    @property
    def local(self) -> datetime:
        """The moment in the server's zone, which WHMCS writes without saying which it is."""
        return self.now.astimezone(timezone(timedelta(hours=self.switches.utc_offset)))

    @property
    def today(self) -> date:
        """The server's date."""
        return self.local.date()

    @property
    def stamp(self) -> str:
        """The moment as rows keep it."""
        return self.local.strftime("%Y-%m-%d %H:%M:%S")

    def struck(self, action: str, *kinds: FaultKind) -> tuple[Fault, ...]:
        """Return the faults of *kinds* that strike *action* now, and count it."""
        return self.faults.for_target(action, frozenset(kinds))


class Installation:
    """One WHMCS."""

    def __init__(self, path: Path | None, *, clock: SandboxClock, faults: Switchboard) -> None:
        """Keep the rows in *path*, without one in memory."""
        self.clock = clock
        self.faults = faults
        self._database = Database(path)
        with self._database.open() as rows:
            kept = rows.first("settings", name=_SWITCHES)
        self.switches = Switches()
        if kept is not None:
            self.switches = Switches().changed(parse_object(str(kept["value"])))

    @contextmanager
    def work(self, base_url: str = "") -> Generator[Work]:
        """Let one call work: all of it is kept on leaving, nothing when an exception leaves it."""
        with self._database.open() as rows:
            yield Work(
                rows=rows,
                switches=self.switches,
                faults=self.faults,
                now=self.clock.now(),
                base_url=base_url,
            )

    def switch(self, record: JsonObject) -> None:
        """
        Set the switches that *record* names.

        Raises:
            NotJson: It names an unknown one, or a value of another kind.

        """
        self.switches = self.switches.changed(record)
        with self._database.open() as rows:
            rows.delete("settings", name=_SWITCHES)
            value = render_json(self.switches.render()).decode()
            rows.insert("settings", {"name": _SWITCHES, "value": value})

    def close(self) -> None:
        """Close the database."""
        self._database.close()
