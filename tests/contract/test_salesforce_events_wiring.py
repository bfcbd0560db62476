"""A process that is told to follow an org's event bus hears of orders without a poll."""

from pathlib import Path
from typing import Final

import attrs
import pytest

from litestar.testing import TestClient

from ordering_adapters.clock import SystemClock
from ordering_adapters.salesforce.events.lease import NAME
from ordering_adapters.storage import open_storage
from ordering_core.application.own_orders import RECONCILED
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.order_status import OrderState
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.ports.store import Store
from ordering_entrypoints.asgi import app_of
from ordering_entrypoints.container import open_system
from ordering_entrypoints.following import event_bus
from ordering_entrypoints.metrics import Metrics
from ordering_entrypoints.salesforce_settings import SalesforceVariables
from ordering_entrypoints.settings import Settings, SettingsError
from tests.contract.event_bus import eventually
from tests.contract.salesforce_org import SandboxOrg, alone


APPROVED: Final = "Approved"


class TestWiring(SandboxOrg):
    def variables(self) -> SalesforceVariables:
        return SalesforceVariables(
            domain="sandbox.my.salesforce.com",
            client_id=self.process.ready["client_id"],
            client_secret=self.process.ready["client_secret"],
            price_book=self.price_book,
            plain_address=self.process.ready["http"],
            ca_file=Path(self.process.ready["ca_file"]),
            follow_events=True,
            events_address=self.process.ready["grpc_tls"],
        )

    def approved_order(self) -> OrderId:
        account = self.new_account()
        order = self.order_on(self.new_opportunity(account, OrderType.VPN, Stage.READY), status="Draft")
        self.set_status(order, APPROVED)
        return order

    def test_an_approval_is_heard_and_the_order_read(self) -> None:
        settings = alone(self.variables())
        metrics = Metrics()
        with open_system(settings) as (ordering, _), event_bus(settings, ordering, observer=metrics):
            order = self.approved_order()
            eventually(lambda: state_of(ordering.store, order) is OrderState.APPROVED)
            text = metrics.text().decode()
            for operation in ("token", "subscribe", "schema"):
                labels = f'operation="{operation}",outcome="ok",system="salesforce"'
                assert f"ordering_upstream_calls_total{{{labels}}}" in text
            self.set_status(order, "Cancelled")
            eventually(lambda: state_of(ordering.store, order) is OrderState.CANCELLED)

    def test_the_server_follows_the_bus_while_it_serves(self, tmp_path: Path) -> None:
        database = f"sqlite:///{tmp_path / 'ordering.db'}"
        settings = attrs.evolve(alone(self.variables()), database=database)
        with open_storage(database, SystemClock()) as (store, _, _):
            with TestClient(app_of(settings)):
                # The poll at its start has passed when an order comes that it cannot have seen.
                eventually(lambda: reconciled(store))
                order = self.approved_order()
                eventually(lambda: state_of(store, order) is not None)
            with store.transaction() as tx:
                assert tx.checkpoints.get(NAME) == ""

    def test_without_being_told_nobody_follows(self) -> None:
        settings = alone(attrs.evolve(self.variables(), follow_events=False))
        with (
            open_system(settings) as (ordering, _),
            event_bus(settings, ordering),
            ordering.store.transaction() as tx,
        ):
            assert tx.checkpoints.get(NAME) is None
        with open_system(Settings()) as (ordering, _), event_bus(Settings(), ordering):
            pass

    def test_a_certificate_file_that_is_not_there_is_said_at_the_start(self, tmp_path: Path) -> None:
        settings = alone(attrs.evolve(self.variables(), ca_file=tmp_path / "none.pem"))
        with pytest.raises(SettingsError, match="CA file cannot be read"):
            app_of(settings)


def state_of(store: Store, order: OrderId) -> OrderState | None:
    with store.transaction() as tx:
        copy = tx.projection.get(order)
    return copy.status.state if copy else None


def reconciled(store: Store) -> bool:
    with store.transaction() as tx:
        return tx.checkpoints.get(RECONCILED) is not None
