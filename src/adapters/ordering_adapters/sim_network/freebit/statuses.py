"""Reads how lines stand: the answer of the status path, whose shape the partner's contract decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeGuard

from ordering_adapters.sim_network.connection import Answer, is_object
from ordering_adapters.sim_network.freebit.codes import code_of
from ordering_adapters.sim_network.freebit.requests import ON
from ordering_adapters.sim_network.freebit.settings import FreebitSettings
from ordering_core.application.line_book import own_name
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.lines import Line, LineState
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.values import LineNumber
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Unavailable


_STATES: Final[Mapping[str, LineState]] = MappingProxyType(
    {
        "accepted": LineState.SUBMITTED,
        "open": LineState.OPEN,
        "ended": LineState.OPEN,
        "failed": LineState.FAILED,
    }
)
"""A line that has ended was opened once: the order that opened it has been fulfilled."""


def lines_in(answer: Answer, mark: OrderId, settings: FreebitSettings) -> tuple[Line, ...]:
    """
    Return the lines in the answer to a question for *mark*.

    Raises:
        Unavailable: The answer is none that could be understood; nothing is concluded from it.

    """
    found = answer.get("responseDatas")
    if not _is_list(found):
        raise _unreadable()
    return tuple(_line(row, mark, place, settings) for place, row in enumerate(found, 1))


def _line(row: object, mark: OrderId, place: int, settings: FreebitSettings) -> Line:
    if not is_object(row):
        raise _unreadable()
    if settings.reference_field and row.get(settings.reference_field) not in (None, str(mark)):
        raise _unreadable()
    state = _STATES.get(str(row.get("state", "")))
    if state is None:
        raise _unreadable()
    options = row.get("talkOption")
    chosen: Answer = options if is_object(options) else {}
    return Line(
        id=line_id(row, mark, place, settings),
        mark=mark,
        state=state,
        number=None if state is LineState.FAILED else number_in(row),
        failure=code_of(str(row.get("resultDetail", "")), settings.codes)
        if state is LineState.FAILED
        else "",
        voice_mail=chosen.get("voiceMail") == ON,
        call_waiting=chosen.get("callWaiting") == ON,
    )


def line_id(answer: Answer, mark: OrderId, place: int, settings: FreebitSettings) -> LineId:
    """Return the network's number of the request, or our own of the *place*-th line where it says none."""
    receipt = answer.get(settings.receipt_field) if settings.receipt_field else None
    return LineId(str(receipt)) if receipt else own_name(mark, place)


def number_in(answer: Answer) -> LineNumber | None:
    """Return the phone number that the network says, if it says one."""
    try:
        return LineNumber.parse(str(answer.get("account", "")))
    except InvalidValue:
        return None


def _unreadable() -> Unavailable:
    return Unavailable(System.SIM_NETWORK, "STATUS_UNREADABLE")


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
