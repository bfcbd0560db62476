"""The books of the mobile network: lines and what completed them, and profiles."""

from __future__ import annotations

import abc

from collections.abc import Iterator
from itertools import permutations

import attrs
import pytest

from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.journal import CaseFile, Subject, SubjectKind
from ordering_core.domain.lines import Line, LineState
from ordering_core.domain.values import Eid, Iccid, LineNumber
from ordering_core.errors import Conflict
from ordering_core.ports.line_book import Completion, LineBook
from ordering_core.ports.profile_book import KeptProfile, ProfileBook
from ordering_core.ports.profile_delivery import ProfileState
from ordering_core.ports.store import Store
from ordering_core.ports.work_queue import WorkQueue
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.threads import all_get_through, one_wins
from ordering_core.testing.contracts.triggers import QueueContract


ORDER = OrderId("801000000000001AAA")
OTHER_ORDER = OrderId("801000000000002AAA")
STRANGE_ORDER = OrderId("801000000000003AAA")
RECEIPT = LineId("R0000000001")
OTHER_RECEIPT = LineId("R0000000002")
NUMBER = LineNumber("07012345678")
SIM = "key-of-a-sim"
SUBMITTED = Line(id=RECEIPT, mark=ORDER, state=LineState.SUBMITTED)


class LineBookContract(QueueContract):
    """What a `LineBook` keeps to; its triggers are those of *store*, and *queue* runs them."""

    @pytest.fixture
    @abc.abstractmethod
    def book(self, store: Store) -> LineBook:
        """Return an empty book in *store*."""

    @pytest.fixture(autouse=True)
    def going_on(self, store: Store, queue: WorkQueue, clock: ManualClock) -> None:
        """Keep what runs triggers; both orders are known here."""
        self._queue = queue
        self._clock = clock
        with store.transaction() as tx:
            for order in (ORDER, OTHER_ORDER):
                tx.journal.keep(CaseFile(subject=Subject(SubjectKind.ORDER, order)))

    def gone_on(self) -> list[Subject]:
        """Return what was triggered since the last time."""
        runs: list[Subject] = []
        while self._queue.run_due(self._clock.now(), runs.append):
            pass
        return runs

    def test_an_unknown_line_is_none(self, book: LineBook) -> None:
        assert book.line(RECEIPT) is None
        assert book.lines(ORDER) == ()
        assert book.unmatched() == ()

    def test_a_line_is_found_by_its_number_and_its_order(self, book: LineBook) -> None:
        book.learn(SUBMITTED, sim=SIM)
        book.learn(attrs.evolve(SUBMITTED, id=OTHER_RECEIPT))
        assert book.line(RECEIPT) == SUBMITTED
        assert [line.id for line in book.lines(ORDER)] == [RECEIPT, OTHER_RECEIPT]
        assert book.lines(OTHER_ORDER) == ()
        assert self.gone_on() == []

    def test_what_is_known_stays_where_less_is_said(self, book: LineBook) -> None:
        opened = attrs.evolve(SUBMITTED, state=LineState.OPEN, number=NUMBER, voice_mail=True)
        book.learn(opened)
        book.learn(SUBMITTED)
        assert book.line(RECEIPT) == opened
        book.learn(attrs.evolve(opened, number=None))
        assert book.line(RECEIPT) == opened
        book.learn(attrs.evolve(opened, voice_mail=False))
        assert book.line(RECEIPT) == attrs.evolve(opened, voice_mail=False)

    def test_a_number_told_at_once_is_there_when_the_line_opens(self, book: LineBook) -> None:
        book.learn(attrs.evolve(SUBMITTED, number=NUMBER))
        assert book.complete(Completion(line=RECEIPT)) == ORDER
        assert book.line(RECEIPT) == attrs.evolve(SUBMITTED, state=LineState.OPEN, number=NUMBER)

    @pytest.mark.parametrize(
        "completion",
        [
            Completion(mark=ORDER, number=NUMBER),
            Completion(line=RECEIPT, number=NUMBER),
            Completion(sim=SIM, number=NUMBER),
            Completion(mark=ORDER, line=RECEIPT, sim=SIM, number=NUMBER),
        ],
        ids=["by order", "by number", "by SIM", "by all"],
    )
    def test_a_completion_opens_the_line_it_names_and_its_order_goes_on_once(
        self, book: LineBook, completion: Completion
    ) -> None:
        book.learn(SUBMITTED, sim=SIM)
        for _ in range(2):
            assert book.complete(completion) == ORDER
        (line,) = book.lines(ORDER)
        assert line == attrs.evolve(SUBMITTED, state=LineState.OPEN, number=NUMBER)
        assert self.gone_on() == [Subject(SubjectKind.ORDER, ORDER)]
        assert book.unmatched() == ()

    def test_a_failed_line_says_why(self, book: LineBook) -> None:
        book.learn(SUBMITTED)
        book.complete(Completion(line=RECEIPT, failure="MNP_NAME_MISMATCH"))
        line = book.line(RECEIPT)
        assert line is not None
        assert (line.state, line.failure) == (LineState.FAILED, "MNP_NAME_MISMATCH")
        assert self.gone_on() == [Subject(SubjectKind.ORDER, ORDER)]

    def test_a_line_is_settled_once(self, book: LineBook) -> None:
        book.learn(SUBMITTED)
        book.complete(Completion(line=RECEIPT))
        assert book.complete(Completion(line=RECEIPT, failure="ESIM-101")) == ORDER
        assert [line.state for line in book.lines(ORDER)] == [LineState.OPEN]
        assert book.complete(Completion(mark=ORDER, number=NUMBER)) == ORDER
        assert [line.number for line in book.lines(ORDER)] == [NUMBER]

    def test_a_completion_before_the_answer_is_not_lost(self, book: LineBook) -> None:
        assert book.complete(Completion(line=RECEIPT, number=NUMBER)) is None
        assert book.unmatched() == (Completion(line=RECEIPT, number=NUMBER),)
        assert self.gone_on() == []
        book.learn(SUBMITTED, sim=SIM)
        assert book.line(RECEIPT) == attrs.evolve(SUBMITTED, state=LineState.OPEN, number=NUMBER)
        assert book.unmatched() == ()
        assert self.gone_on() == [Subject(SubjectKind.ORDER, ORDER)]

    @pytest.mark.parametrize("receipt", [RECEIPT, LineId("")], ids=["numbered", "by order alone"])
    def test_the_completion_of_a_request_whose_answer_was_lost_is_its_line(
        self, book: LineBook, receipt: LineId
    ) -> None:
        assert book.complete(Completion(mark=ORDER, line=receipt, number=NUMBER)) == ORDER
        (line,) = book.lines(ORDER)
        assert (line.state, line.number) == (LineState.OPEN, NUMBER)
        book.learn(SUBMITTED)
        assert book.lines(ORDER) == (attrs.evolve(SUBMITTED, state=LineState.OPEN, number=NUMBER),)

    def test_a_line_that_the_network_gave_no_number_is_completed_with_one(self, book: LineBook) -> None:
        named = attrs.evolve(SUBMITTED, id=LineId(ORDER))
        book.learn(named)
        book.complete(Completion(mark=ORDER, line=RECEIPT))
        assert book.lines(ORDER) == (attrs.evolve(named, state=LineState.OPEN),)

    def test_a_second_line_of_ours_is_not_taken_for_the_first(self, book: LineBook) -> None:
        first = attrs.evolve(SUBMITTED, id=LineId(ORDER))
        book.learn(first)
        book.complete(Completion(mark=ORDER, failure="ESIM-101", when="1"))
        book.learn(attrs.evolve(first, id=LineId(f"{ORDER}-2")))
        book.complete(Completion(mark=ORDER, when="2"))
        assert [line.state for line in book.lines(ORDER)] == [LineState.FAILED, LineState.OPEN]
        assert self.gone_on() == [Subject(SubjectKind.ORDER, ORDER)] * 2

    def test_a_number_nobody_has_heard_of_is_a_second_line_of_the_order(self, book: LineBook) -> None:
        book.learn(SUBMITTED)
        book.complete(Completion(mark=ORDER, line=OTHER_RECEIPT))
        states = {line.id: line.state for line in book.lines(ORDER)}
        assert states == {RECEIPT: LineState.SUBMITTED, OTHER_RECEIPT: LineState.OPEN}

    def test_two_lines_of_one_order_are_not_guessed_between(self, book: LineBook) -> None:
        book.learn(SUBMITTED)
        book.learn(attrs.evolve(SUBMITTED, id=OTHER_RECEIPT))
        assert book.complete(Completion(mark=ORDER)) == ORDER
        assert {line.state for line in book.lines(ORDER)} == {LineState.SUBMITTED}
        assert self.gone_on() == [Subject(SubjectKind.ORDER, ORDER)]

    def test_one_sim_of_two_orders_is_not_guessed_between(self, book: LineBook) -> None:
        other = attrs.evolve(SUBMITTED, id=OTHER_RECEIPT, mark=OTHER_ORDER)
        book.learn(SUBMITTED, sim=SIM)
        book.learn(other, sim=SIM)
        completion = Completion(sim=SIM)
        assert book.complete(completion) is None
        assert book.unmatched() == (completion,)
        book.complete(Completion(line=RECEIPT, failure="ESIM-101"))
        assert book.complete(completion) == OTHER_ORDER
        assert book.unmatched() == ()

    def test_an_old_completion_of_a_sim_does_not_open_a_later_line(self, book: LineBook) -> None:
        assert book.complete(Completion(sim=SIM)) is None
        book.learn(SUBMITTED, sim=SIM)
        assert book.lines(ORDER) == (SUBMITTED,)

    def test_the_number_of_one_order_and_the_name_of_another_fit_none(self, book: LineBook) -> None:
        book.learn(SUBMITTED)
        assert book.complete(Completion(mark=OTHER_ORDER, line=RECEIPT)) is None
        assert book.lines(ORDER) == (SUBMITTED,)
        assert book.lines(OTHER_ORDER) == ()
        assert len(book.unmatched()) == 1

    @pytest.mark.parametrize(
        "completion",
        [Completion(mark=STRANGE_ORDER), Completion(mark=STRANGE_ORDER, line=RECEIPT, number=NUMBER)],
        ids=["by order", "with a number"],
    )
    def test_an_order_that_nobody_here_knows_fits_none(self, book: LineBook, completion: Completion) -> None:
        assert book.complete(completion) is None
        assert book.unmatched() == (completion,)
        assert book.lines(STRANGE_ORDER) == ()
        assert self.gone_on() == []

    @pytest.mark.parametrize("receipt", [RECEIPT, OTHER_RECEIPT, LineId("")])
    def test_our_order_with_the_sim_of_another_settles_nothing(self, book: LineBook, receipt: LineId) -> None:
        book.learn(SUBMITTED, sim=SIM)
        completion = Completion(mark=ORDER, line=receipt, sim="another", number=NUMBER)
        assert book.complete(completion) is None
        assert book.lines(ORDER) == (SUBMITTED,)
        assert book.unmatched() == (completion,)
        assert self.gone_on() == []
        assert book.complete(attrs.evolve(completion, line=RECEIPT, sim=SIM)) == ORDER
        assert [line.state for line in book.lines(ORDER)] == [LineState.OPEN]

    def test_a_line_whose_sim_is_not_known_is_settled_by_its_order(self, book: LineBook) -> None:
        book.learn(SUBMITTED)
        assert book.complete(Completion(mark=ORDER, sim=SIM)) == ORDER
        assert [line.state for line in book.lines(ORDER)] == [LineState.OPEN]

    @pytest.mark.parametrize("named", [{"mark": ORDER}, {"sim": SIM}], ids=["by order", "by SIM"])
    def test_the_same_words_without_a_moment_are_not_taken_for_a_later_line(
        self, book: LineBook, named: dict[str, str]
    ) -> None:
        failed = Completion(mark=OrderId(named.get("mark", "")), sim=named.get("sim", ""), failure="ESIM-101")
        book.learn(SUBMITTED, sim=SIM)
        for _ in range(2):
            assert book.complete(failed) == ORDER
        book.learn(attrs.evolve(SUBMITTED, id=OTHER_RECEIPT), sim=SIM)
        for _ in range(2):
            assert book.complete(failed) is None
            assert book.unmatched() == (failed,)
            assert [line.state for line in book.lines(ORDER)] == [LineState.FAILED, LineState.SUBMITTED]
        told = attrs.evolve(failed, when="2026-06-03 10:00")
        assert book.complete(told) == ORDER
        assert [line.state for line in book.lines(ORDER)] == [LineState.FAILED, LineState.FAILED]

    def test_other_words_without_a_moment_are_about_the_line_that_is_left(self, book: LineBook) -> None:
        book.learn(SUBMITTED)
        book.complete(Completion(mark=ORDER, failure="ESIM-101"))
        book.learn(attrs.evolve(SUBMITTED, id=OTHER_RECEIPT))
        assert book.complete(Completion(mark=ORDER)) == ORDER
        assert [line.state for line in book.lines(ORDER)] == [LineState.FAILED, LineState.OPEN]

    def test_a_sim_that_says_nothing_fits_none(self, book: LineBook) -> None:
        book.learn(SUBMITTED)
        assert book.complete(Completion(line=OTHER_RECEIPT)) is None

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_whatever_comes_first_the_line_is_open_in_the_end(
        self, book: LineBook, order: tuple[int, ...]
    ) -> None:
        heard = (
            lambda: book.learn(SUBMITTED, sim=SIM),
            lambda: book.complete(Completion(mark=ORDER, line=RECEIPT, number=NUMBER)),
            lambda: book.complete(Completion(mark=ORDER, number=NUMBER, when="again")),
        )
        for place in order:
            heard[place]()
        assert book.lines(ORDER) == (attrs.evolve(SUBMITTED, state=LineState.OPEN, number=NUMBER),)

    def test_the_same_completion_at_once_settles_once(self, book: LineBook) -> None:
        book.learn(SUBMITTED)
        all_get_through(*[lambda: book.complete(Completion(line=RECEIPT))] * 4)
        assert [line.state for line in book.lines(ORDER)] == [LineState.OPEN]
        assert self.gone_on() == [Subject(SubjectKind.ORDER, ORDER)]


