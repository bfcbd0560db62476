"""
`ordering demo`: the whole system on this machine, and four orders that go all the way.

What is ours is kept in a SQLite database. Salesforce, WHMCS and the mobile network are the sandbox's,
processes of their own that end with this one.

Everything in it runs on a clock of its own, from a Wednesday morning in Japan on: what it tells does not
depend on the hour or the place where it is run.
"""

from __future__ import annotations

import secrets
import time

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from ordering_core.domain.calendar import JST
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.order_status import OrderState
from ordering_core.testing.clocks import ManualClock
from ordering_entrypoints.demo_board import Board
from ordering_entrypoints.demo_client import Shopper
from ordering_entrypoints.demo_followers import Follower
from ordering_entrypoints.demo_journeys import STORIES, Scene, Story
from ordering_entrypoints.demo_network import DemoNetwork
from ordering_entrypoints.demo_report import show_records, show_rest
from ordering_entrypoints.demo_server import serving
from ordering_entrypoints.demo_stage import Part, Stage
from ordering_entrypoints.demo_whmcs import DemoWhmcs
from ordering_entrypoints.demo_world import DemoWorld, open_world
from ordering_entrypoints.http import create_app
from ordering_entrypoints.http.settings import HttpSettings, TokenSettings
from ordering_entrypoints.http.tokens import issue_token
from ordering_entrypoints.listening import where_to_read
from ordering_entrypoints.sandboxes import SANDBOXES, running
from ordering_entrypoints.terminal import Terminal, Unusable


BEGINNING: Final = datetime(2026, 4, 8, 10, 0, tzinfo=JST)
"""A Wednesday, with no holiday near."""

LOGIN_LASTS: Final = timedelta(days=60)
TIMEOUT: Final = 30.0
"""Seconds of silence after which the client gives up; streams send something every 15."""

TICK: Final = 0.5
"""Seconds between two looks at what is due while serving."""


class DemoClock(ManualClock):
    """The clock of the demo, which the sandboxes follow."""

    def __init__(self, start: datetime) -> None:
        """Start at *start*, with nobody who follows."""
        super().__init__(start)
        self._followers: list[Callable[[datetime], None]] = []

    def tell(self, follower: Callable[[datetime], None], /) -> None:
        """Let *follower* know of every move from now on."""
        self._followers.append(follower)

    def advance(self, by: timedelta) -> datetime:
        """Let *by* pass everywhere, and return the new present."""
        return self._told(super().advance(by))

    def move_to(self, at: datetime) -> datetime:
        """Make *at* the present everywhere, and return it."""
        return self._told(super().move_to(at))

    def _told(self, at: datetime) -> datetime:
        for follower in self._followers:
            follower(at)
        return at


World = DemoWorld[DemoClock, DemoWhmcs]


def run_demo(
    terminal: Terminal,
    *,
    port: int,
    leave: bool,
    keep: str | None = None,
    stories: Mapping[str, Callable[[Scene], Story]] = STORIES,
) -> int:
    """
    Play all *stories*, which have names, and show what exists where.

    Then serve until stopped, unless told to *leave* or nobody is watching. The database becomes the file
    *keep*, or goes with the demo.

    Returns:
        0 when every order ended Active, else 1.

    Raises:
        Unusable: Something else listens on *port* (0 takes a free one), *keep* cannot be made, or a sandbox
            does not start.

    """
    clock = DemoClock(BEGINNING)
    with (
        _database(keep) as file,
        running(SANDBOXES.values()) as ready,
        DemoNetwork(ready["sim_network"], clock) as network,
        open_world(ready, clock=clock, database=f"sqlite:///{file}") as world,
    ):
        done = _play(terminal, world, network, port=port, leave=leave, stories=stories)
        if keep is not None:
            terminal.say(f"\nThe story of an order: ORDERING_DATABASE=sqlite:///{file} ordering show ORDER")
    return done


