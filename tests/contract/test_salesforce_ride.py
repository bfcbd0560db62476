"""An order from checkout to activation on an org over its REST API: once in every system, in few calls."""

from datetime import UTC, date, datetime
from typing import Final

import attrs
import pytest

from ordering_adapters.memory import MemoryWorld
from ordering_adapters.salesforce import (
    SalesforceCases,
    SalesforceCatalogue,
    SalesforceCustomers,
    SalesforceFiles,
    SalesforceOpportunities,
    SalesforceOrders,
)
from ordering_core import Ordering
from ordering_core.application import performing
from ordering_core.domain.customers import Identity, IdentityFields
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.identifiers import CustomerId, OrderId, Sku
from ordering_core.domain.order_status import OrderState
from ordering_core.domain.vocabulary import Stage
from ordering_core.ports.checkout_records import PlacementState
from ordering_core.ports.orders import ProvisioningFacts
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.outside import FLAT
from tests.contract.salesforce_org import BEGIN, SandboxOrg


CUSTOMER: Final = CustomerId("customer-1")
DRAFT: Final = SimDraft(
    skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")),
    sim_type="eSIM",
    eid="89049032000001000000012345678954",
    activation_type="Immediate",
)


class TestRide(SandboxOrg):
    @pytest.fixture
    def ordering(self) -> Ordering:
        self.clock = ManualClock(datetime.fromisoformat(BEGIN))
        self.world = MemoryWorld(clock=self.clock)
        org = self.connected()
        ordering = attrs.evolve(
            self.world.ordering,
            catalogue=SalesforceCatalogue(org, self.attributes),
            customers=SalesforceCustomers(org),
            orders=SalesforceOrders(org, self.attributes),
            opportunities=SalesforceOpportunities(org),
            cases=SalesforceCases(org),
            files=SalesforceFiles(org),
        )
        self.account = self.new_account(FLAT)
        client = self.world.billing.new_client(FLAT)
        self.world.billing.give_payment_method(client, gateway="stripe", expires=date(2031, 12, 1))
        with ordering.store.transaction() as tx:
            tx.identities.put(Identity(customer=CUSTOMER, account=self.account, client=client))
        return ordering

    def submit(self, ordering: Ordering) -> OrderId:
        session = ordering.begin_checkout(DRAFT, customer=CUSTOMER)
        ordering.confirm_address(session.id, customer=CUSTOMER)
        self.set_identity(
            self.account,
            IdentityFields(status="Verified", method="ic_chip", verified_at=datetime(2026, 5, 1, tzinfo=UTC)),
        )
        self.process.admin("DELETE", "calls")
        submitted = ordering.submit(session.id, customer=CUSTOMER)
        assert submitted.state is PlacementState.PLACED
        assert submitted.order is not None
        return submitted.order

    def counted(self) -> int:
        calls = len(self.process.data_calls())
        self.process.admin("DELETE", "calls")
        return calls

    def provision(self, ordering: Ordering, order: OrderId) -> None:
        ordering.provision(order)
        if self.world.opened(order):
            self.world.agent.complete_line(order)
        ordering.provision(order)

    def assert_active(self, ordering: Ordering, order: OrderId) -> None:
        row = self.process.row(
            "Order", order, "Activation_Status__c, WHMCS_Order_ID__c, Activation_Error_Code__c, OpportunityId"
        )
        assert (row["Activation_Status__c"], row["Activation_Error_Code__c"]) == ("Activated", None)
        assert row["WHMCS_Order_ID__c"]
        items = self.process.query(f"SELECT WHMCS_Service_ID__c FROM OrderItem WHERE OrderId = '{order}'")
        assert all(item["WHMCS_Service_ID__c"] for item in items)
        linked = self.process.row("Opportunity", str(row["OpportunityId"]), "StageName, WHMCS_Service_ID__c")
        assert linked["StageName"] == Stage.ACTIVE.value
        assert linked["WHMCS_Service_ID__c"]
        assert ordering.order(order, customer=CUSTOMER).status.state is OrderState.ACTIVATED

    def test_an_order_is_submitted_approved_billed_opened_and_linked(self, ordering: Ordering) -> None:
        order = self.submit(ordering)
        assert self.counted() == 2
        self.set_status(order, "Approved")
        ordering.observe(order, cause="approved")
        assert self.counted() == 1
        self.provision(ordering, order)
        # DESIGN 10: read; mark, ending with a reading; before the line; before accept; the last composite.
        assert self.counted() == 5
        self.assert_active(ordering, order)

    def test_an_order_that_nobody_told_of_costs_no_more(self, ordering: Ordering) -> None:
        order = self.submit(ordering)
        self.set_status(order, "Approved")
        self.counted()
        self.provision(ordering, order)
        assert self.counted() == 5
        self.assert_active(ordering, order)

    def made_after_cancelling(self, ordering: Ordering, step: str) -> list[str]:
        """Let an agent cancel the order right after *step*, and return what was made of it in all."""
        order = self.submit(ordering)
        self.set_status(order, "Approved")
        self.world.faults.hook(step, "after", lambda: self.set_status(order, "Cancelled"))
        self.provision(ordering, order)
        billed = self.world.billing.orders_of(order)
        accepted = [known for known in billed if known.status == "Active"]
        lines = self.world.opened(order)
        return [*("billed" for _ in billed), *("line" for _ in lines), *("accepted" for _ in accepted)]

    @pytest.mark.parametrize(
        ("step", "made"),
        [
            ("billing.payment_methods", []),
            ("billing.add", ["billed"]),
            ("lines.submit", ["billed", "line"]),
        ],
    )
    def test_a_cancellation_is_read_before_the_next_step(
        self, ordering: Ordering, step: str, made: list[str]
    ) -> None:
        assert self.made_after_cancelling(ordering, step) == made

    def test_without_the_reading_before_the_line_a_cancellation_is_missed(
        self, ordering: Ordering, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        forgotten = performing._forgotten
        monkeypatch.setattr(
            performing, "_forgotten", lambda run, effect: attrs.evolve(forgotten(run, effect), fresh=True)
        )
        assert "line" in self.made_after_cancelling(ordering, "billing.add")

    def test_without_the_reading_before_accept_a_cancellation_is_missed(
        self, ordering: Ordering, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read, seen = ordering.orders.provisioning_facts, dict[OrderId, ProvisioningFacts | None]()

        def as_before_the_line(order: OrderId) -> ProvisioningFacts | None:
            if not self.world.opened(order):
                seen[order] = read(order)
            return seen[order]

        monkeypatch.setattr(ordering.orders, "provisioning_facts", as_before_the_line)
        assert "accepted" in self.made_after_cancelling(ordering, "lines.submit")
