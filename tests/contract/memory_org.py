"""The hands of the contracts over Salesforce, on an org in memory."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import attrs
import pytest

from ordering_adapters.memory.agent import MemoryAgent
from ordering_adapters.memory.billing import MemoryBilling
from ordering_adapters.memory.faults import SLOW_FOR, MemoryFaults
from ordering_adapters.memory.hints import MemoryHints
from ordering_adapters.memory.lines import MemoryLineProvisioning
from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.memory.salesforce import MemorySalesforce, OpportunityRecord, OrderRecord
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.customers import Account, EligibilityFields, IdentityFields
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.identifiers import (
    AccountId,
    CaseId,
    FileId,
    OpportunityId,
    OrderId,
    OrderItemId,
    SimCardId,
    Version,
)
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import ActivationFields, AssignedSim, OrderLine, OrderSnapshot
from ordering_core.domain.vocabulary import BillingCycle, ItemClass, OrderType, Stage
from ordering_core.ports.cases import NewCase
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.outside import HOUSE
from ordering_core.testing.contracts.salesforce import SalesforceContract
from ordering_core.testing.faults import Fault


START = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)


class MemoryFaultSwitches:
    """Faults of one port in memory, on a clock of its own."""

    port: str

    @pytest.fixture(autouse=True)
    def switches(self) -> None:
        self.clock = ManualClock(START)
        self.faults = MemoryFaults(self.clock)

    def break_next(self, method: str, fault: Fault) -> None:
        self.faults.set(f"{self.port}.{method}", fault)

    def let_late_work_arrive(self) -> None:
        self.clock.advance(SLOW_FOR)
        self.faults.settle()


class MemoryOrg(MemoryFaultSwitches, SalesforceContract):
    """An org with the small price book."""

    @pytest.fixture(autouse=True)
    def empty_org(self, switches: None) -> None:
        self.hints = MemoryHints()
        self.org = MemorySalesforce(self.clock, SMALL_CATALOGUE, self.hints)
        self.billing = MemoryBilling(self.faults)
        self.network = MemoryLineProvisioning(self.clock, self.faults)
        self.agent = MemoryAgent(self.org, self.billing, self.network, self.hints)

    def new_account(self, address: PostalAddress = HOUSE) -> AccountId:
        account = AccountId(self.org.new_id("001"))
        self.org.save_account(Account(id=account, number="C000001", name="髙橋さくら", address=address))
        return account

    def account_in_org(self, account: AccountId) -> Account:
        return self.org.accounts[account]

    def set_identity(self, account: AccountId, fields: IdentityFields) -> None:
        self.org.edit_account(account, lambda known: attrs.evolve(known, identity=fields))

    def set_eligibility(self, account: AccountId, fields: EligibilityFields) -> None:
        self.org.edit_account(account, lambda known: attrs.evolve(known, eligibility=fields))

    def new_opportunity(
        self, account: AccountId, order_type: OrderType, stage: Stage, *, source: str = "Shop"
    ) -> OpportunityId:
        made = Opportunity(
            id=OpportunityId(self.org.new_id("006")),
            account=account,
            order_type=order_type,
            stage=stage,
            created_at=self.clock.now(),
            source=source,
        )
        self.org.save_opportunity(
            OpportunityRecord(opportunity=made, name="by hand", close_date=date(2026, 7, 1))
        )
        return made.id

    def opportunity_in_org(self, opportunity: OpportunityId) -> Opportunity:
        return self.org.opportunities[opportunity].opportunity

    def order_on(self, opportunity: OpportunityId, *, status: str) -> OrderId:
        made = OrderId(self.org.new_id("801"))
        line = OrderLine(
            id=OrderItemId(self.org.new_id("802")),
            sku=next(iter(SMALL_CATALOGUE.products)),
            name="by hand",
            item_class=ItemClass.SERVICE,
            cycle=BillingCycle.MONTHLY,
            unit_price=Decimal(1000),
        )
        snapshot = OrderSnapshot(
            id=made,
            number="00009999",
            account=self.opportunity_in_org(opportunity).account,
            opportunity=opportunity,
            order_type=self.opportunity_in_org(opportunity).order_type,
            status=status,
            draft=SimDraft(),
            lines=(line,),
            effective_date=date(2026, 6, 3),
            created_at=self.clock.now(),
            version=Version(""),
        )
        self.org.save_order(OrderRecord(snapshot=snapshot, modified_at=self.clock.now()))
        return made

    def set_status(self, order: OrderId, status: str | None) -> None:
        self.clock.advance(timedelta(seconds=1))
        self.agent.set_status(order, status)

    def set_activation(self, order: OrderId, fields: ActivationFields) -> None:
        self.org.edit_order(
            order,
            lambda record: attrs.evolve(record, snapshot=attrs.evolve(record.snapshot, activation=fields)),
        )

    def assign_card(self, order: OrderId) -> SimCardId:
        return self.agent.assign_sim(order)

    def card_in_org(self, card: SimCardId) -> AssignedSim:
        return self.org.cards[card]

    def cases_in_org(self, account: AccountId) -> dict[CaseId, NewCase]:
        return {
            case: record.case for case, record in self.org.cases.items() if record.case.account == account
        }

    def close_case(self, case: CaseId) -> None:
        self.org.cases[case] = attrs.evolve(self.org.cases[case], closed=True)

    def files_in_org(self, account: AccountId) -> dict[FileId, bytes]:
        return {file: record.content for file, record in self.org.files.items() if record.account == account}
