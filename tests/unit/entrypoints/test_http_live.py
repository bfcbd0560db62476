"""Live updates, up close: the mailbox between threads, the stream, and clients that do not keep up."""

import asyncio
import json

from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from threading import Event, Thread
from typing import Final

import attrs
import pytest

from litestar import Litestar
from litestar.types import (
    HTTPDisconnectEvent,
    HTTPRequestEvent,
    HTTPResponseBodyEvent,
    Message,
)

from ordering_core import Cursor, CustomerId, OrderId
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.texts import Language
from ordering_core.domain.vocabulary import OrderType
from ordering_core.errors import NotFound, Unavailable
from ordering_entrypoints.http.app import create_app
from ordering_entrypoints.http.fan_out import FanOut, Followed, Frame, Mailbox, frame_of
from ordering_entrypoints.http.live import LAST_CURSOR, OrderFeed
from ordering_entrypoints.http.machinery import Machinery
from ordering_entrypoints.http.settings import EventSettings
from tests.unit.application.shop import World, new_world, place
from tests.unit.entrypoints.api import SETTINGS, Api, event


REQUEST: Final[HTTPRequestEvent] = {"type": "http.request", "body": b"", "more_body": False}
GONE: Final[HTTPDisconnectEvent] = {"type": "http.disconnect"}
SOON: Final = timedelta(seconds=5)
AT_ONCE: Final = timedelta(milliseconds=1)


