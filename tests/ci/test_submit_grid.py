"""
Whatever happens to whichever write of a checkout, Salesforce has one of everything at the end. [ci]

The grid: each write that a checkout makes, lost in each way, then gone on with in each way, on an org whose
key fields are unique and on one that lends standard fields. On the budget of tests/ci for Salesforce: 5 min.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs
import pytest

from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.salesforce import SalesforceFiles, SalesforceOrders
from ordering_core.domain.drafts import AddressDraft, Draft, InternetDraft, SimDraft
from ordering_core.domain.identifiers import AccountId, FileId, RequestKey, SessionId, Sku
from ordering_core.domain.orders import PlacedOrder
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.ports.orders import PlacingFacts
from ordering_core.testing.contracts.outside import both
from tests.ci import submit_processes
from tests.contract.checkout_shop import ACTS, Place, Shop, attempt, move, new_place
from tests.contract.salesforce_org import SandboxOrg
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sql_database import new_database


pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes as POSIX systems do"),
    pytest.mark.xdist_group("submit_grid"),
]

HOME: Final = InternetDraft(
    skus=(Sku("INTERNET-HOME-1G-STANDARD"), Sku("INTERNET-INSTALL-SINGLE")),
    access_mode="IPoE-HGW",
    installation="Single",
)
ESIM: Final = SimDraft(
    skus=(Sku("SIM-DATA-5GB"), Sku("SIM-ACTIVATION")),
    sim_type="eSIM",
    eid="89049032123451234512345678901235",
    activation_type="Immediate",
)
OSAKA: Final = AddressDraft(
    postal_code="530-0001", prefecture="Osaka", city="大阪市北区", town_and_number="梅田1-2-3"
)
IMPATIENT: Final = 0.4
"""Seconds after which the write that goes wrong is given up."""
LATE: Final = 1.5 * IMPATIENT
SETTLED: Final = timedelta(minutes=11)

ASK: Final = ("ask", '"Internet_Eligibility_Status__c": "Pending"')
CARD: Final = ("upload", '"VersionData"')
CARD_PENDING: Final = ("upload", '"Id_Verification_Status__c": "Pending"')
ORDER: Final = ("submit", '"EffectiveDate"')
VOID: Final = ("hear", '"StageName": "Void"')

WRITES: Final = {
    "eligibility": ASK,
    "card": CARD,
    "card_pending": CARD_PENDING,
    "order": ORDER,
    "void": VOID,
}
"""Each write: who makes it, and what only its body has in it. The Account's address goes with the order."""

Fault = dict[str, object]
FAULTS: Final[Mapping[str, Fault]] = {
    "reset_before": {"kind": "lost_before_commit"},
    "reset_after": {"kind": "lost_after_commit"},
    "time_out_before": {"kind": "lost_before_commit", "seconds": LATE},
    "time_out_after": {"kind": "delay", "seconds": LATE},
    "time_out_then_committed": {"kind": "slow_then_committed", "seconds": LATE},
    "gateway_gone": {"kind": "answer", "failure": "BAD_GATEWAY"},
}
KILLS: Final[Mapping[str, str]] = {
    "killed_before": "before",
    "killed_on_the_way": "during",
    "killed_after": "after",
}
RETRIES: Final = ("again", "sweep", "new_process")
ARRIVES_LATE: Final = frozenset({"time_out_then_committed", "killed_on_the_way"})
"""What is committed when the one who sent it has gone: the first retry comes before it does."""


