"""What goes over the form API: written as the carrier takes it, under one login, and told to nobody else."""

import json
import re
import threading
import traceback

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Final

import attrs
import httpx
import pytest

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory import MemoryLineBook, MemoryStore
from ordering_adapters.sim_network.freebit.codes import CODES
from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_adapters.sim_network.freebit.requests import card_request, esim_request
from ordering_adapters.sim_network.freebit.settings import PATHS, FreebitSettings, Function
from ordering_adapters.sim_network.freebit.texts import (
    LONGEST,
    full_width_name,
    kana_reading,
    not_writable,
)
from ordering_core.domain.configuration import NumberPorting
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.lines import LineRequest, LineState
from ordering_core.domain.values import (
    CardNumber,
    Eid,
    KatakanaName,
    LineNumber,
    MnpReservationNumber,
    MobileNumber,
    PersonName,
)
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import Gender
from ordering_core.errors import OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.ports.line_book import Completion
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.threads import all_get_through, at_once
from ordering_core.testing.value_strategies import (
    eids,
    katakana,
    mobile_numbers,
    names,
    reservation_numbers,
)
from ordering_sandbox.sim_network.seed import add_cards
from tests.contract.sim_network_lines import Network
from tests.unit.domain import rule_cases
from tests.unit.sandbox.sim_network.networks import NOON, NetworkInHand


ORDER: Final = OrderId("801000000000001AAA")
TODAY: Final = date(2026, 4, 8)
PLAIN: Final = FreebitSettings(url="https://network.example/emptool/api/", oem_id="us", oem_key="secret")
PORTING: Final = NumberPorting(
    reservation_number=MnpReservationNumber("1234567890"),
    reservation_expires_on=date(2999, 1, 1),
    phone_number=MobileNumber("09012345678"),
    last_name=PersonName("髙橋"),
    first_name=PersonName("さくら"),
    last_name_katakana=KatakanaName("タカハシ"),
    first_name_katakana=KatakanaName("サクラ"),
    gender=Gender.FEMALE,
    birth_date=date(1990, 2, 28),
)
ESIM: Final = LineRequest(
    mark=ORDER, network_plan="PASI_10G", voice=True, eid=Eid("89049032000001000000012345678954")
)
PORTED: Final = attrs.evolve(ESIM, porting=PORTING)
PERSONAL: Final = ("髙橋", "さくら", "タカハシ", "09012345678", "1234567890", "89049032", "19900228")


@st.composite
def portings(draw: st.DrawFn) -> NumberPorting:
    """Return ports whose names are of letters that every card has."""
    return NumberPorting(
        reservation_number=MnpReservationNumber(draw(reservation_numbers())),
        reservation_expires_on=TODAY + timedelta(days=draw(st.integers(6, 14))),
        phone_number=MobileNumber(draw(mobile_numbers())),
        last_name=PersonName(draw(names())),
        first_name=PersonName(draw(names())),
        last_name_katakana=KatakanaName(draw(katakana())),
        first_name_katakana=KatakanaName(draw(katakana())),
        gender=draw(st.sampled_from(Gender)),
        birth_date=draw(st.dates(date(1926, 1, 1), TODAY)),
    )


@st.composite
def requests(draw: st.DrawFn) -> LineRequest:
    """Return any line that can be asked for, with a number to bring along or without."""
    porting = draw(st.none() | portings())
    asked = LineRequest(
        mark=ORDER,
        network_plan=draw(st.sampled_from(["PASI_1G", "PASI_10G", "PASI_50G"])),
        voice=porting is not None or draw(st.booleans()),
        porting=porting,
    )
    if draw(st.booleans()):
        return attrs.evolve(asked, eid=Eid(draw(eids())))
    return attrs.evolve(asked, card=CardNumber("AX0000000000001"), number=LineNumber("08087654321"))


def sent(request: LineRequest, known: FreebitSettings = PLAIN) -> tuple[str, dict[str, object]]:
    """Return where *request* goes and what of it."""
    if request.eid is not None:
        return PATHS[Function.OPEN_ESIM], json.loads(json.dumps(esim_request(request, request.eid, known)))
    assert request.card is not None
    return PATHS[Function.OPEN_CARD], json.loads(json.dumps(card_request(request, request.card, known)))


