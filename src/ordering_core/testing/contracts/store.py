"""A store's transactions: all or nothing, one after the other, their own writes in sight."""

from __future__ import annotations

import abc

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import attrs
import pytest

from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import (
    AccountId,
    ClientId,
    Cursor,
    CustomerId,
    OrderId,
    RequestKey,
    SessionId,
)
from ordering_core.domain.journal import CaseFile, Outcome, Runner, Step, Subject, SubjectKind
from ordering_core.errors import Conflict
from ordering_core.ports.store import Store, Transaction
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import (
    MINUTE,
    START,
    event,
    placement,
    projected,
    session,
    subject,
)
from ordering_core.testing.contracts.threads import all_get_through, keep, one_wins


class StoreContract(abc.ABC):
    """What the contracts of all parts need: an empty store on a clock that stands still."""

    @pytest.fixture
    def clock(self) -> ManualClock:
        """Return the clock on which the store runs."""
        return ManualClock(START)

    @pytest.fixture
    @abc.abstractmethod
    def store(self, clock: ManualClock) -> Store:
        """Return the store under test, empty, on *clock*."""


class Stopped(BaseException):
    """The process is being stopped in the middle."""


def roll_back(
    store: Store, write: Callable[[Transaction], object], error: type[BaseException] = Stopped
) -> None:
    """Do *write* in a transaction that *error* leaves."""
    with suppress(error), store.transaction() as tx:
        write(tx)
        raise error


def _write_everywhere(tx: Transaction) -> None:
    tx.sessions.add(session())
    tx.requests.add(placement())
    tx.journal.intend(
        subject(),
        Step.PLACE_ORDER,
        mark="key-one",
        runner=Runner("r"),
        at=START,
        settles_at=START + MINUTE,
    )
    tx.projection.put(projected())
    tx.events.append(event())
    tx.checkpoints.set("poll", "1")
    tx.trigger(subject(), cause="placed")


def _ask(tx: Transaction, whom: Subject) -> None:
    """Write down one eligibility request, answered at once."""
    row = tx.journal.intend(
        whom, Step.REQUEST_ELIGIBILITY, mark="m", runner=Runner("r"), at=START, settles_at=START + MINUTE
    )
    tx.journal.settle(row.id, outcome=Outcome.DONE, at=START, evidence={"address": "digest"})


def _seen(tx: Transaction) -> list[bool]:
    return [
        tx.sessions.get(SessionId("session-one")) is not None,
        tx.requests.get(RequestKey("key-one")) is not None,
        tx.journal.rows(subject()) != (),
        tx.projection.get(OrderId("801-one")) is not None,
        tx.events.after(Cursor(0)) != (),
        tx.checkpoints.get("poll") is not None,
    ]


