"""The contract of a mobile network's line orders, whether it can be asked for a mark or not."""

from __future__ import annotations

import abc

from datetime import date, timedelta
from functools import partial

import attrs
import pytest

from ordering_core.domain.configuration import NumberPorting
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.lines import Line, LineRequest, LineState
from ordering_core.domain.values import (
    CardNumber,
    Eid,
    KatakanaName,
    LineNumber,
    MnpReservationNumber,
    MobileNumber,
    PersonName,
)
from ordering_core.domain.vocabulary import Gender
from ordering_core.errors import Refused
from ordering_core.ports.line_provisioning import LineProvisioning
from ordering_core.testing.contracts.outside import OutsideContract, both


ORDER = OrderId("801000000000001AAA")
OTHER_ORDER = OrderId("801000000000002AAA")
UNKNOWN = LineId("no-such-line")
PORTED = MobileNumber("09012345678")
PRINTED = LineNumber("08087654321")


class LineContract(OutsideContract):
    """What the contracts of a mobile network need."""

    plan = "PASI_10G"
    """A plan of the network that carries voice."""

    @pytest.fixture
    @abc.abstractmethod
    def lines(self) -> LineProvisioning:
        """Return the network under test, without lines."""

    @abc.abstractmethod
    def today(self) -> date:
        """Return the network's day in Japan."""

    @abc.abstractmethod
    def lines_in_network(self, mark: OrderId) -> tuple[LineId, ...]:
        """Return every line submitted under *mark*, as the network's staff see them."""

    @abc.abstractmethod
    def end_of(self, line: LineId) -> date | None:
        """Return the day on which the line is to end, or None."""

    @abc.abstractmethod
    def complete(self, mark: OrderId) -> None:
        """Let the network open the line of *mark*."""

    @abc.abstractmethod
    def fail(self, mark: OrderId, code: str) -> None:
        """Let the network fail the line of *mark* with *code*."""

    def esim(self, mark: OrderId = ORDER) -> LineRequest:
        """Return an eSIM with a new number."""
        return LineRequest(
            mark=mark, network_plan=self.plan, voice=True, eid=Eid("89049032000001000000012345678954")
        )

    def card(self, mark: OrderId = ORDER) -> LineRequest:
        """Return a card with the number it was made with."""
        return LineRequest(
            mark=mark,
            network_plan=self.plan,
            voice=True,
            card=CardNumber("AX0000000000001"),
            number=PRINTED,
        )

    def porting(self, *, days_left: int) -> NumberPorting:
        """Return a number to bring along, its reservation with *days_left*, today counted."""
        return NumberPorting(
            reservation_number=MnpReservationNumber("1234567890"),
            reservation_expires_on=self.today() + timedelta(days=days_left - 1),
            phone_number=PORTED,
            last_name=PersonName("髙橋"),
            first_name=PersonName("さくら"),
            last_name_katakana=KatakanaName("タカハシ"),
            first_name_katakana=KatakanaName("サクラ"),
            gender=Gender.FEMALE,
            birth_date=date(1990, 2, 28),
        )


def only(lines: LineProvisioning) -> Line:
    """Return the one line of our order."""
    found = lines.find(ORDER)
    assert found is not None
    assert len(found) == 1
    return found[0]