def run(scenario: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run *scenario*, which may not hang."""

    async def bounded() -> None:
        async with asyncio.timeout(20):
            await scenario()

    asyncio.run(bounded())


ORDER: Final = OrderId("801")


def a_mailbox(*, size: int = 100, language: Language = Language.ENGLISH) -> Mailbox:
    return Mailbox(ORDER, language=language, size=size)


def frame(cursor: int) -> Frame:
    return frame_of(event(cursor), OrderType.SIM, Language.ENGLISH)


class Log:
    """What can be followed: it counts who does, and hands out what it is told."""

    def __init__(self) -> None:
        self.notified: list[Callable[[OrderEvent], None]] = []
        self.closed = 0

    def follow(self, notify: Callable[[OrderEvent], None]) -> Followed:
        self.notified.append(notify)
        return Followed(OrderType.SIM, self)

    def close(self) -> None:
        self.closed += 1


async def received(mailbox: Mailbox) -> list[int]:
    """Return the cursors of everything that waits in *mailbox*."""
    cursors = []
    while (one := await mailbox.next(within=AT_ONCE)) is not None:
        cursors.append(int(one.cursor))
    return cursors


def test_events_from_any_thread_reach_everybody_in_order() -> None:
    async def scenario() -> None:
        fan_out, log = FanOut(), Log()
        mailboxes = [a_mailbox() for _ in range(3)]
        for mailbox in mailboxes:
            assert fan_out.join(mailbox, log.follow) is OrderType.SIM

        def send() -> None:
            for number in range(50):
                log.notified[0](event(number))

        sender = Thread(target=send)
        sender.start()
        first = [await mailboxes[0].next(within=SOON) for _ in range(50)]
        sender.join()
        assert [one.cursor if one else None for one in first] == list(range(50))
        assert [await received(mailbox) for mailbox in mailboxes[1:]] == [list(range(50))] * 2
        assert not any(mailbox.overflowed for mailbox in mailboxes)

    run(scenario)


def test_many_who_follow_one_order_share_one_subscription_and_one_encoding_for_each_language() -> None:
    async def scenario() -> None:
        fan_out, log = FanOut(), Log()
        mailboxes = [a_mailbox(language=language) for language in (*Language, *Language)]
        for mailbox in mailboxes:
            fan_out.join(mailbox, log.follow)
        assert len(log.notified) == 1
        log.notified[0](event(1))
        frames = [await mailbox.next(within=SOON) for mailbox in mailboxes]
        assert len({id(one.message) for one in frames if one}) == len(Language)
        for mailbox in mailboxes:
            assert log.closed == 0
            fan_out.leave(mailbox)
        assert log.closed == 1
        fan_out.join(a_mailbox(), log.follow)
        assert len(log.notified) == 2

    run(scenario)


def test_two_who_begin_to_follow_an_order_at_once_keep_one_subscription() -> None:
    async def scenario() -> None:
        fan_out, log = FanOut(), Log()
        first, second = a_mailbox(), a_mailbox()

        def follow_late(notify: Callable[[OrderEvent], None]) -> Followed:
            fan_out.join(second, log.follow)
            return log.follow(notify)

        fan_out.join(first, follow_late)
        assert (len(log.notified), log.closed) == (2, 1)
        log.notified[0](event(1))
        assert [await received(mailbox) for mailbox in (first, second)] == [[1], [1]]
        for mailbox in (first, second):
            fan_out.leave(mailbox)
            fan_out.leave(mailbox)
        assert log.closed == 2

    run(scenario)


def test_one_that_cannot_begin_to_follow_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        fan_out, log = FanOut(), Log()
        unlucky = a_mailbox()

        def fail(_notify: Callable[[OrderEvent], None]) -> Followed:
            raise Unavailable("store")

        with pytest.raises(Unavailable):
            fan_out.join(unlucky, fail)
        fan_out.leave(unlucky)
        other = a_mailbox()
        fan_out.join(other, log.follow)
        log.notified[0](event(1))
        assert (await received(other), await received(unlucky)) == ([1], [])

    run(scenario)


def test_a_mailbox_that_overflows_says_so_and_holds_no_more_than_it_may() -> None:
    async def scenario() -> None:
        mailbox = a_mailbox(size=3)
        for number in range(4):
            assert not mailbox.overflowed
            mailbox.put(frame(number))
        assert mailbox.overflowed
        assert await received(mailbox) == [0, 1, 2]

    run(scenario)


def test_a_client_that_goes_before_it_is_subscribed_leaves_nothing_behind() -> None:
    async def scenario() -> None:
        fan_out, log = FanOut(), Log()
        mailbox = a_mailbox()
        begun, gone = Event(), Event()

        def follow_slowly(notify: Callable[[OrderEvent], None]) -> Followed:
            begun.set()
            assert gone.wait(SOON.total_seconds())
            return log.follow(notify)

        joining = asyncio.create_task(asyncio.to_thread(fan_out.join, mailbox, follow_slowly))
        await asyncio.to_thread(begun.wait)
        fan_out.leave(mailbox)
        gone.set()
        await joining
        assert log.closed == 1
        fan_out.join(mailbox, log.follow)
        assert log.closed == 2

    run(scenario)


class Following:
    """One client of one order's stream, on the ASGI side."""

    def __init__(self, app: Litestar, order: OrderId, headers: dict[str, str], query: str = "") -> None:
        self.app = app
        self.received: asyncio.Queue[Message] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.stuck = False
        self.asked = False
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": f"/api/orders/{order}/events",
            "raw_path": f"/api/orders/{order}/events".encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "server": ("testserver", 80),
            "client": ("testclient", 1),
            "state": {},
            "extensions": {},
        }

    async def receive(self) -> HTTPRequestEvent | HTTPDisconnectEvent:
        if not self.asked:
            self.asked = True
            return REQUEST
        await self.gone.wait()
        return GONE

    async def send(self, message: Message) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        await self.received.put(message)
        if message["type"] == "http.response.body" and not message["more_body"]:
            self.gone.set()  # so do servers: there is nothing more to receive

    def start(self) -> asyncio.Task[None]:
        return asyncio.ensure_future(self.app(self.scope, self.receive, self.send))  # type: ignore[arg-type]

    async def text(self) -> str:
        """Return the next part of the body."""
        message = await self.received.get()
        if message["type"] == "http.response.start":
            return await self.text()
        assert message["type"] == "http.response.body"
        return message["body"].decode()


def follow(
    world: World, customer: CustomerId, order: OrderId, events: EventSettings | None = None, query: str = ""
) -> Following:
    api = Api(world, attrs.evolve(SETTINGS, events=events or EventSettings()))
    return Following(api.app, order, api.token(customer), query)


def followers(world: World) -> int:
    """Return how many subscriptions are open."""
    return len(world.ordering.live_updates._subscriptions)  # type: ignore[attr-defined]


def shop() -> tuple[World, CustomerId, OrderId]:
    world = new_world()
    customer = world.new_customer()
    return world, customer, place(world, customer)


def test_a_stream_begins_with_what_was_missed_and_goes_on_with_what_happens() -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        client = follow(world, customer, order)
        task = client.start()
        assert await client.text() == ": following\r\nretry: 2000\r\n\r\n"
        first = await client.text()
        assert first.startswith("id: 1\r\ndata: {")
        assert json.loads(first.partition("data: ")[2])["kind"] == "submitted"
        await asyncio.to_thread(world.agent.approve, order)
        await asyncio.to_thread(world.run_due)
        second = json.loads((await client.text()).partition("data: ")[2])
        assert (second["cursor"], second["state"], second["label"]) == (2, "Approved", "Processing")
        assert set(second) == {"cursor", "kind", "at", "state", "label", "detail"}
        client.gone.set()
        await task
        assert followers(world) == 0

    run(scenario)


