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
from ordering_core.domain.customers import Identity, IdentityFields
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.identifiers import CustomerId, OrderId, Sku
from ordering_core.domain.order_status import OrderState
from ordering_core.domain.vocabulary import Stage
from ordering_core.ports.store import PlacementState
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

    def test_an_order_is_submitted_approved_billed_opened_and_linked(self, ordering: Ordering) -> None:
        order = self.submit(ordering)
        assert len(self.process.data_calls()) == 2
        self.set_status(order, "Approved")
        self.process.admin("DELETE", "calls")
        ordering.observe(order, cause="approved")
        ordering.provision(order)
        self.world.agent.complete_line(order)
        ordering.provision(order)
        calls = self.process.data_calls()
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
        # One call to observe, and two runs of the process manager, each of which begins with a read.
        assert len(calls) <= 7, [call["path"] for call in calls]
