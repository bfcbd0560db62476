"""What the network does with requests: accepts lines, changes and ends them, says how they stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import attrs

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.sim_network.line_requests import (
    account_in,
    choice,
    date_in,
    eid_in,
    optional,
    phone_in,
    porting_in,
    product_number_in,
    required,
)
from ordering_sandbox.sim_network.network import Card, Line, LineState, Network, Porting, day_of
from ordering_sandbox.sim_network.refusals import LineRefusal
from ordering_sandbox.sim_network.switches import Switches


_VOICE: Final = "E0"
_SIM_KINDS: Final = (_VOICE, "E2", "E3")
_ON: Final = "10"
_OFF: Final = "20"


@attrs.frozen(kw_only=True)
class LineDesk:
    """One request's view of the network: its records, the switches, and the time."""

    network: Network
    switches: Switches
    now: datetime

    def open_esim(self, record: JsonObject) -> Json:
        """
        Accept an eSIM line (PA05-41): ``addKind`` N new number, M port, R reissue on another device.

        Raises:
            LineRefusal: It will not be opened.

        """
        kind = choice(record, "addKind", "N", "M", "R")
        eid = eid_in(record)
        if kind == "R":
            return self._reissue(record, eid)
        self._check_master(record)
        if self.switches.line_per_device and self._has_line(eid):
            raise LineRefusal("410")
        porting = self._porting(record) if kind == "M" else None
        return self._accept(record, self._number(record, porting), porting=porting, eid=eid)

    def open_card(self, record: JsonObject) -> Json:
        """
        Accept a line for a card in stock: with the number written to it, or a ported one.

        Raises:
            LineRefusal: It will not be opened.

        """
        kind = choice(record, "addKind", "N", "M")
        card = self.network.cards.get(product_number_in(record))
        if card is None or card.used:
            raise LineRefusal("411", "productNumber")
        porting = self._porting(record) if kind == "M" else None
        account = account_in(record) if porting is None else phone_in(record)
        if porting is None and account != card.phone_number:
            raise LineRefusal("411", "account")
        return self._accept(record, account, porting=porting, card=card)

    def set_options(self, record: JsonObject) -> Json:
        """
        Set voice mail and call waiting of a voice line; what is not named stays.

        Raises:
            LineRefusal: The line is not there, carries no voice, or is being changed.

        """
        line = self._line(record)
        self._check_lock(line)
        self._set_options(line, record)
        line.changed_at = self.now
        return {}

    def end(self, record: JsonObject) -> Json:
        """
        End a line on ``runDate``, today or later.

        Raises:
            LineRefusal: The line is not there, or the day is over.

        """
        line = self._line(record)
        day = date_in(record, "runDate")
        if day < day_of(self.now):
            raise LineRefusal("400", "runDate")
        line.ends_on = day
        return {}

    def detail(self, record: JsonObject) -> Json:
        """
        Say how the lines stand that carry a partner's ``requestKey``, or an ``account``.

        Raises:
            LineRefusal: Neither is given.

        """
        key, account = optional(record, "requestKey"), optional(record, "account")
        if not key and not account:
            raise LineRefusal("400", "requestKey")
        found = list(self.network.found(request_key=key, account=account))
        self.network.opening(found, self.now)
        return {"responseDatas": rendered(found)}

    def _reissue(self, record: JsonObject, eid: str) -> Json:
        line = self._line(record)
        self._check_lock(line)
        line.eid, line.changed_at = eid, self.now
        return {"account": line.account}

    def _accept(
        self,
        record: JsonObject,
        account: str,
        *,
        porting: Porting | None,
        eid: str = "",
        card: Card | None = None,
    ) -> Json:
        plan = required(record, "planCode")
        if plan not in self.network.plans:
            raise LineRefusal("413", "planCode")
        line = Line(
            id=len(self.network.lines) + 1,
            request_key=optional(record, "requestKey"),
            account=account,
            plan=plan,
            sim_kind=choice(record, "simKind", *_SIM_KINDS),
            eid=eid,
            product_number="" if card is None else card.product_number,
            porting=porting,
            submitted_at=self.now,
            opens_at=self.now + timedelta(seconds=self.switches.completion_seconds),
        )
        self._set_options(line, record)
        if not porting and card is None:
            self.network.numbers.popleft()
        if card is not None:
            card.used = True
        self.network.lines.append(line)
        told: dict[str, Json] = {}
        if self.switches.receipt_in_answer:
            told["receiptNumber"] = line.receipt
        if self.switches.account_in_answer:
            told["account"] = account
        return told

    def _has_line(self, eid: str) -> bool:
        standing = (LineState.ACCEPTED, LineState.OPEN)
        return any(line.state in standing for line in self.network.found(eid=eid))

    def _number(self, record: JsonObject, porting: Porting | None) -> str:
        if porting is not None:
            return phone_in(record)
        if record.get("account"):
            raise LineRefusal("356", "account")
        if not self.network.numbers:
            raise LineRefusal("412")
        return self.network.numbers[0]

    def _porting(self, record: JsonObject) -> Porting:
        porting = porting_in(record)
        left = (porting.expires_on - day_of(self.now)).days + 1
        if left < 1:
            raise LineRefusal("421", "mnp.reserveExpireDate")
        if left < self.switches.port_days:
            raise LineRefusal("422", "mnp.reserveExpireDate")
        return porting

    def _check_master(self, record: JsonObject) -> None:
        if choice(record, "createType", "new", "add") == "new":
            required(record, "masterAccount")
            required(record, "masterPassword")
        choice(record, "contractLine", "4G", "5G")
        if choice(record, "aladinOperated", _ON, _OFF) == _ON:
            date_in(record, "shipDate")

    def _line(self, record: JsonObject) -> Line:
        line = self.network.account(account_in(record))
        if line is None:
            raise LineRefusal("404", "account")
        self.network.opening([line], self.now)
        return line

    def _check_lock(self, line: Line) -> None:
        locked = timedelta(minutes=self.switches.lock_minutes)
        if line.changed_at is not None and self.now - line.changed_at < locked:
            raise LineRefusal("409", "account")

    def _set_options(self, line: Line, record: JsonObject) -> None:
        options = record.get("talkOption")
        if options is None:
            return
        if isinstance(options, str) or not isinstance(options, dict):
            raise LineRefusal("400", "talkOption")
        if line.sim_kind != _VOICE:
            raise LineRefusal("356", "talkOption")
        line.voice_mail = _flag(options, "voiceMail", line.voice_mail)
        line.call_waiting = _flag(options, "callWaiting", line.call_waiting)


def rendered(lines: Iterable[Line]) -> list[Json]:
    """Return lines as ``mvno/getDetail/`` shows them."""
    return [
        {
            "requestKey": line.request_key,
            "receiptNumber": line.receipt,
            "account": line.account,
            "state": str(line.state),
            "resultDetail": line.failure,
            "eid": line.eid,
            "productNumber": line.product_number,
            "planCode": line.plan,
            "simKind": line.sim_kind,
            "talkOption": {
                "voiceMail": _ON if line.voice_mail else _OFF,
                "callWaiting": _ON if line.call_waiting else _OFF,
            },
            "runDate": "" if line.ends_on is None else line.ends_on.strftime("%Y%m%d"),
        }
        for line in lines
    ]


def _flag(options: JsonObject, name: str, standing: bool) -> bool:  # noqa: FBT001 - the option as it stands
    return standing if options.get(name) is None else choice(options, name, _ON, _OFF) == _ON