class TransactionContract(StoreContract):
    """Transactions of a store."""

    def test_an_empty_store_has_nothing(self, store: Store) -> None:
        with store.transaction() as tx:
            assert not any(_seen(tx))

    def test_leaving_keeps_everything(self, store: Store) -> None:
        with store.transaction() as tx:
            _write_everywhere(tx)
        with store.transaction() as tx:
            assert all(_seen(tx))

    def test_a_transaction_sees_what_it_wrote(self, store: Store) -> None:
        with store.transaction() as tx:
            _write_everywhere(tx)
            assert all(_seen(tx))

    @pytest.mark.parametrize("error", [ValueError, Stopped])
    def test_an_exception_takes_everything_back(self, store: Store, error: type[BaseException]) -> None:
        roll_back(store, _write_everywhere, error)
        with store.transaction() as tx:
            assert not any(_seen(tx))

    def test_an_exception_takes_changes_back_to_what_was_kept(self, store: Store) -> None:
        with store.transaction() as tx:
            _write_everywhere(tx)
            row = tx.journal.rows(subject())[0]

        def change(tx: Transaction) -> None:
            tx.sessions.remove(SessionId("session-one"))
            tx.checkpoints.set("poll", "2")
            tx.checkpoints.set("poll", "3")
            tx.events.append(event(detail="second"))
            tx.journal.settle(row.id, outcome=Outcome.DONE, at=START, evidence={"order": "801"})
            tx.projection.put(projected(number="2"))

        roll_back(store, change)
        with store.transaction() as tx:
            assert tx.sessions.get(SessionId("session-one")) == session()
            assert tx.checkpoints.get("poll") == "1"
            assert [found.detail for found in tx.events.after(Cursor(0))] == [""]
            assert tx.journal.rows(subject()) == (row,)
            assert tx.projection.get(OrderId("801-one")) == projected()

    def test_after_a_failed_transaction_the_next_one_works(self, store: Store) -> None:
        roll_back(store, _write_everywhere)
        with store.transaction() as tx:
            _write_everywhere(tx)
        with store.transaction() as tx:
            assert all(_seen(tx))

    def test_what_is_done_at_once_is_kept_and_seen_at_once(self, store: Store) -> None:
        with store.at_once() as tx:
            tx.sessions.add(session())
        with store.at_once() as tx:
            kept = tx.sessions.replace(session())
        with store.at_once() as tx:
            assert tx.sessions.get(kept.id) == kept

    def test_what_conflicts_at_once_changes_nothing(self, store: Store) -> None:
        with store.at_once() as tx:
            tx.sessions.add(session())
        with pytest.raises(Conflict), store.at_once() as tx:
            tx.sessions.add(session())
        with pytest.raises(Conflict), store.at_once() as tx:
            tx.sessions.replace(attrs.evolve(session(), version=1))
        with store.at_once() as tx:
            assert tx.sessions.get(session().id) == session()

    @pytest.mark.parametrize("has_session", [True, False])
    @pytest.mark.parametrize("requests", [None, 0, 2])
    def test_a_visit_is_what_its_parts_know(
        self, store: Store, *, has_session: bool, requests: int | None
    ) -> None:
        account, customer = AccountId("001A"), CustomerId("customer-one")
        mapping = Identity(customer=customer, account=account, client=ClientId(7))
        asked = subject(account, kind=SubjectKind.ELIGIBILITY)
        with store.transaction() as tx:
            tx.sessions.add(session("two"))
            if has_session:
                tx.sessions.add(session())
            tx.identities.put(
                Identity(customer=CustomerId("other"), account=AccountId("001B"), client=ClientId(8))
            )
            _ask(tx, subject("001B", kind=SubjectKind.ELIGIBILITY))
            _ask(tx, subject(account))
            if requests is not None:
                tx.identities.put(mapping)
            for _ in range(requests or 0):
                _ask(tx, asked)
        with store.transaction() as tx:
            rows = tx.journal.rows(asked)
        assert len(rows) == (requests or 0)
        found = session() if has_session else None
        known = None if requests is None else mapping
        with store.at_once() as tx:
            assert tx.visit(session().id, customer) == (found, known, rows)
        with store.at_once() as tx:
            assert tx.visit(session().id, None) == (found, None, ())

    @pytest.mark.parametrize("place", [None, "here"])
    def test_a_session_is_replaced_and_a_place_read_together(self, store: Store, place: str | None) -> None:
        changed = attrs.evolve(session(), submitted=True)
        with store.transaction() as tx:
            tx.sessions.add(session())
            tx.sessions.add(session("two"))
            tx.checkpoints.set("another", "there")
            if place is not None:
                tx.checkpoints.set("reader", place)
        with store.transaction() as tx:
            assert tx.replace_session(changed, "reader") == (attrs.evolve(changed, version=1), place)
        with store.transaction() as tx:
            assert tx.sessions.get(changed.id) == attrs.evolve(changed, version=1)
            assert tx.sessions.get(session("two").id) == session("two")
        for late in (changed, session("three")):
            with pytest.raises(Conflict), store.transaction() as tx:
                tx.replace_session(late, "reader")

    @pytest.mark.parametrize("there", ["", "placement", "case file", "copy"])
    def test_the_file_of_a_placing_is_what_its_parts_know(self, store: Store, there: str) -> None:
        order = OrderId("801-one")
        kept: dict[str, object] = {"placement": None, "case file": None, "copy": None}
        with store.transaction() as tx:
            tx.requests.add(placement("two"))
            tx.journal.keep(CaseFile(subject=subject("801-two")))
            tx.projection.put(projected("two"))
            if there == "placement":
                kept[there] = placement()
                tx.requests.add(placement())
            elif there == "case file":
                kept[there] = tx.journal.keep(CaseFile(subject=subject(order)))
            elif there == "copy":
                kept[there] = projected()
                tx.projection.put(projected())
        with store.at_once() as tx:
            assert tx.placing_file(placement(), order) == tuple(kept.values())

    def test_two_threads_never_lose_an_update(self, store: Store) -> None:
        def count(tx: Transaction) -> None:
            tx.checkpoints.set("count", str(int(tx.checkpoints.get("count") or "0") + 1))

        def ten_times() -> None:
            for _ in range(10):
                keep(store, count)

        all_get_through(ten_times, ten_times)
        with store.transaction() as tx:
            assert tx.checkpoints.get("count") == "20"

    def test_nobody_sees_half_a_transaction(self, store: Store) -> None:
        def write() -> None:
            for number in range(20):
                place = str(number)

                def both(tx: Transaction, place: str = place) -> None:
                    tx.checkpoints.set("left", place)
                    tx.checkpoints.set("right", place)

                keep(store, both)

        def read() -> None:
            for _ in range(40):
                keep(store, alike)

        def alike(tx: Transaction) -> None:
            assert tx.checkpoints.get("left") == tx.checkpoints.get("right")

        all_get_through(write, read)


