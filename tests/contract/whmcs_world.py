"""A world in memory whose bills are made by a WHMCS installation of the sandbox."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

import attrs

from ordering_adapters.memory import MemoryWorld
from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.whmcs import WhmcsBilling
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.identifiers import CustomerId, OrderId, Sku
from ordering_core.domain.journal import Rest
from ordering_core.domain.vocabulary import BillingCycle
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.checkout_records import PlacementState
from ordering_core.testing.clocks import ManualClock
from tests.contract.stand_in import Row
from tests.contract.whmcs_installation import Installation
from tests.contract.whmcs_process import seed


NOON: Final = datetime(2026, 6, 3, 3, tzinfo=UTC)
SETTLED: Final = timedelta(seconds=91)
LINE_OPENS: Final = timedelta(minutes=10)
ESIM: Final = SimDraft(
    skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")),
    sim_type="eSIM",
    eid="89049032000001000000012345678954",
    activation_type="Immediate",
)


def prices(cycle: BillingCycle) -> dict[int, int]:
    """Return what the small catalogue costs, by WHMCS product."""
    return {
        product.billing_product: int(product.price)
        for product in SMALL_CATALOGUE.products.values()
        if product.cycle is cycle
    }


class WhmcsWorld(Installation):
    """Everything in memory but WHMCS, which sells the small catalogue."""

    def world(self, wrap: Callable[[WhmcsBilling], BillingSystem] = lambda billing: billing) -> None:
        """Begin with one customer, who has a card; *wrap* may stand between core and adapter."""
        planted = seed(
            self.fields,
            monthly=prices(BillingCycle.MONTHLY),
            once=prices(BillingCycle.ONE_TIME),
            switches=self.switches,
        )
        self.process.admin("POST", "reset", planted)
        self.memory = MemoryWorld(clock=ManualClock(NOON))
        self.ordering = self.memory.ordering = attrs.evolve(
            self.memory.ordering, billing=wrap(self.new_billing())
        )
        self.customer = self.memory.new_customer()
        self.client = self.memory.client_of(self.customer)
        self.process.plant(
            "clients",
            {"id": self.client, "firstname": "さくら", "lastname": "髙橋", "email": "s@customer.example"},
        )
        self.store_payment_method(self.client, gateway="stripe", expires=date(2031, 12, 1))

    def approved(self, customer: CustomerId | None = None) -> OrderId:
        """Return an order that was submitted and approved, and not run since."""
        owner = customer or self.customer
        session = self.ordering.begin_checkout(ESIM, customer=owner)
        self.ordering.confirm_address(session.id, customer=owner)
        submitted = self.ordering.submit(session.id, customer=owner)
        assert submitted.state is PlacementState.PLACED
        assert submitted.order is not None
        self.memory.run_due()
        self.memory.agent.approve(submitted.order)
        self.memory.hints.take()
        return submitted.order

    def finish(self, order: OrderId) -> Rest:
        """Run the order, and again once the network has opened its line."""
        self.ordering.provision(order)
        self.memory.clock.advance(LINE_OPENS)
        return self.ordering.provision(order)

    def carry_on(self, order: OrderId, *, times: int = 12) -> Rest:
        """Run the order again and again, each time after everything of before has settled."""
        rest = self.ordering.provision(order)
        for _ in range(times):
            self.memory.clock.advance(LINE_OPENS)
            rest = self.ordering.provision(order)
        return rest

    def living_orders(self) -> list[Row]:
        """Return the orders in WHMCS that bill somebody."""
        return [row for row in self.process.rows("orders") if row["status"] not in {"Cancelled", "Fraud"}]
