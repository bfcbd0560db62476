"""A mobile network in memory: lines are submitted now and open later, and a port is checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from threading import Lock
from typing import Final

import attrs

from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.sim_numbers import line_number
from ordering_core.domain.calendar import business_date, days_left_including
from ordering_core.domain.configuration import NumberPorting
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.values import LineNumber
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused
from ordering_core.ports.clock import Clock
from ordering_core.ports.line_provisioning import Line, LineProvisioning, LineRequest, LineState


OPENS_AFTER: Final = timedelta(minutes=10)
"""How long the network takes to open a submitted line by itself."""


@attrs.frozen(kw_only=True)
class LineRecord:
    """A submitted line; it opens at *opens_at* unless it failed before."""

    line: Line
    voice: bool
    number: LineNumber = attrs.field(repr=False)
    opens_at: datetime
    ends_on: date | None = None


class MemoryLineProvisioning(LineProvisioning):
    """One network. The public methods beside the port's are what happens there by itself."""

    def __init__(
        self,
        clock: Clock,
        faults: MemoryFaults,
        *,
        opens_after: timedelta = OPENS_AFTER,
        port_days: int = 7,
        searchable: bool = True,
    ) -> None:
        """
        Begin without lines.

        A port needs *port_days* left of its reservation, the last included. *searchable* off, lines cannot be
        found.
        """
        self._clock = clock
        self._faults = faults
        self._opens_after = opens_after
        self._port_days = port_days
        self._searchable = searchable
        self._lock = Lock()
        self._numbers = count(1)
        self._lines: dict[LineId, LineRecord] = {}
        self._marked: defaultdict[OrderId, list[LineId]] = defaultdict(list)

    def find(self, mark: OrderId, /) -> tuple[Line, ...] | None:
        return self._faults.call("lines.find", lambda: self.lines_of(mark) if self._searchable else None)

    def submit(self, request: LineRequest, /) -> LineId:
        def work() -> LineId:
            if (request.eid is None) == (request.card is None):
                raise Refused(System.SIM_NETWORK, "REQUEST_INVALID", "give either an EID or a card")
            now = self._clock.now()
            self._check_port(request.porting, now)
            with self._lock:
                sequence = next(self._numbers)
                submitted = LineId(f"line-{sequence:06d}")
                self._marked[request.mark].append(submitted)
                ported = LineNumber(request.porting.phone_number.value) if request.porting else None
                self._lines[submitted] = LineRecord(
                    line=Line(id=submitted, mark=request.mark, state=LineState.SUBMITTED),
                    voice=request.voice,
                    number=ported or request.number or line_number(sequence),
                    opens_at=now + self._opens_after,
                )
                return submitted

        return self._faults.call("lines.submit", work)

    def set_voice_options(self, line: LineId, /, *, voice_mail: bool, call_waiting: bool) -> None:
        def set_options(record: LineRecord) -> LineRecord:
            if (voice_mail or call_waiting) and not record.voice:
                raise Refused(System.SIM_NETWORK, "NO_VOICE", "a data line has no voice options")
            changed = attrs.evolve(record.line, voice_mail=voice_mail, call_waiting=call_waiting)
            return attrs.evolve(record, line=changed)

        self._faults.call("lines.set_voice_options", lambda: self._change(line, set_options))

    def terminate(self, line: LineId, /, *, run_date: date) -> None:
        def end(record: LineRecord) -> LineRecord:
            return attrs.evolve(record, ends_on=run_date)

        self._faults.call("lines.terminate", lambda: self._change(line, end))

    def lines_of(self, mark: OrderId) -> tuple[Line, ...]:
        """Return every line submitted under *mark* as it stands now, oldest first."""
        with self._lock:
            return tuple(record.line for record in self._standing(mark))

    def ends_on(self, line: LineId) -> date | None:
        """Return the day on which the line is to end, or None."""
        with self._lock:
            return self._lines[line].ends_on

    def complete(self, mark: OrderId) -> None:
        """
        Open every line submitted under *mark* now.

        Raises:
            LookupError: There is none.

        """
        self._change_submitted(mark, _opened)

    def fail(self, mark: OrderId, code: str) -> None:
        """
        Fail every line submitted under *mark* that is not open yet.

        Raises:
            LookupError: There is none.

        """

        def failed(record: LineRecord) -> LineRecord:
            return attrs.evolve(record, line=attrs.evolve(record.line, state=LineState.FAILED, failure=code))

        self._change_submitted(mark, failed)

    def _check_port(self, porting: NumberPorting | None, now: datetime) -> None:
        """Refuse a reservation that ends too soon, by its own code when it is over (japan-telecom 2)."""
        if porting is None:
            return
        left = days_left_including(porting.reservation_expires_on, business_date(now))
        if left < 1:
            raise Refused(System.SIM_NETWORK, "MNP_RESERVATION_EXPIRED", "the reservation is over")
        if left < self._port_days:
            raise Refused(System.SIM_NETWORK, "MNP_RESERVATION_TOO_SHORT", f"{left} days are left")

    def _change(self, line: LineId, change: Callable[[LineRecord], LineRecord]) -> None:
        with self._lock:
            record = self._lines.get(line)
            if record is None:
                raise Refused(System.SIM_NETWORK, "LINE_NOT_FOUND", "there is no such line")
            self._lines[line] = change(record)

    def _change_submitted(self, mark: OrderId, change: Callable[[LineRecord], LineRecord]) -> None:
        with self._lock:
            records = self._standing(mark)
            if not records:
                raise LookupError("no line was submitted for this order")
            for record in records:
                if record.line.state is LineState.SUBMITTED:
                    self._lines[record.line.id] = change(record)

    def _standing(self, mark: OrderId) -> list[LineRecord]:
        """Return the lines of *mark*, those opened by now whose time has come."""
        now = self._clock.now()
        records: list[LineRecord] = []
        for line in self._marked.get(mark, []):
            record = self._lines[line]
            if record.line.state is LineState.SUBMITTED and record.opens_at <= now:
                record = self._lines[line] = _opened(record)
            records.append(record)
        return records


def _opened(record: LineRecord) -> LineRecord:
    return attrs.evolve(record, line=attrs.evolve(record.line, state=LineState.OPEN, number=record.number))