class LineProvisioningContract(LineContract):
    """What a `LineProvisioning` keeps to whose network can be asked for a mark."""

    def test_nothing_is_found_at_first(self, lines: LineProvisioning) -> None:
        assert lines.find(ORDER) == ()

    def test_a_submitted_line_is_found_by_its_mark(self, lines: LineProvisioning) -> None:
        submitted = lines.submit(self.esim())
        lines.submit(self.esim(OTHER_ORDER))
        found = only(lines)
        assert (found.id, found.mark, found.state) == (submitted, ORDER, LineState.SUBMITTED)
        assert (found.voice_mail, found.call_waiting, found.failure) == (False, False, "")

    def test_submitting_twice_opens_two_and_both_are_found(self, lines: LineProvisioning) -> None:
        submitted = {lines.submit(self.esim()), lines.submit(self.esim())}
        assert {line.id for line in lines.find(ORDER) or ()} == submitted
        assert len(submitted) == 2

    def test_a_line_opens_later_with_a_number(self, lines: LineProvisioning) -> None:
        lines.submit(self.esim())
        self.complete(ORDER)
        found = only(lines)
        assert found.state is LineState.OPEN
        assert found.number is not None

    def test_a_card_opens_with_the_number_it_was_made_with(self, lines: LineProvisioning) -> None:
        lines.submit(self.card())
        self.complete(ORDER)
        assert [line.number for line in lines.find(ORDER) or ()] == [PRINTED]

    def test_a_ported_line_opens_with_the_number_brought_along(self, lines: LineProvisioning) -> None:
        lines.submit(attrs.evolve(self.esim(), porting=self.porting(days_left=15)))
        self.complete(ORDER)
        assert [line.number for line in lines.find(ORDER) or ()] == [LineNumber(PORTED.value)]

    def test_a_failed_line_says_why(self, lines: LineProvisioning) -> None:
        lines.submit(attrs.evolve(self.esim(), porting=self.porting(days_left=15)))
        self.fail(ORDER, "MNP_NAME_MISMATCH")
        found = only(lines)
        assert (found.state, found.failure) == (LineState.FAILED, "MNP_NAME_MISMATCH")
        assert found.number is None

    @pytest.mark.parametrize("days_left", [0, -30])
    def test_a_port_whose_reservation_is_over_is_refused(
        self, lines: LineProvisioning, days_left: int
    ) -> None:
        with pytest.raises(Refused) as refusal:
            lines.submit(attrs.evolve(self.esim(), porting=self.porting(days_left=days_left)))
        assert refusal.value.code.startswith("MNP_")
        assert self.lines_in_network(ORDER) == ()

    def test_a_line_needs_either_an_esim_or_a_card(self, lines: LineProvisioning) -> None:
        for request in (
            attrs.evolve(self.esim(), eid=None),
            attrs.evolve(self.card(), eid=self.esim().eid),
        ):
            with pytest.raises(Refused):
                lines.submit(request)
        assert self.lines_in_network(ORDER) == ()

    @pytest.mark.parametrize(
        ("voice_mail", "call_waiting"), [(True, True), (True, False), (False, True), (False, False)]
    )
    def test_voice_options_are_set_as_often_as_one_likes(
        self, lines: LineProvisioning, *, voice_mail: bool, call_waiting: bool
    ) -> None:
        line = lines.submit(self.esim())
        lines.set_voice_options(line, voice_mail=True, call_waiting=False)
        for _ in range(2):
            lines.set_voice_options(line, voice_mail=voice_mail, call_waiting=call_waiting)
            found = only(lines)
            assert (found.voice_mail, found.call_waiting) == (voice_mail, call_waiting)

    def test_a_data_line_has_no_voice_options(self, lines: LineProvisioning) -> None:
        line = lines.submit(attrs.evolve(self.esim(), voice=False))
        with pytest.raises(Refused):
            lines.set_voice_options(line, voice_mail=True, call_waiting=False)

    def test_a_line_that_is_not_there_is_refused(self, lines: LineProvisioning) -> None:
        with pytest.raises(Refused):
            lines.set_voice_options(UNKNOWN, voice_mail=True, call_waiting=False)
        with pytest.raises(Refused):
            lines.terminate(UNKNOWN, run_date=self.today())

    def test_a_network_that_is_down_does_nothing(self, lines: LineProvisioning) -> None:
        self.down("find", lambda: lines.find(ORDER))
        self.down("submit", lambda: lines.submit(self.esim()))
        assert lines.find(ORDER) == ()
        line = lines.submit(self.esim())
        self.down(
            "set_voice_options",
            lambda: lines.set_voice_options(line, voice_mail=True, call_waiting=True),
        )
        assert [found.voice_mail for found in lines.find(ORDER) or ()] == [False]

    def test_a_line_whose_reply_was_lost_is_found(self, lines: LineProvisioning) -> None:
        self.reply_lost("submit", lambda: lines.submit(self.esim()))
        assert tuple(line.id for line in lines.find(ORDER) or ()) == self.lines_in_network(ORDER)
        assert len(self.lines_in_network(ORDER)) == 1

    def test_a_slow_line_is_not_found_at_first_and_then_once(self, lines: LineProvisioning) -> None:
        self.slow("submit", lambda: lines.submit(self.esim()))
        assert lines.find(ORDER) == ()
        self.let_late_work_arrive()
        assert len(lines.find(ORDER) or ()) == 1

    def test_voice_options_may_be_set_again_after_a_lost_reply(self, lines: LineProvisioning) -> None:
        line = lines.submit(self.esim())
        set_both = partial(lines.set_voice_options, line, voice_mail=True, call_waiting=True)
        self.reply_lost("set_voice_options", set_both)
        assert only(lines).call_waiting
        set_both()
        assert only(lines).call_waiting

    def test_two_threads_open_two_lines(self, lines: LineProvisioning) -> None:
        first, second = both(lambda: lines.submit(self.esim()), lambda: lines.submit(self.esim(OTHER_ORDER)))
        assert [line.id for line in lines.find(ORDER) or ()] == [first]
        assert [line.id for line in lines.find(OTHER_ORDER) or ()] == [second]

    # Ending

    def test_a_line_ends_on_the_day_it_was_told(self, lines: LineProvisioning) -> None:
        line = lines.submit(self.esim())
        self.complete(ORDER)
        assert self.end_of(line) is None
        day = self.today() + timedelta(days=20)
        self.down("terminate", lambda: lines.terminate(line, run_date=day))
        assert self.end_of(line) is None
        self.reply_lost("terminate", lambda: lines.terminate(line, run_date=day))
        lines.terminate(line, run_date=day)
        assert self.end_of(line) == day


class UnsearchableLineContract(LineContract):
    """What a `LineProvisioning` keeps to whose network cannot be asked for a mark."""

    def test_it_never_claims_that_there_is_no_line(self, lines: LineProvisioning) -> None:
        assert lines.find(ORDER) is None
        lines.submit(self.esim())
        assert lines.find(ORDER) is None

    def test_a_line_is_submitted_once_per_call(self, lines: LineProvisioning) -> None:
        line = lines.submit(self.esim())
        assert self.lines_in_network(ORDER) == (line,)

    def test_a_line_whose_reply_was_lost_is_there(self, lines: LineProvisioning) -> None:
        self.reply_lost("submit", lambda: lines.submit(self.esim()))
        assert len(self.lines_in_network(ORDER)) == 1

    def test_a_network_that_is_down_does_nothing(self, lines: LineProvisioning) -> None:
        self.down("submit", lambda: lines.submit(self.esim()))
        assert self.lines_in_network(ORDER) == ()