class OtherProcess:
    """A process of ours beside this one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", submit_processes.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def begin(self, act: str, place: Place, *, part: str = "", moment: str = "") -> None:
        assert self._process.stdin is not None
        wanted = {"act": act, "place": attrs.asdict(place), "part": part, "moment": moment}
        self._process.stdin.write(f"{json.dumps(wanted)}\n")
        self._process.stdin.flush()

    def end(self) -> Mapping[str, object]:
        assert self._process.stdout is not None
        answer: Mapping[str, object] = json.loads(self._process.stdout.readline())
        assert not answer["failed"]
        return answer

    def do(self, act: str, place: Place) -> str:
        self.begin(act, place)
        return str(self.end()["said"])

    def die(self, act: str, place: Place, part: str, moment: str) -> None:
        self.begin(act, place, part=part, moment=moment)
        assert self.end()["killed"]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def org() -> Iterator[SandboxOrg]:
    org = SandboxOrg()
    org.process = SalesforceProcess()
    org.stock(SMALL_CATALOGUE.products.values())
    yield org
    org.process.close()


@pytest.fixture(scope="module")
def other() -> Iterator[OtherProcess]:
    other = OtherProcess()
    yield other
    other.close()


@pytest.fixture(scope="module")
def third() -> Iterator[OtherProcess]:
    third = OtherProcess()
    yield third
    third.close()


@pytest.fixture(params=[True, False], ids=["unique_key", "lent_key"])
def unique(request: pytest.FixtureRequest) -> bool:
    """Whether the org has our key fields, whose values it keeps apart, or lends its own."""
    return bool(request.param)


@pytest.fixture
def place(org: SandboxOrg, unique: bool, tmp_path: Path) -> Place:
    """Return where a new customer shops, in a new database."""
    engine = new_database(tmp_path)
    engine.dispose()
    return new_place(org, str(engine.url), unique=unique)


@contextmanager
def shop_at(place: Place, draft: Draft = HOME) -> Iterator[Shop]:
    """Open a shop in which a customer has just begun to check out."""
    with closing(Shop(place)) as shop:
        shop.place = attrs.evolve(place, session=begun(shop, draft))
        yield shop


def begun(shop: Shop, draft: Draft) -> SessionId:
    return shop.ordering.begin_checkout(draft, customer=shop.customer).id


def agent_finds_it_eligible(org: SandboxOrg, shop: Shop) -> None:
    checked = {
        "Internet_Eligibility_Status__c": "Checked",
        "Internet_Eligibility__c": "Home 1G",
        "Internet_Eligibility_Checked_Date_Time__c": shop.clock.now().isoformat(),
    }
    org.process.write("Account", checked, shop.place.account)
    for row in org.process.query(f"SELECT Id FROM Opportunity WHERE AccountId = '{shop.place.account}'"):
        org.process.write("Opportunity", {"StageName": "Ready"}, str(row["Id"]))


@attrs.frozen(kw_only=True)
class Cell:
    """One write, what happens to it, and how it is gone on with."""

    write: str
    failure: str
    retry: str

    @property
    def name(self) -> str:
        return f"{self.write}-{self.failure}-{self.retry}"

    def makes_sense(self) -> bool:
        """Only orders are swept: other requests are their customer's to repeat."""
        return self.retry != "sweep" or WRITES[self.write][0] in {"submit", "hear"}


CELLS: Final = [
    cell
    for write in WRITES
    for failure in (*FAULTS, *KILLS)
    for retry in RETRIES
    if (cell := Cell(write=write, failure=failure, retry=retry)).makes_sense()
]


def go_wrong(org: SandboxOrg, shop: Shop, other: OtherProcess, cell: Cell) -> None:
    """Begin the write of *cell* and let it fail."""
    act, part = WRITES[cell.write]
    if fault := FAULTS.get(cell.failure):
        org.process.fault(**fault, path="/composite", body=part)
        patience, shop.org.transport.read_timeout = shop.org.transport.read_timeout, IMPATIENT
        attempt(shop, act)
        shop.org.transport.read_timeout = patience
        if cell.failure not in ARRIVES_LATE:
            assert struck(org) == 0, "the fault was met"
        return
    if cell.failure in ARRIVES_LATE:
        org.process.fault(**FAULTS["time_out_then_committed"], path="/composite", body=part)
    other.die(act, shop.place, part, KILLS[cell.failure])


def struck(org: SandboxOrg) -> int:
    """Return how many faults still wait for their call."""
    waiting = org.process.admin("GET", "faults")
    assert isinstance(waiting, list)
    return len(waiting)


def go_on(org: SandboxOrg, shop: Shop, other: OtherProcess, cell: Cell) -> None:
    """Go on after the failure, at once and once it cannot arrive any more."""
    act, _ = WRITES[cell.write]
    after = org.process.counted()["total"]
    again(shop, other, act, cell.retry)
    if cell.failure in ARRIVES_LATE:
        time.sleep(LATE)
        again(shop, other, act, cell.retry)
    del after
    for _ in range(2):
        move(org, shop, SETTLED)
        again(shop, other, act, cell.retry)


def again(shop: Shop, other: OtherProcess, act: str, retry: str) -> None:
    if retry == "new_process":
        other.do(act, shop.place)
    else:
        attempt(shop, "sweep" if retry == "sweep" else act)


