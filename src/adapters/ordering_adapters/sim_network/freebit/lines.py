"""The port of line orders on Freebit: submit once, and know how a line stands if the network can be asked."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from threading import Lock
from typing import Final
from weakref import WeakValueDictionary

from ordering_adapters.sim_network.connection import Answer
from ordering_adapters.sim_network.digests import sim_key
from ordering_adapters.sim_network.freebit.api import FreebitApi
from ordering_adapters.sim_network.freebit.requests import OFF, ON, card_request, esim_request, number_sent
from ordering_adapters.sim_network.freebit.settings import Function
from ordering_adapters.sim_network.freebit.statuses import line_id, lines_in, number_in
from ordering_adapters.sim_network.freebit.texts import day
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.lines import Line, LineRequest, LineState
from ordering_core.domain.values import CardNumber, Eid, LineNumber
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, PortError, Refused
from ordering_core.ports.line_book import LineBook
from ordering_core.ports.line_provisioning import LineProvisioning


NOT_KNOWN: Final = "LINE_NOT_FOUND"
"""Nobody has heard of the line, or nobody knows its number yet."""


class FreebitLines(LineProvisioning):
    """Lines of one partner. Without a status path only the *book* knows what became of them."""

    def __init__(self, api: FreebitApi, book: LineBook) -> None:
        """Ask and tell the network through *api*; keep in *book* what it says."""
        self._api = api
        self._book = book
        self._settings = api.settings
        self._guard = Lock()
        self._in_flight: WeakValueDictionary[str, _InFlight] = WeakValueDictionary()

    def find(self, mark: OrderId, /) -> tuple[Line, ...] | None:
        if not self._settings.can_be_asked:
            return _told(self._book.lines(mark))
        answer = self._api.read(Function.STATUS, {self._settings.reference_field: str(mark)})
        found = lines_in(answer, mark, self._settings)
        for line in found:
            self._book.learn(line)
        return found

    def submit(self, request: LineRequest, /) -> LineId:
        match request:
            case LineRequest(eid=Eid() as sim, card=None):
                function, fields = Function.OPEN_ESIM, esim_request(request, sim, self._settings)
            case LineRequest(eid=None, card=CardNumber() as sim):
                function, fields = Function.OPEN_CARD, card_request(request, sim, self._settings)
            case _:
                raise Refused(System.SIM_NETWORK, "REQUEST_INVALID", "give either an EID or a card")
        with self._alone(request.mark):
            return self._accepted(request, sim, self._api.write(function, fields))

    def set_voice_options(self, line: LineId, /, *, voice_mail: bool, call_waiting: bool) -> None:
        options = {"voiceMail": ON if voice_mail else OFF, "callWaiting": ON if call_waiting else OFF}
        with self._alone(line):
            number = self._number(line)
            self._api.write(Function.VOICE_OPTIONS, {"account": number.value, "talkOption": options})

    def terminate(self, line: LineId, /, *, run_date: date) -> None:
        with self._alone(line):
            number = self._number(line)
            self._api.write(Function.TERMINATE, {"account": number.value, "runDate": day(run_date)})

    def _accepted(self, request: LineRequest, sim: Eid | CardNumber, answer: Answer) -> LineId:
        """Keep the accepted line. Raises OutcomeUnknown: it is accepted, and could not be kept."""
        try:
            place = len(self._book.lines(request.mark)) + 1
            line = Line(
                id=line_id(answer, request.mark, place, self._settings),
                mark=request.mark,
                state=LineState.SUBMITTED,
                number=number_in(answer) or number_sent(request),
            )
            self._book.learn(line, sim=sim_key(sim))
        except PortError as error:
            raise OutcomeUnknown(System.SIM_NETWORK, "LINE_NOT_KEPT") from error
        return line.id

    def _number(self, line: LineId) -> LineNumber:
        """Return the line's phone number, by which the network calls it. Raises Unavailable, Refused."""
        known = self._book.line(line)
        if known is not None and known.number is None and self._settings.can_be_asked:
            self.find(known.mark)
            known = self._book.line(line)
        if known is None or known.number is None:
            raise Refused(System.SIM_NETWORK, NOT_KNOWN)
        return known.number

    @contextmanager
    def _alone(self, line: str) -> Generator[None]:
        """Let one thread at a time change one line (DESIGN 5)."""
        with self._guard:
            turn = self._in_flight.setdefault(line, _InFlight())
        with turn.lock:
            yield


def _told(lines: tuple[Line, ...]) -> tuple[Line, ...] | None:
    """Return what completions say of an order's lines; None while they say nothing of the last."""
    told = tuple(line for line in lines if line.state is not LineState.SUBMITTED)
    is_open = any(line.state is LineState.OPEN for line in told)
    return told if told and (is_open or lines[-1] in told) else None


class _InFlight:
    """Whose turn it is to change one line; forgotten with the last who waits for it."""

    def __init__(self) -> None:
        self.lock = Lock()