def test_silence_is_broken_by_a_comment() -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        client = follow(world, customer, order, EventSettings(heartbeat=AT_ONCE), "after=1")
        task = client.start()
        assert (await client.text()).startswith(": following")
        assert [await client.text() for _ in range(3)] == [": still here\r\n\r\n"] * 3
        client.gone.set()
        await task
        assert followers(world) == 0

    run(scenario)


@pytest.mark.parametrize("after", [3, 10**6, LAST_CURSOR])
def test_a_cursor_that_the_log_has_not_reached_gets_the_last_event_again(after: int) -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        happens(world, order, 1)
        client = follow(world, customer, order, EventSettings(heartbeat=AT_ONCE), f"after={after}")
        task = client.start()
        assert (await client.text()).startswith(": following")
        assert (await client.text()).startswith("id: 2\r\n")
        assert (await client.text()) == ": still here\r\n\r\n"
        await asyncio.to_thread(happens, world, order, 1)
        while (told := await client.text()) == ": still here\r\n\r\n":
            pass
        assert told.startswith("id: 3\r\n")
        client.gone.set()
        await task

    run(scenario)


@pytest.mark.parametrize(("after", "told"), [(1, "id: 4"), (2, "id: 4"), (3, "id: 4"), (4, ": still here")])
def test_a_cursor_after_which_events_were_forgotten_gets_the_last_event(after: int, told: str) -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        happens(world, order, 3)
        with world.store.transaction() as tx:
            assert tx.events.forget(order) == 3
        client = follow(world, customer, order, EventSettings(heartbeat=AT_ONCE), f"after={after}")
        task = client.start()
        assert (await client.text()).startswith(": following")
        assert (await client.text()).startswith(told)
        assert (await client.text()) == ": still here\r\n\r\n"
        client.gone.set()
        await task

    run(scenario)


@pytest.mark.parametrize(("after", "header", "first"), [(0, 1, 2), (2, 0, 1), (5, 1, 2)])
def test_of_two_cursors_the_header_counts(after: int, header: int, first: int) -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        happens(world, order, 1)
        client = follow(world, customer, order, query=f"after={after}")
        client.scope["headers"] += [(b"last-event-id", str(header).encode())]  # type: ignore[operator]  # a list, in a scope
        task = client.start()
        assert (await client.text()).startswith(": following")
        assert (await client.text()).startswith(f"id: {first}\r\n")
        client.gone.set()
        await task

    run(scenario)


def test_head_of_a_stream_ends_at_once() -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        client = follow(world, customer, order)
        client.scope["method"] = "HEAD"
        await client.start()
        start, end = client.received.get_nowait(), client.received.get_nowait()
        assert start["type"] == "http.response.start"
        assert start["status"] == 200
        assert end == {"type": "http.response.body", "body": b"", "more_body": False}
        assert client.received.empty()
        assert followers(world) == 0

    run(scenario)


def happens(world: World, order: OrderId, times: int) -> None:
    """Let *times* things happen to *order* at once."""
    with world.store.transaction() as tx:
        for _ in range(times):
            tx.events.append(event(0, order))


def test_what_happens_while_a_client_begins_to_follow_is_told_once() -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        feed = a_feed(world, order, customer)
        told = world.ordering.watch

        class Busy:
            """Something happens before the log is read, and something after."""

            def __getattr__(self, name: str) -> object:
                return getattr(world.ordering, name)

            def watch(self, *args: OrderId, customer: CustomerId, after: Cursor) -> tuple[OrderEvent, ...]:
                happens(world, order, 1)
                before = told(*args, customer=customer, after=after)
                happens(world, order, 1)
                return before

        feed._ordering = Busy()  # type: ignore[assignment]  # it stands in for what it wraps
        stream = await feed.open({}, after=Cursor(1))
        sent: asyncio.Queue[str] = asyncio.Queue()

        async def send(message: Message) -> None:
            assert message["type"] == "http.response.body"
            await sent.put(message["body"].decode())

        writing = asyncio.create_task(stream.write(send))
        parts = [await sent.get() for _ in range(3)]
        writing.cancel()
        assert [part.partition("\r\n")[0] for part in parts] == [": following", "id: 2", "id: 3"]

    run(scenario)


