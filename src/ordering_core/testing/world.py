"""
The world that the shipped state machines drive.

An ordering system, a clock, an agent's hands and switches for faults.

`ordering_adapters.memory.MemoryWorld` is one; a host may bind its own sandboxes.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from ordering_core.application.ordering import Ordering
from ordering_core.domain.identifiers import (
    AccountId,
    BillingOrderId,
    ClientId,
    CustomerId,
    LineId,
    OrderId,
    SimCardId,
)
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.faults import Fault, Faults, Moment


__all__ = ["AgentHands", "Fault", "Faults", "Moment", "World"]


class AgentHands(Protocol):
    """What support agents do by hand in Salesforce; each is an edit there, nothing is refused."""

    @abstractmethod
    def verify_identity(self, account: AccountId, /, *, method: str = "ic_chip") -> None:
        """Set the Account's identity to Verified by *method*."""
        ...

    @abstractmethod
    def reject_identity(self, account: AccountId, /, message: str) -> None:
        """Set the Account's identity to Rejected with *message*."""
        ...

    @abstractmethod
    def record_eligibility(
        self, account: AccountId, /, result: str | None, *, status: str = "Checked"
    ) -> None:
        """Record a check's result; the Opportunity becomes Ready or Void, the Case is closed."""
        ...

    @abstractmethod
    def approve(self, order: OrderId, /) -> None:
        """Set Status to Approved; the approval flow publishes its event."""
        ...

    @abstractmethod
    def set_status(self, order: OrderId, /, status: str | None) -> None:
        """Set Status to any text."""
        ...

    @abstractmethod
    def cancel(self, order: OrderId, /, *, reason: str | None = None) -> None:
        """Set Status to Cancelled, with a reason code for the customer."""
        ...

    @abstractmethod
    def set_activation(self, order: OrderId, /, status: str | None, *, at: datetime | None = None) -> None:
        """Set Activation_Status__c and Activation_Scheduled_At__c."""
        ...

    @abstractmethod
    def clear_error(self, order: OrderId, /) -> None:
        """Empty both activation error fields."""
        ...

    @abstractmethod
    def assign_sim(self, order: OrderId, /, card: SimCardId | None = None) -> SimCardId:
        """Assign *card*, or the first card in stock, to the order."""
        ...

    @abstractmethod
    def ship(self, order: OrderId, /) -> None:
        """Record that the assigned card was shipped."""
        ...

    @abstractmethod
    def deliver(self, order: OrderId, /) -> None:
        """Record that the assigned card was delivered."""
        ...

    @abstractmethod
    def add_payment_method(
        self, client: ClientId, /, *, gateway: str = "stripe", expires: str = "2031-12"
    ) -> None:
        """Store a payment method for the client (the customer's own doing, in WHMCS)."""
        ...

    @abstractmethod
    def remove_payment_methods(self, client: ClientId, /) -> None:
        """Remove all of the client's payment methods."""
        ...

    @abstractmethod
    def complete_line(self, order: OrderId, /) -> None:
        """Let the network open the submitted line of *order*."""
        ...

    @abstractmethod
    def fail_line(self, order: OrderId, /, code: str) -> None:
        """Let the network fail the submitted line of *order* with *code*."""
        ...


class World(Protocol):
    """An ordering system with everything around it under control."""

    @property
    @abstractmethod
    def ordering(self) -> Ordering:
        """The system under test."""
        ...

    @property
    @abstractmethod
    def clock(self) -> ManualClock:
        """The clock that everything in it runs on."""
        ...

    @property
    @abstractmethod
    def faults(self) -> Faults:
        """Fault switches of every outside system."""
        ...

    @property
    @abstractmethod
    def agent(self) -> AgentHands:
        """An agent's hands."""
        ...

    @abstractmethod
    def new_customer(self, *, with_payment_method: bool = True, verified: bool = True) -> CustomerId:
        """Make a portal user with Account, complete address, WHMCS client and identity map."""
        ...

    @abstractmethod
    def account_of(self, customer: CustomerId, /) -> AccountId:
        """Return the customer's Account."""
        ...

    @abstractmethod
    def client_of(self, customer: CustomerId, /) -> ClientId:
        """Return the customer's WHMCS client."""
        ...

    @abstractmethod
    def run_due(self) -> int:
        """Deliver pending events and run everything that is due now; return how many subjects ran."""
        ...

    @abstractmethod
    def billed(self, order: OrderId, /) -> tuple[BillingOrderId, ...]:
        """Return every WHMCS order that bills *order*, however it came about."""
        ...

    @abstractmethod
    def opened(self, order: OrderId, /) -> tuple[LineId, ...]:
        """Return every line submitted for *order*, however it came about."""
        ...
