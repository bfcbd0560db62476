"""The threads that requests are worked on in: nothing is lost, no more at a time than there may be."""

import asyncio
import gc
import weakref

from contextvars import ContextVar
from functools import partial
from itertools import count
from threading import Event, Lock, Thread, get_ident

import pytest

from ordering_entrypoints.http.threads import LOOKS, Threads, in_thread


LONG = 20.0
NAME = ContextVar("NAME", default="nobody")


class Crowd:
    """Counts who is at work at the same time, and holds them until it is opened."""

    def __init__(self) -> None:
        self.gate = Event()
        self.lock = Lock()
        self.inside = 0
        self.most = 0
        self.came = 0
        self.enough = Event()

    def enter(self, number: int, *, enough: int) -> int:
        with self.lock:
            self.inside += 1
            self.came += 1
            self.most = max(self.most, self.inside)
            if self.inside == enough:
                self.enough.set()
        assert self.gate.wait(LONG)
        with self.lock:
            self.inside -= 1
        return number


def test_what_is_asked_for_comes_back_to_whoever_asked() -> None:
    async def scenario() -> None:
        threads = Threads(3, at_once=3)
        asked = range(200)
        answers = await asyncio.gather(*(threads.run(partial(pow, number, 2)) for number in asked))
        assert answers == [number**2 for number in asked]

    asyncio.run(scenario())


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_is_done_at_a_time_than_there_are_threads_and_the_rest_waits(most: int) -> None:
    async def scenario() -> None:
        threads, crowd = Threads(most, at_once=most), Crowd()
        tasks = [
            asyncio.create_task(threads.run(partial(crowd.enter, number, enough=most)))
            for number in range(most + 5)
        ]
        assert await asyncio.to_thread(crowd.enough.wait, LONG)
        await asyncio.sleep(0)
        assert crowd.came == most
        crowd.gate.set()
        assert await asyncio.gather(*tasks) == list(range(most + 5))
        assert (crowd.came, crowd.most) == (most + 5, most)

    asyncio.run(scenario())


def test_what_waits_while_the_processor_is_idle_is_begun_beside_what_waits_outside() -> None:
    async def scenario() -> None:
        threads, crowd = Threads(5, at_once=2, used=lambda: 0.0), Crowd()
        tasks = [
            asyncio.create_task(threads.run(partial(crowd.enter, number, enough=5))) for number in range(7)
        ]
        assert await asyncio.to_thread(crowd.enough.wait, LONG)
        crowd.gate.set()
        assert await asyncio.gather(*tasks) == list(range(7))
        assert crowd.most == 5

    asyncio.run(scenario())


def test_what_waits_while_the_processor_is_busy_waits_for_a_few_looks_and_no_longer() -> None:
    async def scenario() -> None:
        looked: list[tuple[int, float]] = []
        crowd, clock = Crowd(), count()

        def used() -> float:
            looked.append((crowd.came, float(next(clock))))
            return looked[-1][1]

        threads = Threads(2, at_once=1, used=used)
        tasks = [
            asyncio.create_task(threads.run(partial(crowd.enter, number, enough=2))) for number in range(2)
        ]
        assert await asyncio.to_thread(crowd.enough.wait, LONG)
        crowd.gate.set()
        await asyncio.gather(*tasks)
        assert [came <= 1 for came, _ in looked] == [True] * (1 + LOOKS)

    asyncio.run(scenario())


def test_one_after_the_other_needs_one_thread() -> None:
    async def scenario() -> None:
        threads = Threads(40, at_once=4)
        used = set()
        for _ in range(20):
            used.add(await threads.run(get_ident))
            threads.finish()  # it may be on its way to the next when its answer is here
        assert len(used) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("error", [ValueError("no"), StopIteration(), asyncio.CancelledError()])
def test_what_goes_wrong_is_raised_where_it_is_awaited_and_the_thread_goes_on(error: BaseException) -> None:
    def fail() -> None:
        raise error

    threads = Threads(1, at_once=1)

    async def scenario() -> None:
        wanted: type[BaseException] = RuntimeError if isinstance(error, StopIteration) else type(error)
        with pytest.raises(wanted):
            await threads.run(fail)
        assert await threads.run(lambda: "well") == "well"

    asyncio.run(scenario())


def test_it_is_done_in_the_context_of_whoever_asked() -> None:
    async def scenario() -> None:
        threads = Threads(1, at_once=1)
        NAME.set("somebody")
        assert await threads.run(NAME.get) == "somebody"
        NAME.set("somebody else")
        assert await threads.run(NAME.get) == "somebody else"

    asyncio.run(scenario())


def test_who_does_not_wait_any_more_keeps_nobody_from_finishing() -> None:
    async def scenario() -> None:
        threads, crowd = Threads(1, at_once=1), Crowd()
        task = asyncio.create_task(threads.run(partial(crowd.enter, 1, enough=1)))
        assert await asyncio.to_thread(crowd.enough.wait, LONG)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        crowd.gate.set()
        assert await threads.run(lambda: "next") == "next"
        assert crowd.inside == 0

    asyncio.run(scenario())


def test_a_loop_that_ended_is_told_nothing_and_its_thread_goes_on() -> None:
    threads, crowd = Threads(1, at_once=1), Crowd()

    async def leave() -> None:
        task = asyncio.create_task(threads.run(partial(crowd.enter, 1, enough=1)))
        assert await asyncio.to_thread(crowd.enough.wait, LONG)
        task.cancel()

    asyncio.run(leave())
    crowd.gate.set()
    assert asyncio.run(threads.run(lambda: "next")) == "next"


def test_finishing_waits_for_what_is_being_done() -> None:
    threads, crowd = Threads(2, at_once=2), Crowd()
    finished = Event()

    async def scenario() -> None:
        task = asyncio.create_task(threads.run(partial(crowd.enter, 1, enough=1)))
        assert await asyncio.to_thread(crowd.enough.wait, LONG)

        def finish() -> None:
            threads.finish()
            finished.set()

        Thread(target=finish, daemon=True).start()
        assert not finished.wait(0.05)
        crowd.gate.set()
        assert await task == 1
        assert await asyncio.to_thread(finished.wait, LONG)

    asyncio.run(scenario())


def test_an_idle_thread_holds_nothing_of_what_it_did() -> None:
    class Result:
        pass

    async def scenario() -> None:
        threads = Threads(1, at_once=1)
        held = weakref.ref(await threads.run(Result))
        threads.finish()
        await asyncio.sleep(0)
        gc.collect()
        assert held() is None

    asyncio.run(scenario())


def test_a_function_that_waits_is_awaited_under_its_own_name() -> None:
    @in_thread
    def double(number: int) -> int:
        """Return twice *number*."""
        return 2 * number

    assert asyncio.run(double(21)) == 42
    assert (double.__name__, double.__doc__) == ("double", "Return twice *number*.")
