"""
A world on the sandbox: an agent's hands at its REST API, our adapters over real sockets, one clock for all.

It fits `ordering_core.testing.world.World`, as `MemoryWorld` does, so that a journey runs on either.
Salesforce and WHMCS are the sandbox's; lines and profiles are in memory, and so is what is ours unless a
storage is given.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final

import attrs

from ordering_adapters.memory import (
    MemoryFaults,
    MemoryHints,
    MemoryIds,
    MemoryLineProvisioning,
    MemoryLiveUpdates,
    MemoryNotifications,
    MemoryProfileDelivery,
    MemoryStore,
    MemoryWorkQueue,
)
from ordering_adapters.memory.hints import Hint, HintKind
from ordering_adapters.memory.switched_store import SwitchedStore
from ordering_adapters.memory.world import MOST_ROUNDS, Storage
from ordering_core import Ordering, Policy
from ordering_core.domain.identifiers import (
    AccountId,
    BillingOrderId,
    ClientId,
    CustomerId,
    LineId,
    OrderId,
)
from ordering_core.errors import PortError
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.demo import DemoClock
from ordering_entrypoints.demo_agent import DemoAgent
from ordering_entrypoints.demo_org import DemoOrg
from ordering_entrypoints.demo_whmcs import DemoWhmcs
from ordering_entrypoints.demo_world import DemoWorld
from ordering_entrypoints.sandboxes import environment
from ordering_entrypoints.settings import Settings
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.switched import switch
from tests.contract.whmcs_process import WhmcsProcess


WEDNESDAY: Final = datetime.fromisoformat("2026-06-03T10:00:00+09:00")
ANY_TEXT: Final = ("Status", "Activation_Status__c")
LOOSE: Final = {"restricted": False, "required": False}
"""An agent's hands write any text there, as in an org whose admin left the fields open."""

PORTS: Final = ("catalogue", "customers", "orders", "opportunities", "cases", "files", "billing")


class SandboxAgent(DemoAgent):
    """The hands of `ordering_core.testing.world.AgentHands`: the demo's, and those that break things."""

    def __init__(
        self,
        org: DemoOrg,
        billing: DemoWhmcs,
        lines: MemoryLineProvisioning,
        hints: MemoryHints,
        clock: DemoClock,
    ) -> None:
        super().__init__(org, billing, clock)
        self._lines = lines
        self._hints = hints

    def reject_identity(self, account: AccountId, /, message: str) -> None:
        rejected = {
            "Id_Verification_Status__c": "Rejected",
            "Id_Verification_Method__c": None,
            "Id_Verification_Verified_Date_Time__c": None,
            "Id_Verification_Rejection_Message__c": message,
        }
        self._org.update("Account", account, rejected)

    def set_status(self, order: OrderId, /, status: str | None) -> None:
        self._org.update("Order", order, {"Status": status})

    def cancel(self, order: OrderId, /, *, reason: str | None = None) -> None:
        self._org.update("Order", order, {"Status": "Cancelled", "Rejection_Reason__c": reason})

    def clear_error(self, order: OrderId, /) -> None:
        emptied = {"Activation_Error_Code__c": None, "Activation_Error_Message__c": None}
        self._org.update("Order", order, emptied)

    def complete_line(self, order: OrderId, /) -> None:
        self._lines.complete(order)
        self._hints.tell(order, HintKind.LINE_COMPLETED)

    def fail_line(self, order: OrderId, /, code: str) -> None:
        self._lines.fail(order, code)
        self._hints.tell(order, HintKind.LINE_COMPLETED)


