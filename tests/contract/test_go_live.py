"""Going live on an org and a WHMCS in use: the contract of the readers, and the command on the sandboxes."""

import csv
import io
import json

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from ordering_adapters.memory.go_live import MemoryRecordsBefore, MemoryServicesBefore
from ordering_adapters.salesforce import SalesforceOrders
from ordering_adapters.salesforce.go_live import SalesforceRecordsBefore
from ordering_adapters.storage import open_storage
from ordering_adapters.whmcs import WhmcsBilling, WhmcsProducts
from ordering_adapters.whmcs.go_live import FEW, WhmcsServicesBefore
from ordering_core import CustomerId, Draft, OrderId, Policy, WaitFor
from ordering_core.application.record import order_subject
from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import AccountId, ClientId, ServiceId
from ordering_core.ports.go_live import RecordsBefore, ServicesBefore
from ordering_core.ports.store import Store
from ordering_entrypoints.cli import main
from ordering_entrypoints.demo import DemoClock
from ordering_entrypoints.sandboxes import environment
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import WEDNESDAY, SandboxWorld, sandbox_world
from tests.contract.whmcs_process import WhmcsProcess
from tests.unit.application.shop import ESIM, ROUTER, World, new_world


PROVED: Final = Policy(billing_mark_proved=True)

Stage = World | SandboxWorld


def placed(world: Stage, customer: CustomerId, draft: Draft) -> OrderId:
    session = world.ordering.begin_checkout(draft, customer=customer)
    world.ordering.confirm_address(session.id, customer=customer)
    order = world.ordering.submit(session.id, customer=customer).order
    assert order is not None
    return order


def identity(world: Stage, customer: CustomerId) -> Identity:
    with world.ordering.store.transaction() as tx:
        found = tx.identities.of_customer(customer)
    assert found is not None
    return found


class Contract:
    """What the readers keep to, wherever they read; *page* orders come in one call, where there are pages."""

    world: Stage

    def records(self, *, page: int) -> RecordsBefore:
        raise NotImplementedError

    def services(self) -> ServicesBefore:
        raise NotImplementedError

    @pytest.fixture
    def shop(self) -> Mapping[CustomerId, set[OrderId]]:
        """Let three customers place one, three and two orders, in turn."""
        customers = [self.world.new_customer() for _ in range(3)]
        found: dict[CustomerId, set[OrderId]] = {customer: set() for customer in customers}
        for place in (0, 1, 2, 1, 2, 1):
            draft = ROUTER if len(found[customers[place]]) % 2 else ESIM
            found[customers[place]].add(placed(self.world, customers[place], draft))
        return found

    @pytest.mark.parametrize("page", [1, 2, 3, 4, 200])
    def test_every_order_is_read_once_and_no_account_is_split(
        self, shop: Mapping[CustomerId, set[OrderId]], page: int
    ) -> None:
        batches = list(self.records(page=page).orders())
        read = [order for batch in batches for order in batch]
        mine = [order.id for order in read if order.id in set().union(*shop.values())]
        assert sorted(mine) == sorted(set().union(*shop.values()))
        assert len({order.id for order in read}) == len(read)
        homes = [{order.account for order in batch} for batch in batches]
        assert sum(map(len, homes)) == len(set().union(*homes))
        by_account: dict[AccountId, set[OrderId]] = {}
        for order in read:
            by_account.setdefault(order.account, set()).add(order.id)
        for customer, orders in shop.items():
            assert by_account[self.world.account_of(customer)] == orders

    def test_reading_goes_on_behind_any_account(self, shop: Mapping[CustomerId, set[OrderId]]) -> None:
        assert shop
        records = self.records(page=1)
        accounts = [batch[0].account for batch in records.orders()]
        for place, account in enumerate(accounts):
            assert [batch[0].account for batch in records.orders(after=account)] == accounts[place + 1 :]

    def test_a_snapshot_is_the_one_that_the_repository_reads(
        self, shop: Mapping[CustomerId, set[OrderId]]
    ) -> None:
        for batch in self.records(page=2).orders():
            for order in batch:
                assert order == self.world.ordering.orders.read(order.id)
        assert shop

    def test_opportunities_of_many_accounts_are_those_of_each(
        self, shop: Mapping[CustomerId, set[OrderId]]
    ) -> None:
        accounts = [self.world.account_of(customer) for customer in shop]
        found = self.records(page=2).opportunities(accounts)
        each = [
            known for account in accounts for known in self.world.ordering.opportunities.of_account(account)
        ]
        assert sorted(known.id for known in found) == sorted(known.id for known in each)
        assert set(found) == set(each)
        assert self.records(page=2).opportunities([]) == ()

    def test_the_last_change_is_that_of_the_order_that_was_changed_last(self) -> None:
        customer = self.world.new_customer()
        order = placed(self.world, customer, ROUTER)
        before = self.records(page=2).last_change()
        assert before is not None
        self.world.clock.move_to(self.world.clock.now() + timedelta(minutes=7))
        self.world.agent.cancel(order)
        last = self.records(page=2).last_change()
        assert last is not None
        assert last >= before + timedelta(minutes=7)
        assert [found.id for _, page in self.world.ordering.orders.changed_since(last) for found in page] == [
            order
        ]

    def test_customer_numbers_are_told_of_accounts_that_are_there(self) -> None:
        customer = self.world.new_customer()
        account = self.world.account_of(customer)
        known = self.world.ordering.customers.account(account)
        assert known is not None
        asked = [account, AccountId("001999999999999AAA"), AccountId("no id")]
        assert self.records(page=2).customer_numbers(asked) == {account: known.number}
        assert self.records(page=2).customer_numbers([]) == {}

    def test_a_clients_services_are_its_own_and_nobodys_client_is_none(self) -> None:
        one, other = self.world.new_customer(), self.world.new_customer()
        order = placed(self.world, one, ROUTER)
        self.world.agent.approve(order)
        self.world.run_due()
        services = self.services()
        found = services.services(self.world.client_of(one))
        assert found is not None
        snapshot = self.world.ordering.orders.read(order)
        assert snapshot is not None
        assert {service.id for service in found} == {line.service for line in snapshot.lines}
        assert {service.status for service in found} == {"Active"}
        assert services.services(self.world.client_of(other)) == ()
        assert services.services(ClientId(987654)) is None
        assert services.owner(found[0].id) == self.world.client_of(one)
        assert services.owner(ServiceId(987654)) is None