class TestWriting:
    @given(request_=requests(), master=st.booleans())
    @settings(max_examples=60, deadline=None)
    def test_whatever_is_written_the_network_takes(self, request_: LineRequest, *, master: bool) -> None:
        network = NetworkInHand()
        with network.site.open() as (state, now):
            assert now == NOON
            add_cards(
                state.network,
                {"cards": [{"productNumber": "AX0000000000001", "phoneNumber": "08087654321"}]},
            )
        known = attrs.evolve(PLAIN, master_account="m", master_password="p") if master else PLAIN
        path, fields = sent(request_, known)
        assert network.code(path, **fields) == "200"
        (line,) = network.lines(ORDER)
        assert line["planCode"] == request_.network_plan
        assert (line["simKind"] == "E0") == request_.voice
        if request_.porting is not None:
            assert line["account"] == request_.porting.phone_number.value

    @given(st.text(st.characters(), min_size=1, max_size=60))
    @settings(max_examples=200, deadline=None)
    def test_a_name_is_full_width_or_refused(self, typed: str) -> None:
        try:
            name = PersonName(typed)
        except ValueError:
            return
        written = None
        with suppress(Refused):
            written = full_width_name(name)
        if written is None:
            with pytest.raises(Refused, match=re.escape(str(not_writable()))):
                sent(attrs.evolve(PORTED, porting=attrs.evolve(PORTING, last_name=name)))
            return
        network = NetworkInHand()
        path, fields = sent(attrs.evolve(PORTED, porting=attrs.evolve(soon(PORTING), last_name=name)))
        assert network.code(path, **fields) == "200"
        assert len(written) <= LONGEST

    @pytest.mark.parametrize(
        ("typed", "written"),
        [("Smith", "Ｓｍｉｔｈ"), ("髙橋", "髙橋"), ("Mary Ann", "Ｍａｒｙ　Ａｎｎ")],
    )
    def test_latin_letters_become_full_width(self, typed: str, written: str) -> None:
        assert full_width_name(PersonName(typed)) == written

    @pytest.mark.parametrize("typed", ["Ngô", "Пётр𐐀", "ÀB", "José"])
    def test_letters_without_a_full_width_form_are_refused(self, typed: str) -> None:
        with pytest.raises(Refused) as refusal:
            full_width_name(PersonName(typed))
        assert refusal.value.code == "MNP_NAME_NOT_WRITABLE"

    @given(
        st.text(st.characters(), min_size=1, max_size=60), st.text(st.characters(), min_size=1, max_size=60)
    )
    @example("Mary Ann", "ｼﾞｮﾝ ヴァン・ダム")
    @example("漢" * 50, "ア" * 50)
    @settings(max_examples=200, deadline=None)
    def test_what_the_rules_accept_is_never_refused_here(self, typed: str, read: str) -> None:
        for name, kana in ((typed, "タカハシ"), ("髙橋", read), (typed, read)):
            application = attrs.evolve(rule_cases.PORTING, last_name=name, last_name_katakana=kana)
            draft = attrs.evolve(rule_cases.ESIM, porting=application)
            if not rule_cases.codes(rule_cases.facts(draft, Gate.SUBMIT)):
                written = attrs.evolve(
                    PORTING, last_name=PersonName.parse(name), last_name_katakana=KatakanaName.parse(kana)
                )
                sent(attrs.evolve(PORTED, porting=written))

    def test_a_reading_loses_its_spaces_and_nothing_else(self) -> None:
        assert kana_reading(KatakanaName("ジョン ヴァン・ダム")) == "ジョンヴァン・ダム"

    def test_a_company_has_no_first_name_and_no_birthday(self) -> None:
        _, fields = sent(attrs.evolve(PORTED, porting=attrs.evolve(PORTING, gender=Gender.CORPORATE)))
        assert json.loads(json.dumps(fields["mnp"])).keys() == {
            "reserveNumber",
            "reserveExpireDate",
            "lastnameKanji",
            "lastnameZenKana",
            "gender",
        }

    def test_a_card_without_its_number_is_refused(self) -> None:
        with pytest.raises(Refused) as refusal:
            sent(attrs.evolve(ESIM, eid=None, card=CardNumber("AX0000000000001")))
        assert refusal.value.code == "CARD_NUMBER_MISSING"

    def test_settings_that_say_nothing_of_a_reference_send_none(self) -> None:
        _, fields = sent(ESIM, attrs.evolve(PLAIN, reference_field=""))
        assert str(ORDER) not in json.dumps(fields)


