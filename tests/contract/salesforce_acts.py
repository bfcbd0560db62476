"""Everything that the ports do in an org, once; what they send is kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import attrs
import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.salesforce import (
    SalesforceCases,
    SalesforceCatalogue,
    SalesforceCustomers,
    SalesforceFiles,
    SalesforceOpportunities,
    SalesforceOrders,
    SalesforceOrg,
    SalesforceSettings,
)
from ordering_adapters.salesforce.composite import Answers, Call
from ordering_adapters.salesforce.errors import Failure
from ordering_core.domain.catalogue import Product
from ordering_core.domain.drafts import Draft, InternetDraft
from ordering_core.domain.identifiers import AccountId, BillingOrderId, RequestKey, ServiceId
from ordering_core.domain.orders import ActivationFields, OrderSnapshot, OrderWrite
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.ports.cases import CaseKind, NewCase
from ordering_core.ports.orders import OrderRepository
from ordering_core.testing.contracts.order_base import ACTIVATING, DRAFTS, OrderContract
from ordering_core.testing.contracts.outside import HOUSE
from tests.contract.salesforce_org import SandboxOrg


LATER: Final = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)


FULL_DRAFTS: Final = tuple(
    attrs.evolve(draft, notes="Ring twice") if isinstance(draft, InternetDraft) else draft for draft in DRAFTS
)
"""Drafts that between them fill every field of an order."""


class RecordingOrg(SalesforceOrg):
    """An org whose writes are kept."""

    def __init__(self, settings: SalesforceSettings) -> None:
        super().__init__(settings, SystemClock(), sleep=_never)
        self.changes: list[Call] = []

    def change(self, calls: Sequence[Call]) -> Answers | Failure:
        self.changes += calls
        return super().change(calls)

    def written(self) -> Mapping[str, set[str]]:
        """Return the names of the fields sent, by ``POST Order``."""
        found: dict[str, set[str]] = {}
        for call in self.changes:
            for kind, body in _records(call):
                found.setdefault(f"{call.method} {kind}", set()).update(body)
        return found


class Acts(SandboxOrg, OrderContract):
    """The ports in an org of the sandbox."""

    @pytest.fixture
    def orders(self) -> OrderRepository:
        return SalesforceOrders(self.connected(), self.attributes)

    def products(self, order_type: OrderType) -> Sequence[Product]:
        return self.catalogue_shown.of_type(order_type)

    def do_everything(self, org: RecordingOrg) -> None:
        """Use every operation of every port, and every field that one of them writes."""
        account = self.new_account()
        self.serve_customer(org, account)
        self.open_case(org, account)
        for place, draft in enumerate(FULL_DRAFTS):
            self.fulfil(org, account, draft, key=f"key-{place}")

    def serve_customer(self, org: RecordingOrg, account: AccountId) -> None:
        """Ask for eligibility, and take a card in."""
        customers = SalesforceCustomers(org)
        assert customers.account(account) is not None
        customers.request_eligibility(account, address=HOUSE, key=RequestKey("ask"))
        customers.mark_identity_pending(account)
        files = SalesforceFiles(org)
        assert files.upload(account, content=b"card", media_type="image/png", key=RequestKey("card"))

    def fulfil(self, org: RecordingOrg, account: AccountId, draft: Draft, *, key: str) -> OrderSnapshot:
        """Place an order, find it again in every way, and link it to its services."""
        orders = SalesforceOrders(org, self.attributes)
        assert SalesforceCatalogue(org, self.attributes).all().products
        new = self.new_order(account, key=key, draft=draft)
        orders.place(attrs.evolve(new, address_changed=True, update_account=True, clear_eligibility=True))
        known = orders.find(RequestKey(key))
        assert known is not None
        self.move_on(org, known.snapshot)
        facts = orders.provisioning_facts(known.snapshot.id)
        assert facts is not None
        assert [order for _, page in orders.changed_since(LATER.replace(year=2020)) for order in page]
        return self.finish(orders, facts.order)

    def open_case(self, org: RecordingOrg, account: AccountId) -> None:
        """Ask the team for something."""
        cases = SalesforceCases(org)
        about = NewCase(
            key=RequestKey("case"),
            kind=CaseKind.SHIP_ROUTER,
            account=account,
            subject="Send",
            description="a router",
        )
        assert not cases.is_closed(cases.open(about))

    def move_on(self, org: RecordingOrg, placed: OrderSnapshot) -> None:
        """Move the order's Opportunity."""
        opportunities = SalesforceOpportunities(org)
        assert placed.opportunity is not None
        assert opportunities.read(placed.opportunity) is not None
        opportunities.move(placed.opportunity, Stage.POST_PROCESSING)

    def finish(self, orders: OrderRepository, order: OrderSnapshot) -> OrderSnapshot:
        """Write as a run does: first what it shows while it works, then everything."""
        shown = orders.write(OrderWrite(order=order.id, activation=ACTIVATING, if_version=order.version))
        return orders.write(
            OrderWrite(
                order=order.id,
                activation=ActivationFields(status="Activated"),
                last_attempt_at=LATER,
                billing_order=BillingOrderId(501),
                mnp_application="Done",
                services={line.id: ServiceId(9000 + place) for place, line in enumerate(order.lines)},
                stage=Stage.ACTIVE,
                opportunity_service=ServiceId(9001),
                if_version=shown.version,
            )
        )


def _records(call: Call) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the records of *call* by their objects."""
    body: Mapping[str, object] = call.body or {}
    if call.path.startswith("sobjects/") and call.method != "GET":
        yield call.path.split("/")[1], body
    listed = body.get("records")
    for record in listed if isinstance(listed, list) else ():
        kind = record["attributes"]["type"]
        yield kind, {name: value for name, value in record.items() if name not in {"attributes", "id"}}


def _never(seconds: float) -> None:
    """Wait for nothing: nothing fails here."""
    raise AssertionError(seconds)