@contextmanager
def _database(keep: str | None) -> Generator[Path]:
    """Yield the file to keep everything in: *keep*, else one that is removed afterwards."""
    if keep is None:
        with TemporaryDirectory(prefix="ordering-demo-") as directory:
            yield Path(directory) / "ordering.db"
        return
    file = Path(keep).absolute()
    try:
        file.touch(exist_ok=False)
    except FileExistsError:
        raise Unusable(f"{keep} is there already; the demo begins with a new database") from None
    except OSError as error:
        raise Unusable(f"{keep} cannot be made: {error.strerror}") from None
    yield file


def _play(
    terminal: Terminal,
    world: World,
    network: DemoNetwork,
    *,
    port: int,
    leave: bool,
    stories: Mapping[str, Callable[[Scene], Story]],
) -> int:
    """Play *stories* in *world*, whose lines are in *network*; 0 when every order ended Active."""
    tokens = TokenSettings(issuer="ordering demo", audience="ordering", secret=secrets.token_hex(32))
    settings = HttpSettings(tokens=tokens)
    with (
        serving(create_app(world.ordering, settings=settings), port) as address,
        httpx.Client(base_url=f"{address}{settings.path}/", timeout=TIMEOUT) as http,
    ):
        terminal.remark(where_to_read(address))
        board = Board(terminal, stories)
        parts = [
            _part(name, story, world=world, board=board, http=http, tokens=tokens)
            for name, story in stories.items()
        ]
        try:
            with board.open():
                Stage(world, board).play(parts)
            failed = _report(terminal, world, network, parts)
        finally:
            for part in parts:
                part.stop_following()
        if terminal.is_interactive and not leave:
            terminal.say(f"\n{where_to_read(address)}\nSalesforce: {world.org.address}")
            terminal.say(f"WHMCS: {world.billing.address}\nMobile network: {network.address}")
            terminal.say("Serving until Ctrl-C; the clock of the demo runs on.")
            _keep_serving(world)
    return 1 if failed else 0


def _part(
    name: str,
    story: Callable[[Scene], Story],
    *,
    world: World,
    board: Board,
    http: httpx.Client,
    tokens: TokenSettings,
) -> Part:
    """Return *story* as the part called *name*, of a new customer who has no payment method and no card."""
    customer = world.new_customer()
    token = issue_token(tokens, subject=customer, at=world.clock.now(), valid_for=LOGIN_LASTS)
    shopper = Shopper(http, token)

    def tell(who: str, what: str) -> None:
        board.tell(world.clock.now(), name, who, what)

    def follow(order: OrderId) -> None:
        part.follower = Follower(http, token, order)

    scene = Scene(
        shopper=shopper,
        agent=world.agent,
        account=world.account_of(customer),
        client=world.client_of(customer),
        clock=world.clock,
        tell=tell,
        follow=follow,
    )
    part = Part(name=name, shopper=shopper, story=story(scene))
    return part


def _report(terminal: Terminal, world: World, network: DemoNetwork, parts: Sequence[Part]) -> list[Part]:
    """Show what exists where; return, and explain, the parts whose order did not end Active."""
    pages = {part.name: part.shopper.order(part.follower.order) for part in parts if part.follower}
    if pages:
        show_records(terminal, world, network, pages)
    failed = [
        part
        for part in parts
        if part.failure or part.name not in pages or pages[part.name].state != OrderState.ACTIVATED
    ]
    for part in failed:
        terminal.say(f"\n{part.name}: {part.failure or 'the order did not become Active'}")
        if part.follower:
            show_rest(terminal, world, part.follower.order)
    if not failed:
        terminal.say(f"\nAll {len(parts)} orders are Active.")
    return failed


def _keep_serving(world: World) -> None:
    """Let the demo's time pass as real time does, and run what falls due, until somebody stops it."""
    seen = time.monotonic()
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(TICK)
            now = time.monotonic()
            world.clock.advance(timedelta(seconds=now - seen))
            world.run_due()
            seen = now