class TestMemory(Contract):
    @pytest.fixture(autouse=True)
    def begin(self) -> None:
        self.world = new_world()

    def records(self, *, page: int) -> RecordsBefore:
        assert page
        assert not isinstance(self.world, SandboxWorld)
        return MemoryRecordsBefore(self.world.salesforce)

    def services(self) -> ServicesBefore:
        assert not isinstance(self.world, SandboxWorld)
        return MemoryServicesBefore(self.world.billing)


class TestSandboxes(Contract):
    @pytest.fixture(autouse=True)
    def begin(self, salesforce_process: SalesforceProcess, whmcs_process: WhmcsProcess) -> Iterator[None]:
        with sandbox_world(salesforce_process, whmcs_process, policy=PROVED) as world:
            self.world = world
            yield

    def records(self, *, page: int) -> RecordsBefore:
        orders = self.world.ordering.orders
        assert isinstance(orders, SalesforceOrders)
        return SalesforceRecordsBefore(orders._org, page=page)

    def services(self) -> ServicesBefore:
        billing = self.world.ordering.billing
        assert isinstance(billing, WhmcsBilling)
        return WhmcsServicesBefore(billing._api, WhmcsProducts(billing._api))


class TestSandboxesReadAtOnce(TestSandboxes):
    """The same answers where WHMCS was asked so often that everything was read."""

    def services(self) -> ServicesBefore:
        before = super().services()
        for stranger in range(2 * FEW):
            assert before.services(ClientId(800_000 + stranger)) is None
        assert isinstance(before, WhmcsServicesBefore)
        assert before._everybody is not None
        return before


