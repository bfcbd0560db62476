"""
The network's own records: plans it sells, numbers and cards it has in stock, lines it was asked to open.

A line is accepted now and opened or failed later, when the network's day has come so far (reference 3.1).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import attrs


JAPAN: Final = ZoneInfo("Asia/Tokyo")


class LineState(StrEnum):
    """Where a line stands."""

    ACCEPTED = "accepted"
    OPEN = "open"
    FAILED = "failed"
    ENDED = "ended"


@attrs.define(kw_only=True)
class Card:
    """A SIM card of the network; its number was written to it when it was made (semi-black)."""

    product_number: str
    phone_number: str
    used: bool = False


@attrs.frozen(kw_only=True)
class Donor:
    """What the carrier that loses a number knows of the contract: a port with other data fails."""

    reservation_number: str
    phone_number: str
    last_name_kana: str
    first_name_kana: str
    birthday: str
    unpaid: bool = False


@attrs.frozen(kw_only=True)
class Porting:
    """A number that a customer brings along, as it was sent."""

    reservation_number: str
    expires_on: date
    last_name_kana: str
    first_name_kana: str
    birthday: str


@attrs.define(kw_only=True)
class Line:
    """
    One line order and what became of it.

    *request_key* is the partner's own reference, *account* the phone number, *failure* the network's code.
    """

    id: int
    request_key: str
    account: str
    plan: str
    sim_kind: str
    submitted_at: datetime
    opens_at: datetime
    eid: str = ""
    product_number: str = ""
    porting: Porting | None = None
    voice_mail: bool = False
    call_waiting: bool = False
    state: LineState = LineState.ACCEPTED
    failure: str = ""
    settled_at: datetime | None = None
    changed_at: datetime | None = None
    ends_on: date | None = None

    @property
    def receipt(self) -> str:
        """The network's own number of the request."""
        return f"R{self.id:010d}"


@attrs.define
class Network:
    """Everything the network knows; whoever holds it holds its lock."""

    plans: set[str] = attrs.field(factory=set[str])
    numbers: deque[str] = attrs.field(factory=deque[str])
    cards: dict[str, Card] = attrs.field(factory=dict[str, Card])
    donors: dict[str, Donor] = attrs.field(factory=dict[str, Donor])
    lines: list[Line] = attrs.field(factory=list[Line])

    def account(self, account: str) -> Line | None:
        """Return the standing line of a phone number: the newest that has not failed."""
        standing = (line for line in reversed(self.lines) if line.state is not LineState.FAILED)
        return next((line for line in standing if line.account == account), None)

    def found(self, *, request_key: str = "", account: str = "", eid: str = "") -> Iterator[Line]:
        """Return every line that has all that is given, oldest first."""
        for line in self.lines:
            if (
                request_key in ("", line.request_key)
                and account in ("", line.account)
                and eid in ("", line.eid)
            ):
                yield line

    def opening(self, lines: Iterable[Line], now: datetime) -> None:
        """Let those of *lines* open, fail or end whose time has come."""
        for line in lines:
            if line.state is LineState.ACCEPTED and line.opens_at <= now:
                self.settle(line, line.opens_at)
            if line.state is LineState.OPEN and line.ends_on is not None and line.ends_on < day_of(now):
                line.state = LineState.ENDED

    def settle(self, line: Line, at: datetime, failure: str = "") -> None:
        """Open *line*, or fail it with *failure* or with what the losing carrier says."""
        line.failure = failure or self._objection(line)
        line.state = LineState.FAILED if line.failure else LineState.OPEN
        line.settled_at = at
        card = self.cards.get(line.product_number)
        if line.failure and card is not None:
            card.used = False

    def _objection(self, line: Line) -> str:
        """Return why the losing carrier keeps the number; nobody asks it about numbers it does not know."""
        port = line.porting
        donor = None if port is None else self.donors.get(port.reservation_number)
        if port is None or donor is None:
            return ""
        if donor.phone_number != line.account:
            return "MNP-303"
        if donor.unpaid:
            return "MNP-304"
        same = (donor.last_name_kana, donor.first_name_kana, donor.birthday)
        return "" if same == (port.last_name_kana, port.first_name_kana, port.birthday) else "MNP-301"


def day_of(instant: datetime) -> date:
    """Return the day in Japan."""
    return instant.astimezone(JAPAN).date()
