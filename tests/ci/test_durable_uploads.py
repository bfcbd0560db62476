"""
[ci] A card is at Salesforce once, though whoever took it and whoever sends it are killed on the way.

Customers send their cards to one `ordering serve`, which is killed while each card is somewhere else on its
way. Where a key seals what is kept, workers that are killed as well send them; without one nothing was kept,
and whose card is not there is asked for it again. Budget: two minutes.
"""

from __future__ import annotations

import hashlib

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from enum import StrEnum
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import attrs
import httpx
import pytest

from sqlalchemy import text

from ordering_adapters.clock import SystemClock
from ordering_adapters.storage import open_engine
from ordering_core import CustomerId
from ordering_core.domain.identifiers import RequestKey
from ordering_core.domain.journal import Outcome, Step, Subject, SubjectKind
from ordering_entrypoints.http.tokens import issue_token
from tests.ci.durable_processes import DRAFT
from tests.ci.live_stage import TOKENS, Server, serving
from tests.contract.durable_stage import KILLED, LOOK, PATIENCE, Stage, open_stage
from tests.contract.durable_worker import MOMENTS
from tests.contract.postgres_database import Databases
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.test_sql_uploads import KEYS
from tests.contract.whmcs_process import WhmcsProcess


DONE: Final = 204
CARD: Final = b"\xff\xd8\xff\xe0" + bytes(range(256))

HELD: Final = 2 * PATIENCE
"""Seconds for which a call is held: until its caller is dead."""

SOON: Final = 5.0
"""Seconds after which what is on its way arrives; its sender is killed as soon as it has set out."""


class Where(StrEnum):
    """Where a card is when the process that took it is killed."""

    NOT_SENT = "not_sent"
    ON_THE_WAY = "on_the_way"
    NOT_MARKED = "not_marked"
    UNKNOWN = "unknown"
    RECORDED = "recorded"


FAULTS: Final[Mapping[Where, Mapping[str, object]]] = {
    Where.NOT_SENT: {"kind": "lost_before_commit", "seconds": HELD},
    Where.ON_THE_WAY: {"kind": "slow_then_committed", "seconds": SOON},
    # The first writing call takes the file, the second has the Account wait for a review.
    Where.NOT_MARKED: {"kind": "lost_before_commit", "seconds": HELD, "skip": 1},
    Where.UNKNOWN: {"kind": "delay", "seconds": HELD, "skip": 1},
}
"""What holds the calls of a card there."""

HELD_UP: Final = frozenset(FAULTS) - {Where.ON_THE_WAY}
"""Where a card stays until its sender is dead; one on its way may get further on a machine that stalls."""

DEATHS: Final = 2 * len(MOMENTS)
"""Workers that are killed, two at each moment."""

Outside = tuple[SalesforceProcess, WhmcsProcess, SimNetworkProcess]


@attrs.frozen(kw_only=True)
class Sender:
    """A customer whose checkout asks for a card."""

    customer: CustomerId
    account: str
    session: str
    where: Where

    @property
    def header(self) -> dict[str, str]:
        """What the request with the card is repeated under."""
        return {"Idempotency-Key": f"card-of-{self.customer}"}

    @property
    def subject(self) -> Subject:
        key = hashlib.sha256(self.header["Idempotency-Key"].encode()).hexdigest()
        return Subject(SubjectKind.IDENTITY, RequestKey(f"{self.customer}:{key}"))


class Client:
    """The customers at one API process."""

    def __init__(self, server: Server) -> None:
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}/api/", timeout=PATIENCE, trust_env=False
        )

    def close(self) -> None:
        self._http.close()

    def begun(self, stage: Stage, where: Where) -> Sender:
        """Return a new customer who has gone to the checkout."""
        customer = stage.world.new_customer(verified=False)
        answer = self._http.post("checkout-sessions", json=DRAFT, headers=token(customer))
        assert answer.status_code == 201, answer.text
        return Sender(
            customer=customer,
            account=stage.world.account_of(customer),
            session=str(answer.json()["id"]),
            where=where,
        )

    def send(self, sender: Sender, **header: str) -> int:
        """Send the card; return what is answered, 0 when nothing is."""
        with suppress(httpx.TransportError):
            headers = {**token(sender.customer), **sender.header, **header}
            files = {"file": ("card.jpg", CARD)}
            return self._http.post("identity-documents", files=files, headers=headers).status_code
        return 0

    def is_asked(self, sender: Sender) -> bool:
        """Whether the checkout page asks the customer for the card."""
        answer = self._http.get(
            f"checkout-sessions/{sender.session}/requirements", headers=token(sender.customer)
        )
        assert answer.status_code == 200, answer.text
        return "identity" in answer.json()["outstanding"]


def token(customer: CustomerId) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(TOKENS, subject=customer, at=SystemClock().now())}"}


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    processes = SalesforceProcess(), WhmcsProcess(), SimNetworkProcess()
    yield processes
    for process in processes:
        process.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ordering.db'}"
    databases = request.getfixturevalue("postgres")
    assert isinstance(databases, Databases)
    return databases.new()


@contextmanager
def served(stage: Stage, directory: Path) -> Iterator[tuple[Server, Client]]:
    """Yield an `ordering serve` on the database of *stage*, and its customers."""
    settings = {name.removeprefix("ORDERING_"): value for name, value in stage.job("").settings.items()}
    del settings["DATABASE"], settings["WORKER_EXECUTOR"]
    with serving(stage.url, directory, **settings) as server, closing(Client(server)) as client:
        yield server, client


