"""What the team writes into a Case never reaches a customer: no page, no feed, no mail (seed "Case")."""

import asyncio

from datetime import UTC, date, datetime, timedelta
from typing import Final

import attrs
import pytest

from litestar.types import HTTPDisconnectEvent, HTTPRequestEvent, Message

from ordering_adapters.memory import MemoryWorld
from ordering_adapters.salesforce import (
    SalesforceCases,
    SalesforceCatalogue,
    SalesforceCustomers,
    SalesforceFiles,
    SalesforceOpportunities,
    SalesforceOrders,
)
from ordering_core.domain.customers import Identity, IdentityFields
from ordering_core.domain.drafts import SimDraft, VpnDraft
from ordering_core.domain.identifiers import Cursor, CustomerId, OrderId, Sku
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.outside import FLAT
from ordering_entrypoints.http.settings import EventSettings
from tests.contract.salesforce_org import BEGIN, SandboxOrg
from tests.unit.entrypoints.api import KEY, SETTINGS, Api


CUSTOMER: Final = CustomerId("customer-1")
SECRET: Final = "内部メモ KUROKAGE"
"""Words that agents write into Cases."""

SHOWN: Final = "写真が不鮮明です HAKKIRI"
"""Words that agents write for the customer."""

SERVICE: Final = {"Authorization": f"Bearer {KEY}"}
SIM: Final = SimDraft(
    skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")),
    sim_type="eSIM",
    eid="89049032000001000000012345678954",
    activation_type="Immediate",
)
READ: Final = {
    "/api/catalogue",
    "/api/changes",
    "/api/checkout-sessions/{session_id}",
    "/api/checkout-sessions/{session_id}/requirements",
    "/api/orders",
    "/api/orders/{order_id}",
    "/api/orders/{order_id}/timeline",
}
"""What a customer, or the feed's reader, can read of it all, beside the event stream of an order."""

STREAM: Final = "/api/orders/{order_id}/events"
STREAMED: Final = attrs.evolve(SETTINGS, events=EventSettings(heartbeat=timedelta(milliseconds=1)))
SILENCE: Final = ": still here"
"""What a stream says when it has told everything."""

VPN: Final = VpnDraft(skus=(Sku("VPN-UK"),), region="UK")
"""Its router is sent by a Case of its own."""


class TestCasePrivacy(SandboxOrg):
    @pytest.fixture(autouse=True)
    def shop(self, sandbox: None) -> None:
        self.clock = ManualClock(datetime.fromisoformat(BEGIN))
        self.world = MemoryWorld(clock=self.clock)
        org = self.connected()
        self.ordering = attrs.evolve(
            self.world.ordering,
            catalogue=SalesforceCatalogue(org, self.attributes),
            customers=SalesforceCustomers(org),
            orders=SalesforceOrders(org, self.attributes),
            opportunities=SalesforceOpportunities(org),
            cases=SalesforceCases(org),
            files=SalesforceFiles(org),
        )
        self.world.ordering = self.ordering
        self.account = self.new_account(FLAT)
        client = self.world.billing.new_client(FLAT)
        self.world.billing.give_payment_method(client, gateway="stripe", expires=date(2031, 12, 1))
        verified = IdentityFields(
            status="Verified", method="ic_chip", verified_at=datetime(2026, 5, 1, tzinfo=UTC)
        )
        self.set_identity(self.account, verified)
        with self.ordering.store.transaction() as tx:
            tx.identities.put(Identity(customer=CUSTOMER, account=self.account, client=client))
        self.process.write("Contact", {"AccountId": self.account, "LastName": "x", "Email": "s@example.jp"})
        self.api = Api(self.world, STREAMED)

    def write_into_cases(self) -> int:
        """Write words into every Case as agents do; return how many there are."""
        cases = [str(row["Id"]) for row in self.process.query("SELECT Id FROM Case")]
        for case in cases:
            self.process.write("Case", {"Subject": SECRET, "Description": SECRET, "Status": "Working"}, case)
        return len(cases)

    def provision(self, order: OrderId) -> None:
        self.set_status(order, "Approved")
        self.ordering.observe(order, cause="approved")
        self.ordering.provision(order)

    def read_everything(self, orders: list[OrderId], session: str) -> str:
        """Return all that a customer, and a system that follows the feed, can read."""
        filled = {"{session_id}": session.rpartition("/")[2]}
        paths = self.api.app.openapi_schema.to_schema()["paths"]
        said: list[str] = []
        self.read: dict[str, int] = {}
        self.streams: dict[OrderId, str] = {}
        for path, methods in paths.items():
            if "get" not in methods:
                continue
            for order in orders if "{order_id}" in path else [OrderId("")]:
                named = path.replace("{order_id}", order)
                for name, value in filled.items():
                    named = named.replace(name, value)
                if not path.startswith("/api"):
                    continue
                if path == STREAM:
                    self.streams[order] = self.streamed(order)
                    said.append(self.streams[order])
                    continue
                reader = SERVICE if path == "/api/changes" else self.api.token(CUSTOMER)
                answer = self.api.call("GET", named.removeprefix("/api"), headers=reader)
                assert "{" not in named, named
                self.read[path] = answer.status_code
                said.append(answer.text)
        # What each event holds, shown or not.
        said.append(repr([attrs.astuple(event) for event in self.ordering.changes(after=Cursor(0))]))
        said.append(repr([attrs.astuple(mail) for mail in self.world.notifications.sent]))
        return "\n".join(said)

    def streamed(self, order: OrderId) -> str:
        """Return all that the stream of *order* tells, from the first event on."""
        told: list[str] = []
        gone = asyncio.Event()

        async def receive() -> HTTPRequestEvent | HTTPDisconnectEvent:
            if not told:
                return {"type": "http.request", "body": b"", "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            told.append(message["body"].decode() if message["type"] == "http.response.body" else "")
            if SILENCE in told[-1]:
                gone.set()
            await asyncio.sleep(0)

        path = STREAM.replace("{order_id}", order)
        headers = [
            (name.lower().encode(), value.encode()) for name, value in self.api.token(CUSTOMER).items()
        ]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": headers,
            "server": ("testserver", 80),
            "client": ("testclient", 1),
            "state": {},
            "extensions": {},
        }

        async def scenario() -> None:
            async with asyncio.timeout(20):
                await self.api.app(scope, receive, send)  # type: ignore[arg-type]  # as servers build it

        asyncio.run(scenario())
        return "".join(told)

    def test_no_word_of_a_case_reaches_the_customer(self) -> None:
        orders: list[OrderId] = []
        for draft in (SIM, VPN):
            orders.append(OrderId(self.api.place(CUSTOMER, draft).rpartition("/")[2]))
            self.write_into_cases()
        session = self.api.ready(CUSTOMER, SIM)
        self.api.call("POST", f"{session}/eligibility-requests", CUSTOMER)
        self.write_into_cases()
        for order in orders:
            self.provision(order)
        self.world.agent.complete_line(orders[0])
        assert self.write_into_cases() >= 3
        for order in orders:
            self.ordering.provision(order)
        self.ordering.reconcile()
        self.process.write(
            "Account",
            {"Id_Verification_Status__c": "Rejected", "Id_Verification_Rejection_Message__c": SHOWN},
            self.account,
        )
        said = self.read_everything(orders, session)
        assert {path for path, status in self.read.items() if status == 200} == READ
        assert SHOWN in said
        assert all(stream.count("data: ") >= 3 for stream in self.streams.values())
        assert list(self.streams) == orders
        for word in SECRET.split():
            assert word not in said
