"""Patience with a client, up close: what is sent is sent as ever, and ends when it waits for too long."""

import asyncio

from collections.abc import Callable, Coroutine
from typing import Final

import pytest

from litestar.types import HTTPResponseBodyEvent, Message

from ordering_entrypoints.http.patience import Watch


PART: Final[HTTPResponseBodyEvent] = {"type": "http.response.body", "body": b"a part", "more_body": True}
LONG: Final = 60.0
SHORT: Final = 0.01


def run(scenario: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run *scenario*, which may not hang."""

    async def bounded() -> None:
        async with asyncio.timeout(20):
            await scenario()

    asyncio.run(bounded())


class Client:
    """Takes parts while it is *open*; what befell it while it waited is kept."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.taken: list[Message] = []
        self.befell: list[str] = []

    async def take(self, message: Message) -> None:
        try:
            await self.open.wait()
            await asyncio.sleep(0)  # a server waits more than once
        except asyncio.CancelledError:
            self.befell.append("cancelled")
            raise
        self.taken.append(message)


async def goes_wrong(_message: Message) -> None:
    raise RuntimeError("a bug")


async def goes_wrong_later(_message: Message) -> None:
    await asyncio.sleep(0)
    raise RuntimeError("a bug")


def test_what_a_client_takes_at_once_is_sent() -> None:
    async def scenario() -> None:
        taken: list[Message] = []

        async def take(message: Message) -> None:
            taken.append(message)

        await Watch(take, SHORT).send(PART)
        assert taken == [PART]

    run(scenario)


def test_what_a_client_takes_in_time_is_sent() -> None:
    async def scenario() -> None:
        client = Client()
        sending = asyncio.create_task(Watch(client.take, LONG).send(PART))
        await asyncio.sleep(0)
        assert client.taken == []
        client.open.set()
        await sending
        assert client.taken == [PART]

    run(scenario)


@pytest.mark.parametrize("send", [goes_wrong, goes_wrong_later])
def test_what_goes_wrong_is_no_matter_of_patience(
    send: Callable[[Message], Coroutine[None, None, None]],
) -> None:
    async def scenario() -> None:
        watch = Watch(send, LONG)
        with pytest.raises(RuntimeError, match="a bug"):
            await watch.send(PART)
        assert not watch.ended_it()

    run(scenario)


def test_a_client_that_takes_nothing_ends_the_task_that_sends() -> None:
    async def scenario() -> None:
        client = Client()
        watch = Watch(client.take, SHORT)
        try:
            await watch.send(PART)
        except asyncio.CancelledError:
            assert watch.ended_it()
        watch.end()
        assert (client.taken, client.befell) == ([], ["cancelled"])
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0  # the task goes on with something else

    run(scenario)


def test_a_task_that_others_cancel_is_theirs_to_end() -> None:
    async def scenario() -> None:
        client = Client()
        watch = Watch(client.take, LONG)
        sending = asyncio.create_task(watch.send(PART))
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert not watch.ended_it()
        assert client.befell == ["cancelled"]

    run(scenario)


def test_a_task_that_others_cancel_too_is_theirs_to_end() -> None:
    async def scenario() -> None:
        watch = Watch(Client().take, LONG)
        ended: list[bool] = []

        async def work() -> None:
            try:
                await watch.send(PART)
            except asyncio.CancelledError:
                ended.append(watch.ended_it())
                raise

        working = asyncio.create_task(work())
        await asyncio.sleep(0)
        watch.break_off()
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        assert ended == [False]

    run(scenario)


def test_when_all_is_over_nothing_is_broken_off() -> None:
    async def scenario() -> None:
        watch = Watch(Client().take, LONG)
        watch.guard_this_task()
        watch.end()
        watch.break_off()
        await asyncio.sleep(0)
        assert not watch.ended_it()

    run(scenario)