class SandboxWorld:
    """
    One system on the sandbox.

    *faults* stand in front of every port. What goes wrong on the wire is switched on at *process*, which is
    the org, and at *whmcs*.
    """

    def __init__(
        self,
        *,
        process: SalesforceProcess,
        whmcs: WhmcsProcess,
        ordering: Ordering,
        storage: Storage,
        org: DemoOrg,
        billing: DemoWhmcs,
        lines: MemoryLineProvisioning,
        notifications: MemoryNotifications,
        faults: MemoryFaults,
        clock: DemoClock,
    ) -> None:
        self.process = process
        self.whmcs = whmcs
        self.ordering = ordering
        self.store, self.queue, _ = storage
        self.org = org
        self.billing = billing
        self.lines = lines
        self.notifications = notifications
        self.faults = faults
        self.clock = clock
        self.hints = MemoryHints()
        self.agent = SandboxAgent(org, billing, lines, self.hints, clock)
        self._around = DemoWorld(ordering=ordering, queue=self.queue, org=org, billing=billing, clock=clock)

    def new_customer(self, *, with_payment_method: bool = True, verified: bool = True) -> CustomerId:
        customer = self._around.new_customer(apartment=True)
        if verified:
            self.agent.verify_identity(self.account_of(customer))
        if with_payment_method:
            gateway = self.ordering.policy.whmcs_gateway
            self.agent.add_payment_method(self.client_of(customer), gateway=gateway)
        return customer

    def account_of(self, customer: CustomerId, /) -> AccountId:
        return self._around.account_of(customer)

    def client_of(self, customer: CustomerId, /) -> ClientId:
        return self._around.client_of(customer)

    def run_due(self) -> int:
        ran = 0
        for _ in range(MOST_ROUNDS):
            self.faults.settle()
            self._deliver()
            with suppress(PortError):  # the next poll sees what this one did not
                self.ordering.reconcile()
            handled = self.queue.run_due(self.clock.now(), self.ordering.run)
            ran += handled
            if not handled:
                return ran
        raise RuntimeError("work at one instant triggers more work without an end")

    def billed(self, order: OrderId, /) -> tuple[BillingOrderId, ...]:
        return tuple(BillingOrderId(bill.id) for bill in self.billing.bills_of(order))

    def opened(self, order: OrderId, /) -> tuple[LineId, ...]:
        return tuple(line.id for line in self.lines.lines_of(order))

    def _deliver(self) -> None:
        """Let what the network tells be observed; what cannot be waits for the next round."""
        undelivered: list[Hint] = []
        hints = deque(self.hints.take())
        try:
            while hints:
                hint = hints.popleft()
                undelivered.append(hint)
                with suppress(PortError):
                    self.ordering.observe(hint.order, cause=hint.id)
                    undelivered.pop()
        finally:
            self.hints.give_back((*undelivered, *hints))


@contextmanager
def sandbox_world(
    process: SalesforceProcess,
    whmcs: WhmcsProcess,
    *,
    at: datetime = WEDNESDAY,
    policy: Policy | None = None,
    storage: Storage | None = None,
) -> Iterator[SandboxWorld]:
    """Yield a world in which nobody has ordered anything: *process* and *whmcs* as their seeds have them."""
    process.admin("POST", "reset")
    whmcs.admin("POST", "reset")
    process.admin("PUT", "fields", {f"Order.{name}": LOOSE for name in ANY_TEXT})
    policy = policy or Policy()
    settings = Settings.from_env(environment({"salesforce": process.ready, "whmcs": whmcs.ready}))
    clock = DemoClock(at)
    faults = MemoryFaults(clock)
    lines = MemoryLineProvisioning(clock, faults, port_days=policy.mnp_carrier_days)
    notifications = MemoryNotifications(faults)
    kept = storage or _in_memory(clock, faults)
    with (
        DemoOrg(process.ready, clock) as org,
        DemoWhmcs(whmcs.ready, clock) as billing,
        open_ordering(
            attrs.evolve(settings, policy=policy),
            clock=clock,
            store=SwitchedStore(kept[0], faults) if storage else kept[0],
            live_updates=kept[2],
            lines=lines,
            profiles=MemoryProfileDelivery(faults),
            notifications=notifications,
            ids=MemoryIds(),
        ) as ordering,
    ):
        for port in PORTS:
            switch(getattr(ordering, port), port, faults)
        yield SandboxWorld(
            process=process,
            whmcs=whmcs,
            ordering=ordering,
            storage=kept,
            org=org,
            billing=billing,
            lines=lines,
            notifications=notifications,
            faults=faults,
            clock=clock,
        )


def _in_memory(clock: DemoClock, faults: MemoryFaults) -> Storage:
    live_updates = MemoryLiveUpdates()
    store = MemoryStore(clock, live_updates=live_updates, faults=faults)
    return store, MemoryWorkQueue(store), live_updates