def soon(porting: NumberPorting) -> NumberPorting:
    return attrs.evolve(porting, reservation_expires_on=TODAY + timedelta(days=10))


class TestOverTheWire(Network):
    def test_a_name_that_cannot_be_written_is_refused_before_anything_is_sent(self) -> None:
        lines = self.new_lines()
        self.process.calls()
        unwritable = attrs.evolve(PORTING, first_name=PersonName("Ngô"))
        with pytest.raises(Refused) as refusal:
            lines.submit(attrs.evolve(ESIM, porting=unwritable))
        assert refusal.value.code == "MNP_NAME_NOT_WRITABLE"
        assert self.process.calls() == []

    def test_threads_that_begin_at_once_log_in_once(self) -> None:
        lines = self.new_lines()
        self.process.calls()
        orders = [OrderId(f"80100000000000{place}AAA") for place in range(6)]
        all_get_through(
            *(lambda order=order: lines.submit(attrs.evolve(ESIM, mark=order)) for order in orders)
        )
        calls = self.process.calls()
        assert (calls.count("authOem"), calls.count("addAcnt")) == (1, 6)

    def test_threads_whose_key_expired_at_once_log_in_once_more(self) -> None:
        lines = self.new_lines()
        lines.find(ORDER)
        self.process.calls()
        self.process.fault(kind="expire_token", path="getDetail")
        assert at_once(*[lambda: lines.find(ORDER)] * 4) == [None] * 4
        assert self.process.calls().count("authOem") == 1

    def test_a_submit_under_an_expired_key_opens_one_line(self) -> None:
        lines = self.new_lines()
        lines.find(ORDER)
        self.process.fault(kind="expire_token", path="addAcnt")
        self.process.calls()
        lines.submit(ESIM)
        assert self.process.calls() == ["addAcnt", "authOem", "addAcnt"]
        assert len(self.process.lines(ORDER)) == 1

    def test_a_key_is_not_used_beyond_its_age(self) -> None:
        clock = ManualClock(datetime(2026, 4, 8, tzinfo=UTC))
        book = MemoryLineBook(MemoryStore(clock))
        lines = FreebitLines(self.connected(clock=clock), book)
        for age, logins in (
            (timedelta(0), 1),
            (timedelta(minutes=29, seconds=59), 0),
            (timedelta(seconds=1), 1),
        ):
            clock.advance(age)
            self.process.calls()
            lines.find(ORDER)
            assert self.process.calls().count("authOem") == logins

    def test_a_partner_nobody_knows_is_refused_and_asks_again_the_next_time(self) -> None:
        api = self.connected(self.settings(oem_key="wrong"))
        lines = FreebitLines(api, MemoryLineBook(MemoryStore(ManualClock(NOON))))
        for _ in range(2):
            self.process.calls()
            with pytest.raises(Refused) as refusal:
                lines.submit(ESIM)
            assert refusal.value.code == "NOT_AUTHENTICATED"
            assert self.process.calls() == ["authOem"]

    @pytest.mark.parametrize(
        ("fault", "kind", "opened"),
        [
            ({"kind": "lost_before_commit"}, OutcomeUnknown, 0),
            ({"kind": "lost_after_commit"}, OutcomeUnknown, 1),
            ({"kind": "answer", "failure": "HTML"}, OutcomeUnknown, 0),
            ({"kind": "answer", "failure": "HTML_AFTER_COMMIT"}, OutcomeUnknown, 1),
            ({"kind": "answer", "failure": "EMPTY_AFTER_COMMIT"}, OutcomeUnknown, 1),
            ({"kind": "answer", "failure": "SERVER_ERROR"}, OutcomeUnknown, 0),
            ({"kind": "answer", "failure": "SERVER_ERROR_AFTER_COMMIT"}, OutcomeUnknown, 1),
            ({"kind": "answer", "failure": "SYSTEM_ERROR_AFTER_COMMIT"}, OutcomeUnknown, 1),
            ({"kind": "answer", "failure": "SERVICE_UNAVAILABLE"}, OutcomeUnknown, 0),
            ({"kind": "answer", "failure": "GATEWAY_TIMEOUT_AFTER_COMMIT"}, OutcomeUnknown, 1),
            ({"kind": "answer", "failure": "TOO_MANY_REQUESTS"}, Unavailable, 0),
        ],
        ids=str,
    )
    def test_what_goes_wrong_is_told_apart_and_tells_nothing_of_the_customer(
        self, fault: dict[str, object], kind: type[PortError], opened: int
    ) -> None:
        lines = self.new_lines()
        self.process.fault(path="addAcnt", **fault)
        request = attrs.evolve(PORTED, porting=attrs.evolve(PORTING, reservation_expires_on=date(2099, 1, 1)))
        with pytest.raises(kind) as raised:
            lines.submit(request)
        assert len(self.process.lines(ORDER)) == opened
        told = "".join(traceback.format_exception(raised.value)) + repr(raised.value.args)
        assert raised.value.__context__ is None
        assert not [secret for secret in (*PERSONAL, self.settings().oem_key) if secret in told]

    @pytest.mark.parametrize("failure", ["HTML", "SERVER_ERROR", "SERVICE_UNAVAILABLE", "TOO_MANY_REQUESTS"])
    @pytest.mark.parametrize("path", ["authOem", "getDetail"])
    def test_what_cannot_be_read_is_unavailable_and_no_absence(self, failure: str, path: str) -> None:
        lines = self.new_lines()
        self.process.fault(path=path, kind="answer", failure=failure)
        with pytest.raises(Unavailable):
            lines.find(ORDER)
        assert lines.find(ORDER) == ()

    def test_a_login_that_fails_has_opened_nothing(self) -> None:
        lines = self.new_lines()
        self.process.fault(path="authOem", kind="lost_after_commit")
        with pytest.raises(Unavailable):
            lines.submit(ESIM)
        assert self.process.lines(ORDER) == []

    def test_a_network_nobody_reaches_is_unavailable(self) -> None:
        api = self.connected(self.settings(url="http://127.0.0.1:1/api/"))
        with pytest.raises(Unavailable):
            FreebitLines(api, MemoryLineBook(MemoryStore(ManualClock(NOON)))).submit(ESIM)

    def test_a_slow_login_leaves_no_time_for_the_line(self) -> None:
        lines = self.new_lines()
        self.api.connection.timeout = 0.4
        self.process.fault(path="authOem", kind="delay", seconds=0.8)
        with pytest.raises(Unavailable):
            lines.submit(ESIM)
        assert self.process.lines(ORDER) == []

    def test_logging_in_and_the_line_share_one_time(self) -> None:
        lines = self.new_lines()
        self.api.connection.timeout = 0.8
        for path in ("authOem", "addAcnt"):
            self.process.fault(path=path, kind="delay", seconds=0.5)
        with pytest.raises(OutcomeUnknown):
            lines.submit(ESIM)
        assert len(self.process.lines(ORDER)) == 1

    def test_a_thread_does_not_wait_for_a_login_beyond_its_own_time(self) -> None:
        lines = self.new_lines()
        self.api.connection.timeout = 0.2
        assert self.api._login.acquire()
        try:
            with pytest.raises(Unavailable, match="LOGIN_TAKES_TOO_LONG"):
                lines.submit(ESIM)
        finally:
            self.api._login.release()

    def test_a_busy_line_may_be_changed_later(self) -> None:
        self.process.switch(lock_minutes=30)
        lines = self.new_lines()
        line = lines.submit(ESIM)
        lines.set_voice_options(line, voice_mail=True, call_waiting=False)
        with pytest.raises(Unavailable, match="LINE_BUSY"):
            lines.set_voice_options(line, voice_mail=True, call_waiting=True)
        self.process.admin("PUT", "clock", {"advance_seconds": 1801})
        lines.set_voice_options(line, voice_mail=True, call_waiting=True)

    @pytest.mark.parametrize("numeric", [False, True])
    def test_every_refusal_has_a_code_of_ours(self, *, numeric: bool) -> None:
        self.process.switch(numeric_codes=numeric)
        lines = self.new_lines()
        for changed, code in (
            ({"network_plan": "NONE"}, "PLAN_UNKNOWN"),
            ({"porting": attrs.evolve(PORTING, reservation_expires_on=TODAY)}, "MNP_RESERVATION_EXPIRED"),
            (
                {"eid": None, "card": CardNumber("AX9999999999999"), "number": LineNumber("08087654321")},
                "CARD_UNUSABLE",
            ),
        ):
            with pytest.raises(Refused) as refusal:
                lines.submit(attrs.evolve(ESIM, **changed))
            assert refusal.value.code == code

    def test_the_codes_of_a_contract_replace_ours(self) -> None:
        api = self.connected(self.settings(codes={"413": "PLAN_ENDED"}))
        with pytest.raises(Refused) as refusal:
            FreebitLines(api, MemoryLineBook(MemoryStore(ManualClock(NOON)))).submit(
                attrs.evolve(ESIM, network_plan="NONE")
            )
        assert refusal.value.code == "PLAN_ENDED"

    def test_every_code_of_the_network_is_known(self) -> None:
        said = self.process.admin("GET", "codes")
        assert isinstance(said, dict)
        assert {*said["refusals"], *said["completions"]} == set(CODES)

    def test_a_line_that_opened_tells_its_number(self) -> None:
        lines = self.new_lines()
        lines.submit(ESIM)
        self.process.admin("PUT", "clock", {"advance_seconds": 601})
        found = lines.find(ORDER)
        assert found is not None
        assert [line.state for line in found] == [LineState.OPEN]
        assert self.book.lines(ORDER) == found

    def test_a_line_that_follows_a_failed_one_is_waited_for_where_nobody_can_be_asked(self) -> None:
        lines = FreebitLines(
            self.connected(self.settings(paths=PATHS)), MemoryLineBook(MemoryStore(SystemClock()))
        )
        book = lines._book
        failed = lines.submit(ESIM)
        book.complete(Completion(line=failed, failure="EID_IN_USE"))
        assert [line.state for line in lines.find(ORDER) or ()] == [LineState.FAILED]
        second = lines.submit(ESIM)
        assert lines.find(ORDER) is None
        book.complete(Completion(line=second))
        assert [line.state for line in lines.find(ORDER) or ()] == [LineState.FAILED, LineState.OPEN]

    def test_a_line_that_cannot_be_kept_is_no_refusal(self) -> None:
        lines = self.new_lines()

        def broken() -> object:
            raise Unavailable("store", "disk")

        self.book._transaction = broken  # type: ignore[assignment]  # the disk is full
        with pytest.raises(OutcomeUnknown, match="LINE_NOT_KEPT"):
            lines.submit(ESIM)
        assert len(self.process.lines(ORDER)) == 1

    def test_changes_of_one_line_come_one_after_the_other(self) -> None:
        lines = self.new_lines()
        line = lines.submit(ESIM)
        inside = threading.Semaphore(1)
        post = self.api.connection._client.send
        overlaps: list[bool] = []

        def alone(request: httpx.Request, *, stream: bool = False) -> httpx.Response:
            overlaps.append(not inside.acquire(blocking=False))
            try:
                return post(request, stream=stream)
            finally:
                inside.release()

        self.api.connection._client.send = alone  # type: ignore[method-assign,assignment]  # to see who is inside
        change: Callable[[], object] = lambda: lines.set_voice_options(  # noqa: E731 - four times the same
            line, voice_mail=True, call_waiting=True
        )
        assert at_once(*[change] * 4) == [None] * 4
        assert overlaps == [False] * 4


class TestSettings:
    @pytest.mark.parametrize(
        ("changed", "problem"),
        [
            ({"url": "network.example"}, "has to be an address"),
            ({"url": "http://network.example/"}, "https"),
            ({"url": "https://user:pw@network.example/"}, "without user"),
            ({"paths": {**PATHS, Function.TERMINATE: ""}}, "paths has to name: terminate"),
            ({"paths": {**PATHS, Function.STATUS: "x/"}, "reference_field": ""}, "reference_field"),
            ({"concurrency": 0}, "concurrency"),
        ],
    )
    def test_what_cannot_work_is_refused(self, changed: dict[str, object], problem: str) -> None:
        with pytest.raises(ValueError, match=problem):
            attrs.evolve(PLAIN, **changed)  # type: ignore[arg-type]  # names of its own fields

    def test_secrets_are_not_shown(self) -> None:
        shown = repr(attrs.evolve(PLAIN, oem_key="hidden-key", master_account="m", master_password="hidden"))
        assert "hidden" not in shown