def killed_with(stage: Stage, directory: Path, places: Sequence[Where]) -> list[Sender]:
    """Return customers, one at each of *places*, whose `serve` was killed with their cards in hand."""
    org = stage.world.process
    with served(stage, directory) as (server, client), ThreadPoolExecutor(len(places)) as threads:
        senders = [client.begun(stage, where) for where in places]
        told = dict[Sender, Future[int]]()
        # What is on its way arrives by itself: it sets out when everything else has got to its place.
        for last in (False, True):
            for sender in senders:
                if (sender.where is Where.ON_THE_WAY) is last:
                    if fault := FAULTS.get(sender.where):
                        org.fault(path="/composite", body=struck_by(sender), **fault)
                    told[sender] = threads.submit(client.send, sender)
            until(lambda: org.admin("GET", "faults") == [])
            assert {told[each].result() for each in told if each.where is Where.RECORDED} <= {DONE}
        server.kill()
        assert DONE not in {told[each].result() for each in senders if each.where in HELD_UP}
    until(lambda: all(documents(stage, each) == 1 for each in senders if each.where is not Where.NOT_SENT))
    return senders


def struck_by(sender: Sender) -> str:
    """Return what only the calls have in them that are to be held."""
    only_the_file = sender.where in {Where.NOT_SENT, Where.ON_THE_WAY}
    return f'"{sender.customer}:' if only_the_file else sender.account


def until(happened: Callable[[], bool]) -> None:
    began = monotonic()
    while not happened():
        assert monotonic() - began < PATIENCE, "it never happened"
        sleep(LOOK)


def documents(stage: Stage, sender: Sender) -> int:
    """Return how often Salesforce has the card, which only staff sees."""
    links = stage.world.process.query(
        f"SELECT Visibility FROM ContentDocumentLink WHERE LinkedEntityId = '{sender.account}'"
    )
    assert {link["Visibility"] for link in links} <= {"InternalUsers"}
    return len(links)


def is_pending(stage: Stage, sender: Sender) -> bool:
    row = stage.world.process.row("Account", sender.account, "Id_Verification_Status__c")
    return row["Id_Verification_Status__c"] == "Pending"


def kept(stage: Stage) -> list[str]:
    """Return what is written of the cards in our database."""
    engine = open_engine(stage.url)
    with engine.connect() as connection:
        rows = [str(row.payload) for row in connection.execute(text("SELECT payload FROM oc_uploads"))]
    engine.dispose()
    return rows


def is_recorded(stage: Stage, sender: Sender) -> bool:
    with stage.world.store.transaction() as tx:
        rows = tx.journal.rows(sender.subject)
    return any(row.step is Step.UPLOAD_CARD and row.outcome is Outcome.DONE for row in rows)


def send_what_is_kept(stage: Stage, senders: Collection[Sender], *, blind: bool = False) -> None:
    """Have a worker send what is kept, and wait until nothing is."""
    with stage.working(stage.job("last", blind=blind)):
        stage.pass_time_until(lambda: not kept(stage) and all(is_recorded(stage, each) for each in senders))


def test_a_card_that_is_kept_arrives_once_whoever_dies(outside: Outside, url: str, tmp_path: Path) -> None:
    with open_stage(*outside, url=url, directory=tmp_path, at=SystemClock().now(), keys=KEYS) as stage:
        senders = killed_with(stage, tmp_path, [where for where in Where for _ in range(2)])
        in_hand = [sender for sender in senders if not is_recorded(stage, sender)]
        assert {sender.where for sender in in_hand} >= HELD_UP
        payloads = kept(stage)
        assert len(payloads) == len(in_hand)
        assert all(payload.startswith("sealed:") for payload in payloads)
        assert [documents(stage, each) for each in in_hand if each.where is Where.NOT_SENT] == [0, 0]

        for turn in range(DEATHS):
            moment = MOMENTS[turn % len(MOMENTS)]
            job = stage.job(f"mortal-{turn}", step=Step.UPLOAD_CARD.value, moment=moment)
            with stage.working(job) as worker:
                stage.pass_time_until(partial(stage.workers.is_dead, worker))
                assert stage.workers.end(worker) == KILLED
        send_what_is_kept(stage, senders)

        assert [documents(stage, sender) for sender in senders] == [1] * len(senders)
        assert all(is_pending(stage, sender) for sender in senders)
        with served(stage, tmp_path) as (_, client):
            assert not any(client.is_asked(sender) for sender in senders)


def test_a_card_that_is_not_kept_is_there_once_or_asked_for(
    outside: Outside, url: str, tmp_path: Path
) -> None:
    with open_stage(*outside, url=url, directory=tmp_path, at=SystemClock().now()) as stage:
        senders = killed_with(stage, tmp_path, [*Where])
        assert kept(stage) == []
        with served(stage, tmp_path) as (_, client):
            for sender in senders:
                marked = is_pending(stage, sender)
                if sender.where is not Where.ON_THE_WAY:
                    assert marked == (sender.where in {Where.UNKNOWN, Where.RECORDED})
                assert client.is_asked(sender) is not marked, "the customer hears how it is"
                assert documents(stage, sender) == (sender.where is not Where.NOT_SENT)
            [lost] = [sender for sender in senders if sender.where is Where.NOT_SENT]
            assert client.send(lost, **{"Idempotency-Key": "once-more-from-the-page"}) == DONE
            assert not client.is_asked(lost)
            assert documents(stage, lost) == 1


def test_a_worker_that_does_not_look_before_it_sends_has_a_card_there_twice(
    outside: Outside, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'ordering.db'}"
    with open_stage(*outside, url=url, directory=tmp_path, at=SystemClock().now(), keys=KEYS) as stage:
        senders = killed_with(stage, tmp_path, [Where.NOT_SENT, Where.NOT_MARKED])
        send_what_is_kept(stage, senders, blind=True)
        assert [documents(stage, sender) for sender in senders] == [1, 2]
