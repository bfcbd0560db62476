"""
However many processes submit the same sessions, each is one order; a killed one is found. [ci]

Over a Salesforce org of the sandbox and both databases. On the budget of tests/ci for durable work: half a
minute.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs
import pytest

from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.storage import open_engine, upgrade
from ordering_core.domain.identifiers import SessionId
from ordering_entrypoints.background import POLL_EVERY, SWEEP_EVERY
from tests.ci import submit_race
from tests.ci.test_submit_grid import ESIM, ORDER, OtherProcess, begun, orders_of, shop_at
from tests.contract.checkout_shop import Place, Shop, move, new_place
from tests.contract.postgres_database import Databases
from tests.contract.salesforce_org import SandboxOrg
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sql_database import new_database


pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes as POSIX systems do"),
    pytest.mark.xdist_group("durable_submits"),
]

SESSIONS: Final = 100
"""Sessions of one customer, each with a request key of its own."""

SUBMITS: Final = 500
PROCESSES: Final = 2
THREADS: Final = 4
"""At work in each process."""


@pytest.fixture(scope="module")
def salesforce() -> Iterator[SalesforceProcess]:
    process = SalesforceProcess()
    yield process
    process.close()


@pytest.fixture
def org(salesforce: SalesforceProcess) -> SandboxOrg:
    """Return an org without orders: a poll reads all there are."""
    org = SandboxOrg()
    org.process = salesforce
    org.stock(SMALL_CATALOGUE.products.values())
    return org


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        engine = new_database(tmp_path)
        engine.dispose()
        return str(engine.url)
    databases: Databases = request.getfixturevalue("postgres")
    url = databases.new()
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


def ready_sessions(place: Place) -> list[str]:
    """Return sessions of the customer that nothing keeps from being submitted."""
    with closing(Shop(place)) as shop:
        shop.upload()
        sessions = [begun(shop, ESIM) for _ in range(SESSIONS)]
        for session in sessions:
            shop.ordering.confirm_address(session, customer=shop.customer)
    return [*sessions]


class Racer:
    """A process of `submit_race`."""

    def __init__(self, place: Place, sessions: list[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", submit_race.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        wanted = {"place": attrs.asdict(place), "sessions": sessions, "threads": THREADS}
        self._tell(json.dumps(wanted))
        assert self._hear() == {"ready": True}

    def go(self) -> None:
        self._tell("go")

    def answers(self) -> list[str]:
        """Return what each submit said, and end."""
        said = self._hear()["answers"]
        assert isinstance(said, list)
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(30) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()
        return [str(answer) for answer in said]

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _hear(self) -> dict[str, object]:
        assert self._process.stdout is not None
        heard: dict[str, object] = json.loads(self._process.stdout.readline())
        return heard


def test_five_hundred_submits_of_a_hundred_sessions_from_two_processes_are_a_hundred_orders(
    org: SandboxOrg, database: str
) -> None:
    place = new_place(org, database, unique=True)
    sessions = ready_sessions(place)
    submits = sessions * (SUBMITS // SESSIONS)
    # One after another in both processes, so that all who submit a session do it at about the same time.
    in_turn = sorted(submits, key=sessions.index)
    shares = [in_turn[first::PROCESSES] for first in range(PROCESSES)]
    racers = [Racer(place, share) for share in shares]
    for racer in racers:
        racer.go()
    said: defaultdict[str, set[str]] = defaultdict(set)
    for racer, share in zip(racers, shares, strict=True):
        for session, answer in zip(share, racer.answers(), strict=True):
            said[session].add(answer)
    with closing(Shop(place)) as shop:
        placed = {each: shop.ordering.submit(SessionId(each), customer=shop.customer) for each in sessions}
    orders = {session: str(submission.order) for session, submission in placed.items()}
    assert len({*orders.values()}) == SESSIONS
    assert sorted(orders_of(org, place)) == sorted(orders.values())
    for session, answers in said.items():
        assert answers <= {"", "Conflict", orders[session]}
    assert sum("" in answers for answers in said.values()) > 0, "nobody raced"


@pytest.fixture(scope="module")
def other() -> Iterator[OtherProcess]:
    other = OtherProcess()
    yield other
    other.close()


@pytest.mark.parametrize("polls", [True, False], ids=["polled", "swept_alone"])
def test_an_order_whose_submit_was_killed_after_salesforce_committed_is_found_within_a_minute(
    org: SandboxOrg, database: str, other: OtherProcess, polls: bool
) -> None:
    place = new_place(org, database, unique=True)
    with shop_at(place, ESIM) as shop:
        shop.upload()
        shop.ordering.confirm_address(shop.session, customer=shop.customer)
        act, part = ORDER
        other.die(act, shop.place, part, "after")
        [order] = orders_of(org, place)
        assert placed(shop) is None
        began = shop.clock.now()
        while placed(shop) is None:
            assert shop.clock.now() - began < timedelta(minutes=1)
            move(org, shop, SWEEP_EVERY)
            shop.sweep()
            if polls and (shop.clock.now() - began) % POLL_EVERY == timedelta():
                shop.ordering.reconcile()
        assert placed(shop) == order
        assert shop.submit() == order
        assert orders_of(org, place) == [order]


def placed(shop: Shop) -> str | None:
    """Return the order that we know of for the session of *shop*, whatever Salesforce has."""
    with shop.ordering.store.transaction() as tx:
        session = tx.sessions.get(shop.session)
        assert session is not None
        placement = tx.requests.get(session.request_key)
    assert placement is not None
    return placement.placed
