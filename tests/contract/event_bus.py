"""The event bus of a sandbox org, followed by the adapter, and what was heard of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from time import monotonic
from typing import Final

import attrs

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.salesforce import ClientCredentials, SalesforceOrg, SalesforceSettings
from ordering_adapters.salesforce.events import BusSettings, EventSubscriber
from ordering_adapters.salesforce.events.hints import Hint
from ordering_adapters.salesforce.events.settings import PROVISION_REQUESTED
from ordering_adapters.salesforce.events.topic_reader import PREFIX
from ordering_adapters.salesforce.transport import Observe, unobserved
from ordering_core.ports.clock import Clock
from ordering_core.ports.store import Store


PATIENCE: Final = 20.0
AT_ONCE: Final = timedelta(milliseconds=1)


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until *is_so*, and fail when it takes too long."""
    until, never = monotonic() + PATIENCE, Event()
    while not is_so():
        assert monotonic() < until, "it never came to be"
        never.wait(0.005)


class Heard:
    """Whoever is told of hints: keeps them, and fails when it is told to."""

    def __init__(self, fails: Callable[[Hint], bool] = lambda _: False) -> None:
        self.fails = fails
        self.tried: list[Hint] = []
        self._handled: SimpleQueue[Hint] = SimpleQueue()

    def handle(self, hint: Hint) -> None:
        self.tried.append(hint)
        if self.fails(hint):
            raise RuntimeError("it went wrong")
        self._handled.put(hint)

    def next(self) -> Hint:
        return self._handled.get(timeout=PATIENCE)

    def several(self, count: int) -> list[Hint]:
        return [self.next() for _ in range(count)]

    def wait_for_tries(self, count: int) -> None:
        eventually(lambda: len(self.tried) >= count)

    def nothing_more(self) -> bool:
        try:
            self._handled.get(timeout=0.1)
        except Empty:
            return True
        return False


def bus_settings(ready: Mapping[str, str], *, tls: bool = False) -> BusSettings:
    """Return the way to the bus of the org that said *ready*, with no time lost between two tries."""
    return BusSettings(
        address=ready["grpc_tls" if tls else "grpc"],
        plaintext=not tls,
        ca_file=Path(ready["ca_file"]) if tls else None,
        topics=(PROVISION_REQUESTED,),
        first_delay=AT_ONCE,
        longest_delay=timedelta(milliseconds=20),
        quiet_for=timedelta(milliseconds=20),
        renew_every=timedelta(milliseconds=50),
        look_every=timedelta(milliseconds=10),
    )


def org_of(ready: Mapping[str, str]) -> SalesforceOrg:
    """Return the org that said *ready*, for its tokens."""
    credentials = ClientCredentials(client_id=ready["client_id"], client_secret=ready["client_secret"])
    settings = SalesforceSettings(
        domain="sandbox.my.salesforce.com",
        credentials=credentials,
        price_book="01s000000000000AAA",
        plain_address=ready["http"],
    )
    return SalesforceOrg(settings, SystemClock())


@attrs.frozen(kw_only=True)
class Follower:
    """One process that follows the bus."""

    store: Store
    heard: Heard
    subscriber: EventSubscriber

    def place(self, topic: str = PROVISION_REQUESTED) -> str:
        with self.store.transaction() as tx:
            return tx.checkpoints.get(PREFIX + topic) or ""


def follower(
    org: SalesforceOrg,
    settings: BusSettings,
    *,
    store: Store | None = None,
    heard: Heard | None = None,
    clock: Clock | None = None,
    observe: Observe = unobserved,
) -> Follower:
    clock = clock or SystemClock()
    kept, told = store or MemoryStore(clock), heard or Heard()
    subscriber = EventSubscriber(
        settings, org.tokens, store=kept, clock=clock, handle=told.handle, observe=observe
    )
    return Follower(store=kept, heard=told, subscriber=subscriber)


@contextmanager
def following(one: Follower) -> Iterator[Follower]:
    """Follow the bus for as long as this lasts."""
    one.subscriber.start()
    try:
        yield one
    finally:
        one.subscriber.stop()