def test_a_client_that_reads_slower_than_its_queue_gets_the_end_and_not_a_gap() -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        client = follow(world, customer, order, EventSettings(queue=2, heartbeat=AT_ONCE), "after=1")
        task = client.start()
        assert (await client.text()).startswith(": following")
        assert (await client.text()).startswith(": still here")
        happens(world, order, 50)
        await task  # it ends by itself
        rest = [message["body"].decode() for message in _drained(client.received)]
        cursors = [int(part.partition("\r\n")[0][4:]) for part in rest if part.startswith("id: ")]
        assert cursors == list(range(2, 2 + len(cursors)))
        assert len(cursors) < 50
        assert followers(world) == 0

    run(scenario)


def _drained(queue: asyncio.Queue[Message]) -> Iterator[HTTPResponseBodyEvent]:
    while not queue.empty():
        message = queue.get_nowait()
        assert message["type"] == "http.response.body"
        yield message


@pytest.mark.parametrize("messages", [0, 1, 2])
def test_a_client_that_takes_nothing_is_broken_off_whatever_it_took_before(messages: int) -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        patience = timedelta(milliseconds=50)
        client = follow(world, customer, order, EventSettings(patience=patience, heartbeat=AT_ONCE))
        client.stuck = messages == 0
        task = client.start()
        for _ in range(messages):
            await client.text()
        client.stuck = True
        await task
        assert followers(world) == 0

    run(scenario)


@pytest.mark.parametrize("messages", [1, 2, 3])
def test_a_client_that_goes_while_it_is_written_to_leaves_nothing_behind(messages: int) -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        client = follow(world, customer, order, EventSettings(heartbeat=AT_ONCE))
        task = client.start()
        for _ in range(messages):
            await client.text()
        client.stuck = True
        await asyncio.sleep(0.01)
        client.gone.set()
        await task
        assert followers(world) == 0

    run(scenario)


def a_feed(world: World, order: OrderId, customer: CustomerId) -> OrderFeed:
    return OrderFeed(
        world.ordering,
        FanOut(),
        order,
        customer=customer,
        language=Language.ENGLISH,
        settings=EventSettings(),
    )


def test_another_customers_order_is_not_found_before_anything_is_followed() -> None:
    async def scenario() -> None:
        world, _owner, order = shop()
        other = world.new_customer()
        with pytest.raises(NotFound):
            await a_feed(world, order, other).open({}, after=Cursor(0))
        assert followers(world) == 0

    run(scenario)


def test_an_order_that_its_customer_follows_already_is_not_found_by_others() -> None:
    async def scenario() -> None:
        world, owner, order = shop()
        feed = a_feed(world, order, owner)
        await feed.open({}, after=Cursor(0))
        other = world.new_customer()
        with pytest.raises(NotFound):
            await OrderFeed(
                world.ordering,
                feed._fan_out,
                order,
                customer=other,
                language=Language.ENGLISH,
                settings=EventSettings(),
            ).open({}, after=Cursor(0))

    run(scenario)


@pytest.mark.parametrize("header", ["x", "-1", "1.5", "9" * 40])
def test_a_last_event_id_that_is_none_of_ours_is_a_400(header: str) -> None:
    api = Api()
    customer = api.world.new_customer()
    order = api.place(customer)
    answer = api.call("GET", f"{order}/events", customer, headers={"Last-Event-ID": header})
    assert answer.status_code == 400


def test_once_the_process_is_told_to_stop_a_stream_ends_and_its_client_resumes() -> None:
    async def scenario() -> None:
        world, customer, order = shop()
        machinery = Machinery()
        app = create_app(world.ordering, settings=SETTINGS, machinery=machinery)
        client = Following(app, order, Api(world).token(customer))
        task = client.start()
        await client.text()
        await client.text()
        assert machinery.fan_out.clients == 1
        await asyncio.to_thread(machinery.departure.begin)
        assert await client.text() == ""
        await task
        assert (machinery.fan_out.clients, followers(world)) == (0, 0)

        late = Following(app, order, Api(world).token(customer), "after=0")
        task = late.start()
        assert (await late.text()).endswith("retry: 2000\r\n\r\n")
        assert (await late.text()).startswith("id: 1")
        assert await late.text() == ""
        await task

    run(scenario)