class GoLive:
    """The command on sandboxes that another portal has used, with a database of its own."""

    def __init__(self, world: SandboxWorld, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.world = world
        self.database = f"sqlite:///{folder}/ordering.db"
        self._file = folder / "map.csv"
        self._capsys = capsys

    def map(self, *lines: Identity) -> str:
        """Write *lines* to the file of the map, and return its name."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("customer", "account", "client", "customer_number"))
        writer.writerows((line.customer, line.account, line.client, line.customer_number) for line in lines)
        self._file.write_text(text.getvalue(), encoding="utf-8")
        return str(self._file)

    def run(self, *arguments: str) -> tuple[int, dict[str, object]]:
        """Run the command, and return its status and what it said."""
        status = main(["adopt", *arguments, "--json"])
        said: dict[str, object] = json.loads(self._capsys.readouterr().out)
        return status, said

    def changes(self) -> tuple[list[str], list[object]]:
        """Return what was written outside since the last time: WHMCS actions, and stamps of the org."""
        written = [action for action in self.world.whmcs.actions() if not action.startswith("Get")]
        kinds = ("Order", "OrderItem", "Opportunity", "Account", "Case")
        stamps = [self.world.process.query(f"SELECT Id, SystemModstamp FROM {kind}") for kind in kinds]
        return written, [sorted(map(str, found)) for found in stamps]

    def store(self) -> Iterator[Store]:
        with open_storage(self.database, DemoClock(self.world.clock.now())) as (store, *_):
            yield store


@pytest.fixture
def command(
    salesforce_process: SalesforceProcess,
    whmcs_process: WhmcsProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[GoLive]:
    with sandbox_world(salesforce_process, whmcs_process, policy=PROVED) as world:
        settings = environment({"salesforce": salesforce_process.ready, "whmcs": whmcs_process.ready})
        made = GoLive(world, tmp_path, capsys)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("ORDERING_DATABASE", made.database)
        monkeypatch.setenv("ORDERING_POLICY_BILLING_MARK_PROVED", "true")
        not_before = WEDNESDAY + timedelta(days=1)
        monkeypatch.setenv("ORDERING_POLICY_PROVISIONING_NOT_BEFORE", not_before.isoformat())
        yield made


def test_an_org_in_use_is_looked_at_taken_in_and_left_alone(command: GoLive) -> None:
    world = command.world
    one, two = world.new_customer(), world.new_customer()
    active, in_flight = placed(world, one, ROUTER), placed(world, two, ESIM)
    world.agent.approve(active)
    world.run_due()
    world.agent.approve(in_flight)
    name = command.map(identity(world, one), identity(world, two))
    command.changes()
    before = command.changes()

    status, looked = command.run(name)
    assert (status, looked["applied"], looked["passed"], looked["conflicts"]) == (0, False, True, [])
    orders = looked["orders"]
    assert isinstance(orders, dict)
    assert (orders["live service"], orders["in flight, left alone"]) == (1, 1)
    for store in command.store():
        with store.transaction() as tx:
            assert tx.identities.of_customer(one) is None

    status, taken_in = command.run(name, "--apply")
    assert (status, taken_in["applied"]) == (0, True)
    for store in command.store():
        with store.transaction() as tx:
            assert tx.identities.of_customer(one) == identity(world, one)
            assert tx.projection.get(active) is not None
            kept = tx.journal.case_file(order_subject(in_flight))
        assert kept is not None
        assert isinstance(kept.rest, WaitFor)
    assert command.run(name, "--apply")[0] == 0
    assert command.changes() == before


def test_conflicts_are_in_the_way_until_each_is_accepted(command: GoLive) -> None:
    world = command.world
    one, two = world.new_customer(), world.new_customer()
    order = placed(world, one, ROUTER)
    world.agent.approve(order)
    world.run_due()
    theirs, others = identity(world, one), identity(world, two)
    name = command.map(theirs, Identity(customer=two, account=others.account, client=theirs.client))

    status, said = command.run(name, "--apply")
    assert (status, said["applied"]) == (1, False)
    conflicts = said["conflicts"]
    assert isinstance(conflicts, list)
    assert [(each["code"], each["record"]) for each in conflicts] == [("CLIENT_TWICE", str(theirs.client))]
    assert all(each["remedy"] and not each["accepted"] for each in conflicts)
    for store in command.store():
        with store.transaction() as tx:
            assert tx.projection.get(order) is None

    status, said = command.run(name, "--apply", "--except", str(theirs.client))
    assert (status, said["applied"]) == (0, True)
    for store in command.store():
        with store.transaction() as tx:
            assert tx.identities.of_client(theirs.client) is None
            assert tx.projection.get(order) is not None


def test_one_order_is_taken_over_and_billed_once_whatever_is_looked_at(command: GoLive) -> None:
    world = command.world
    customer = world.new_customer()
    order = placed(world, customer, ROUTER)
    world.agent.approve(order)
    assert command.run(command.map(identity(world, customer)), "--apply")[0] == 0
    command.changes()
    before = command.changes()
    status, said = command.run("--provision", order, "--reason", "agreed")
    assert (status, said["applied"], said["conflicts"]) == (0, False, [])
    assert said["bills"]
    status, said = command.run("--provision", order, "--reason", "agreed", "--by", "operator", "--apply")
    assert (status, said["applied"]) == (0, True)
    assert command.changes() == before, "only ordering serve or worker does the work"
    status, said = command.run("--provision", order, "--reason", "again", "--apply")
    assert (status, said["applied"]) == (1, False)


def test_an_order_that_whmcs_bills_already_is_never_taken_over(command: GoLive) -> None:
    world = command.world
    customer = world.new_customer()
    order = placed(world, customer, ROUTER)
    world.agent.approve(order)
    assert command.run(command.map(identity(world, customer)), "--apply")[0] == 0
    world.process.write("Order", {"WHMCS_Order_ID__c": "4711"}, order)
    status, said = command.run("--provision", order, "--reason", "agreed", "--except", order, "--apply")
    assert (status, said["applied"]) == (1, False)
    conflicts = said["conflicts"]
    assert isinstance(conflicts, list)
    assert [each["code"] for each in conflicts] == ["BILLED_ALREADY"]