def checkout(org: SandboxOrg, shop: Shop, other: OtherProcess, cell: Cell) -> None:
    """Take a customer from the request to a cancelled order, the write of *cell* going wrong on the way."""

    def do(act: str) -> None:
        if WRITES[cell.write][0] == act:
            go_wrong(org, shop, other, cell)
            go_on(org, shop, other, cell)
        else:
            ACTS[act](shop)

    shop.ordering.update_address(shop.session, OSAKA, customer=shop.customer)
    do("ask")
    agent_finds_it_eligible(org, shop)
    shop.ordering.confirm_address(shop.session, customer=shop.customer)
    do("upload")
    do("submit")
    order = shop.submit()
    assert order
    shop.place = attrs.evolve(shop.place, order=order)
    move(org, shop, timedelta(seconds=1))
    org.process.write("Order", {"Status": "Cancelled"}, order)
    do("hear")


def assert_one_of_everything(org: SandboxOrg, place: Place, *, stage: str = Stage.VOID.value) -> None:
    of_account = f"WHERE AccountId = '{place.account}'"
    orders = org.process.query(f"SELECT Id, OpportunityId FROM Order {of_account}")
    assert len(orders) == 1
    items = org.process.query(
        f"SELECT Product2.StockKeepingUnit FROM OrderItem WHERE OrderId = '{orders[0]['Id']}'"
    )
    assert len(items) == len(HOME.skus)
    opportunities = org.process.query(f"SELECT Id, StageName FROM Opportunity {of_account}")
    assert [row["Id"] for row in opportunities] == [orders[0]["OpportunityId"]]
    assert opportunities[0]["StageName"] == stage
    cases = org.process.query(f"SELECT Subject FROM Case {of_account} ORDER BY Subject")
    assert [row["Subject"] for row in cases] == ["Internet eligibility check", "New Internet order"]
    links = org.process.query(f"SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = '{place.account}'")
    assert len(links) == 1
    account = org.process.row("Account", place.account, "BillingCity, Id_Verification_Status__c")
    assert (account["BillingCity"], account["Id_Verification_Status__c"]) == ("大阪市北区", "Pending")


@pytest.mark.parametrize("cell", CELLS, ids=[cell.name for cell in CELLS])
def test_there_is_one_of_everything(org: SandboxOrg, place: Place, other: OtherProcess, cell: Cell) -> None:
    with shop_at(place) as shop:
        checkout(org, shop, other, cell)
    assert_one_of_everything(org, place)


def submittable(org: SandboxOrg, shop: Shop) -> None:
    """Do everything that comes before a submit."""
    shop.ordering.update_address(shop.session, OSAKA, customer=shop.customer)
    shop.ask()
    agent_finds_it_eligible(org, shop)
    shop.ordering.confirm_address(shop.session, customer=shop.customer)
    shop.upload()


def orders_of(org: SandboxOrg, place: Place) -> list[str]:
    rows = org.process.query(f"SELECT Id FROM Order WHERE AccountId = '{place.account}'")
    return [str(row["Id"]) for row in rows]


@pytest.mark.parametrize("retry", RETRIES)
@pytest.mark.parametrize("killed", [False, True], ids=["reply_lost", "killed"])
def test_a_retry_never_resets_an_order_that_an_agent_has_touched(
    org: SandboxOrg, place: Place, other: OtherProcess, retry: str, killed: bool
) -> None:
    act, part = ORDER
    with shop_at(place) as shop:
        submittable(org, shop)
        if killed:
            other.die(act, shop.place, part, "after")
        else:
            org.process.fault(kind="lost_after_commit", path="/composite", body=part)
            assert attempt(shop, act) == ""
        touched = {"Status": "Approved", "Description": "by hand", "Activation_Status__c": "Scheduled"}
        [order] = orders_of(org, place)
        day = (shop.clock.now() + timedelta(days=30)).isoformat()
        org.process.write("Order", {**touched, "Activation_Scheduled_At__c": day}, order)
        for _ in range(2):
            again(shop, other, act, retry)
            move(org, shop, SETTLED)
        assert shop.submit() == order
    assert {name: org.process.row("Order", order, name)[name] for name in touched} == touched
    assert_one_of_everything(org, place, stage="Post Processing")