KEPT = KeptProfile(mark=ORDER, eid=Eid("89049032000001000000012345678954"), profile_type="PASI_10G")
ICCID = Iccid("8981100000000000010")


class ProfileBookContract(abc.ABC):
    """What a `ProfileBook` keeps to."""

    @pytest.fixture
    @abc.abstractmethod
    def profiles(self) -> Iterator[ProfileBook] | ProfileBook:
        """Return an empty book."""

    def test_an_unknown_profile_is_none(self, profiles: ProfileBook) -> None:
        assert profiles.get(ORDER) is None
        assert profiles.of_iccid(ICCID) is None

    def test_what_was_kept_is_found_by_order_and_by_number(self, profiles: ProfileBook) -> None:
        first = profiles.keep(KEPT)
        assert first == attrs.evolve(KEPT, version=1)
        assert profiles.get(ORDER) == first
        second = profiles.keep(
            attrs.evolve(
                first,
                iccid=ICCID,
                state=ProfileState.CONFIRMED,
                asked=ProfileState.RELEASED,
                matching_id="A-1",
                activation_code="1$smdp.example$A-1",
            )
        )
        assert profiles.get(ORDER) == second == profiles.of_iccid(ICCID)

    def test_who_knows_an_older_version_is_told(self, profiles: ProfileBook) -> None:
        first = profiles.keep(KEPT)
        profiles.keep(first)
        for stale in (KEPT, first):
            with pytest.raises(Conflict):
                profiles.keep(stale)

    def test_a_number_belongs_to_one_order_until_it_is_given_back(self, profiles: ProfileBook) -> None:
        owner = profiles.keep(attrs.evolve(KEPT, iccid=ICCID))
        other = attrs.evolve(KEPT, mark=OTHER_ORDER, iccid=ICCID)
        with pytest.raises(Conflict):
            profiles.keep(other)
        assert profiles.get(OTHER_ORDER) is None
        profiles.keep(attrs.evolve(owner, iccid=None, state=ProfileState.CANCELLED))
        profiles.keep(other)
        found = profiles.of_iccid(ICCID)
        assert found is not None
        assert found.mark == OTHER_ORDER

    def test_of_two_at_once_one_keeps(self, profiles: ProfileBook) -> None:
        one_wins(lambda: profiles.keep(KEPT), lambda: profiles.keep(KEPT))

    def test_secrets_are_not_shown(self, profiles: ProfileBook) -> None:
        kept = profiles.keep(attrs.evolve(KEPT, iccid=ICCID, matching_id="A-1", activation_code="1$x$A-1"))
        assert not [secret for secret in ("A-1", ICCID.value, KEPT.eid.value) if secret in repr(kept)]
