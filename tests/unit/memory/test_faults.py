"""Fault switches: down, refuse, lose the reply, slow; hooks that run inside a call; counters."""

from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

import pytest

from ordering_adapters.memory.faults import SLOW_FOR, SYSTEMS, MemoryFaults
from ordering_adapters.memory.store import MemoryStore
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.errors import Conflict, OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.faults import Fault, Faults, Moment


START = datetime(2026, 6, 3, 1, tzinfo=UTC)


class Counter:
    """An adapter of one operation, with a lock of its own."""

    def __init__(self, faults: MemoryFaults, operation: str = "billing.add") -> None:
        self.faults = faults
        self.operation = operation
        self.lock = Lock()
        self.done = 0

    def add(self) -> int:
        def work() -> int:
            with self.lock:
                self.done += 1
                return self.done

        return self.faults.call(self.operation, work)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def faults(clock: ManualClock) -> MemoryFaults:
    return MemoryFaults(clock)


@pytest.fixture
def counter(faults: MemoryFaults) -> Counter:
    return Counter(faults)


def test_the_switches_fit_the_port_of_the_shipped_world(faults: MemoryFaults) -> None:
    switches: Faults = faults
    for fault in Fault:
        switches.set("billing.add", fault)
    for moment in Moment:
        switches.hook("billing.add", moment, lambda: None)


def test_without_a_fault_the_work_is_done_and_answered(counter: Counter) -> None:
    assert [counter.add(), counter.add()] == [1, 2]


def test_down_does_nothing_as_often_as_asked(counter: Counter, faults: MemoryFaults) -> None:
    faults.set("billing.add", "down", times=2)
    for _ in range(2):
        with pytest.raises(Unavailable, match="WHMCS"):
            counter.add()
    assert counter.add() == 1


def test_refuse_does_nothing_and_names_the_code(counter: Counter, faults: MemoryFaults) -> None:
    faults.set("billing.add", "refuse", code="CLIENT_NOT_FOUND")
    with pytest.raises(Refused) as refused:
        counter.add()
    assert (refused.value.system, refused.value.code) == ("WHMCS", "CLIENT_NOT_FOUND")
    assert counter.done == 0


def test_a_lost_reply_loses_the_reply_and_not_the_work(counter: Counter, faults: MemoryFaults) -> None:
    faults.set("billing.add", "lose_reply")
    with pytest.raises(OutcomeUnknown):
        counter.add()
    assert counter.done == 1
    assert counter.add() == 2


def test_slow_work_is_done_when_its_time_has_come_and_once(
    counter: Counter, faults: MemoryFaults, clock: ManualClock
) -> None:
    faults.set("billing.add", "slow")
    with pytest.raises(OutcomeUnknown):
        counter.add()
    clock.advance(SLOW_FOR - timedelta(microseconds=1))
    assert faults.settle() == 0
    assert counter.done == 0
    clock.advance(timedelta(microseconds=1))
    assert counter.add() == 2  # any call lets what is late arrive first
    assert faults.settle() == 0
    assert counter.done == 2


def test_slow_work_that_is_refused_in_the_end_is_nobodys_error(
    faults: MemoryFaults, clock: ManualClock
) -> None:
    def refuse() -> None:
        raise Refused("WHMCS", "NO")

    faults.set("billing.add", "slow")
    with pytest.raises(OutcomeUnknown):
        faults.call("billing.add", refuse)
    clock.advance(SLOW_FOR)
    assert faults.settle() == 1


def test_faults_come_in_the_order_in_which_they_were_set(counter: Counter, faults: MemoryFaults) -> None:
    faults.set("billing.add", "down")
    faults.set("billing.add", "refuse")
    with pytest.raises(Unavailable):
        counter.add()
    with pytest.raises(Refused):
        counter.add()


def test_a_fault_of_one_operation_leaves_the_others_alone(counter: Counter, faults: MemoryFaults) -> None:
    faults.set("billing.accept", "down")
    faults.set("lines.add", "down")
    assert counter.add() == 1


def test_clearing_takes_faults_and_hooks_away_and_lets_late_work_arrive(
    counter: Counter, faults: MemoryFaults, clock: ManualClock
) -> None:
    faults.set("billing.add", "slow")
    faults.set("billing.add", "down", times=5)
    faults.hook("billing.add", "after", lambda: pytest.fail("it was taken away"))
    with pytest.raises(OutcomeUnknown):
        counter.add()
    faults.clear()
    clock.advance(SLOW_FOR)
    assert counter.add() == 2


def test_a_hook_runs_once_before_or_after_the_work(counter: Counter, faults: MemoryFaults) -> None:
    seen: list[tuple[str, int]] = []
    faults.hook("billing.add", "before", lambda: seen.append(("before", counter.done)))
    faults.hook("billing.add", "after", lambda: seen.append(("after", counter.done)))
    counter.add()
    counter.add()
    assert seen == [("before", 0), ("after", 1)]


def test_a_hook_after_waits_for_a_call_whose_work_is_done(counter: Counter, faults: MemoryFaults) -> None:
    seen: list[int] = []
    faults.hook("billing.add", "after", lambda: seen.append(counter.done))
    for fault in ("down", "refuse", "slow"):
        faults.set("billing.add", fault)
        with pytest.raises(PortError):
            counter.add()
    assert seen == []
    faults.set("billing.add", "lose_reply")
    with pytest.raises(OutcomeUnknown):
        counter.add()
    assert seen == [1]