class CheckpointsContract(StoreContract):
    """How far named readers have come."""

    def test_a_new_reader_has_no_place(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.checkpoints.get("poll") is None

    def test_the_last_place_counts_and_readers_do_not_mix(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.checkpoints.set("poll", "1")
            tx.checkpoints.set("events", "場所 " + "x" * 2000)
            tx.checkpoints.set("poll", "2")
        with store.transaction() as tx:
            assert tx.checkpoints.get("poll") == "2"
            assert tx.checkpoints.get("events") == "場所 " + "x" * 2000

    def test_a_place_is_replaced_only_by_who_knows_it(self, store: Store) -> None:
        def move(place: str, before: str | None) -> None:
            with store.transaction() as tx:
                tx.checkpoints.replace("poll", place, before=before)

        with pytest.raises(Conflict):
            move("1", "0")
        move("1", None)
        move("2", "1")
        move("", "2")
        move("3", "")
        for stale in (None, "", "1", "2"):
            with pytest.raises(Conflict):
                move("4", stale)
        with store.transaction() as tx:
            assert tx.checkpoints.get("poll") == "3"

    @pytest.mark.parametrize("before", [None, "0"])
    def test_of_two_that_replace_the_same_place_one_wins(self, store: Store, before: str | None) -> None:
        if before is not None:
            with store.transaction() as tx:
                tx.checkpoints.set("poll", before)

        def move(place: str) -> None:
            with store.transaction() as tx:
                tx.checkpoints.replace("poll", place, before=before)

        one_wins(lambda: move("left"), lambda: move("right"), lambda: move("middle"))

    def test_setting_a_place_twice_is_the_same_as_once(self, store: Store, clock: ManualClock) -> None:
        for _ in range(2):
            with store.transaction() as tx:
                tx.checkpoints.set("poll", "1")
            clock.advance(timedelta(days=1))
        with store.transaction() as tx:
            assert tx.checkpoints.get("poll") == "1"