@pytest.mark.parametrize("unique", [False], ids=["lent_key"], indirect=True)
@pytest.mark.parametrize("failure", ["time_out_before", "killed_before"])
def test_with_a_lent_key_nothing_is_repeated_for_ten_minutes(
    org: SandboxOrg, place: Place, other: OtherProcess, failure: str
) -> None:
    with shop_at(place) as shop:
        submittable(org, shop)
        go_wrong(org, shop, other, Cell(write="order", failure=failure, retry="again"))
        for retry in RETRIES:
            move(org, shop, timedelta(minutes=3))
            again(shop, other, "submit", retry)
            assert orders_of(org, place) == []
        move(org, shop, timedelta(minutes=2))
        order = shop.submit()
        assert orders_of(org, place) == [order]
    assert_one_of_everything(org, place, stage="Post Processing")


@pytest.mark.parametrize("turn", range(3))
def test_two_threads_that_submit_one_session_place_one_order(
    org: SandboxOrg, place: Place, turn: int
) -> None:
    with shop_at(place) as shop:
        submittable(org, shop)
        answers = both(lambda: attempt(shop, "submit"), lambda: attempt(shop, "submit"))
        assert {*answers} - {""} == {*orders_of(org, place)}
        assert shop.submit() in answers
    assert_one_of_everything(org, place, stage="Post Processing")


@pytest.mark.parametrize("turn", range(3))
def test_two_processes_that_submit_one_session_place_one_order(
    org: SandboxOrg, place: Place, other: OtherProcess, third: OtherProcess, turn: int
) -> None:
    with shop_at(place) as shop:
        submittable(org, shop)
        other.begin("submit", shop.place)
        third.begin("submit", shop.place)
        answers = {str(other.end()["said"]), str(third.end()["said"])}
        assert answers - {""} == {*orders_of(org, place)}
        assert shop.submit() in answers
    assert_one_of_everything(org, place, stage="Post Processing")


@pytest.mark.parametrize("processes", [False, True], ids=["threads", "processes"])
def test_two_sessions_of_one_account_place_two_orders_on_two_opportunities(
    org: SandboxOrg, place: Place, other: OtherProcess, third: OtherProcess, processes: bool
) -> None:
    with shop_at(place, ESIM) as shop:
        waiting = org.new_opportunity(AccountId(place.account), OrderType.SIM, Stage.READY)
        shop.upload()
        first = shop.place
        second = attrs.evolve(shop.place, session=begun(shop, ESIM))
        for session in (first.session, second.session):
            shop.ordering.confirm_address(SessionId(session), customer=shop.customer)
        if processes:
            other.begin("submit", first)
            third.begin("submit", second)
            told = [str(process.end()["said"]) for process in (other, third)]
        else:
            with closing(Shop(second)) as beside:
                told = [*both(shop.submit, beside.submit)]
    assert sorted(told) == sorted(orders_of(org, place))
    assert len({*told}) == 2
    linked = {str(org.process.row("Order", order, "OpportunityId")["OpportunityId"]) for order in told}
    assert waiting in linked
    assert len(linked) == 2


class WithoutLooking(SalesforceOrders):
    """Orders that are placed without a look for what is there already."""

    def find(self, key: RequestKey, /) -> PlacedOrder | None:
        return None

    def placing_facts(
        self, account: AccountId, /, *, order_type: OrderType, skus: Collection[Sku], key: RequestKey
    ) -> PlacingFacts | None:
        facts = super().placing_facts(account, order_type=order_type, skus=skus, key=key)
        return facts and attrs.evolve(facts, existing=None)


class FilesWithoutLooking(SalesforceFiles):
    """Files that are kept without a look for what is there already."""

    def _find(self, key: RequestKey) -> FileId | None:
        return None


@pytest.mark.parametrize("unique", [False], ids=["lent_key"], indirect=True)
def test_without_the_looks_the_grid_finds_doubles(org: SandboxOrg, place: Place, other: OtherProcess) -> None:
    with shop_at(place) as shop:
        shop.ordering = attrs.evolve(
            shop.ordering,
            orders=WithoutLooking(shop.org, shop.attributes),
            files=FilesWithoutLooking(shop.org),
        )
        checkout(org, shop, other, Cell(write="order", failure="reset_after", retry="again"))
    with pytest.raises(AssertionError):
        assert_one_of_everything(org, place)
    assert len(orders_of(org, place)) == 2


def test_without_the_look_a_card_is_kept_twice(org: SandboxOrg, place: Place, other: OtherProcess) -> None:
    with shop_at(place) as shop:
        shop.ordering = attrs.evolve(shop.ordering, files=FilesWithoutLooking(shop.org))
        checkout(org, shop, other, Cell(write="card", failure="reset_after", retry="again"))
    with pytest.raises(AssertionError):
        assert_one_of_everything(org, place)