def test_what_a_hook_raises_leaves_the_call(counter: Counter, faults: MemoryFaults) -> None:
    class CrashError(BaseException):
        pass

    def crash() -> None:
        raise CrashError

    for moment, done in (("before", 0), ("after", 1)):
        faults.hook("billing.add", moment, crash)
        with pytest.raises(CrashError):
            counter.add()
        assert counter.done == done


def test_a_hook_may_make_the_same_call_again_and_does_not_meet_itself(
    counter: Counter, faults: MemoryFaults
) -> None:
    inner: list[int] = []
    faults.hook("billing.add", "before", lambda: inner.append(counter.add()))
    faults.hook("billing.add", "after", lambda: inner.append(counter.done))
    assert counter.add() == 2
    assert inner == [1, 2]


def test_a_call_suspended_in_a_hook_holds_nobody_up(counter: Counter, faults: MemoryFaults) -> None:
    inside, go_on = Event(), Event()

    def suspend() -> None:
        inside.set()
        go_on.wait(30)

    faults.hook("billing.add", "before", suspend)
    suspended = Thread(target=counter.add, daemon=True)
    suspended.start()
    assert inside.wait(30)
    assert counter.add() == 1
    go_on.set()
    suspended.join(30)
    assert counter.done == 2


def test_every_call_is_counted_failed_ones_included(counter: Counter, faults: MemoryFaults) -> None:
    faults.set("billing.add", "down")
    with pytest.raises(Unavailable):
        counter.add()
    counter.add()
    assert faults.calls("billing.add") == 2
    assert faults.calls("billing.accept") == 0
    assert faults.counts() == {"billing.add": 2}


@pytest.mark.parametrize("operation", ["billing", "billing.", "whmcs.add", ".add", ""])
def test_a_misspelt_operation_is_refused(faults: MemoryFaults, operation: str) -> None:
    with pytest.raises(ValueError, match=r"port\.method"):
        faults.set(operation, "down")
    with pytest.raises(ValueError, match=r"port\.method"):
        faults.hook(operation, "before", lambda: None)


def test_an_unknown_fault_or_moment_is_refused(faults: MemoryFaults) -> None:
    with pytest.raises(ValueError, match="lose_reply"):
        faults.set("billing.add", "before")
    with pytest.raises(ValueError, match="after"):
        faults.hook("billing.add", "down", lambda: None)


@pytest.mark.parametrize("port", SYSTEMS)
def test_every_port_has_a_system_that_errors_name(faults: MemoryFaults, port: str) -> None:
    faults.set(f"{port}.any", "down")
    with pytest.raises(Unavailable, match=SYSTEMS[port]):
        faults.call(f"{port}.any", lambda: None)


class TestStoreFaults:
    @pytest.fixture
    def store(self, clock: ManualClock, faults: MemoryFaults) -> MemoryStore:
        return MemoryStore(clock, faults=faults)

    @pytest.mark.parametrize(
        ("fault", "error", "kept"),
        [
            ("down", Unavailable, None),
            ("refuse", Conflict, None),
            ("lose_reply", OutcomeUnknown, "1"),
            ("slow", OutcomeUnknown, "1"),
        ],
    )
    def test_a_transaction_goes_wrong_whole(
        self, store: MemoryStore, faults: MemoryFaults, fault: str, error: type[Exception], kept: str | None
    ) -> None:
        faults.set("store.transaction", fault)
        with pytest.raises(error), store.transaction() as tx:
            tx.checkpoints.set("poll", "1")
        with store.transaction() as tx:
            assert tx.checkpoints.get("poll") == kept

    def test_hooks_run_outside_the_transaction(self, store: MemoryStore, faults: MemoryFaults) -> None:
        seen: list[str | None] = []

        def look() -> None:
            with store.transaction() as tx:
                seen.append(tx.checkpoints.get("poll"))

        faults.hook("store.transaction", "before", look)
        faults.hook("store.transaction", "after", look)
        with store.transaction() as tx:
            tx.checkpoints.set("poll", "1")
        assert seen == [None, "1"]

    def test_a_crash_after_the_transaction_leaves_what_was_kept(
        self, store: MemoryStore, faults: MemoryFaults
    ) -> None:
        def crash() -> None:
            raise KeyboardInterrupt

        faults.hook("store.transaction", "after", crash)
        with pytest.raises(KeyboardInterrupt), store.transaction() as tx:
            tx.trigger(Subject(SubjectKind.ORDER, "801"), cause="event-1")
        with store.triggers() as triggers:
            assert triggers.next_due() == START

    def test_an_outside_call_inside_a_transaction_is_a_mistake(
        self, store: MemoryStore, counter: Counter
    ) -> None:
        with pytest.raises(RuntimeError, match=r"billing\.add was called inside"), store.transaction():
            counter.add()
        assert counter.done == 0
        assert counter.add() == 1

    def test_another_threads_transaction_is_not_in_the_way_of_a_call(
        self, store: MemoryStore, counter: Counter
    ) -> None:
        with store.transaction():
            other = Thread(target=counter.add, daemon=True)
            other.start()
            other.join(30)
        assert counter.done == 1
