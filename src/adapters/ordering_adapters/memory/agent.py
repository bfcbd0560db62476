"""
What support agents do by hand in an org in memory, and what customers and the network do beside it.

Every act is an edit as Salesforce would take it from a person: nothing checks whether it makes sense.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import attrs

from ordering_adapters.memory.billing import MemoryBilling
from ordering_adapters.memory.hints import HintKind, MemoryHints
from ordering_adapters.memory.lines import MemoryLineProvisioning
from ordering_adapters.memory.salesforce import MemorySalesforce
from ordering_adapters.memory.sim_inventory import take
from ordering_adapters.memory.sim_numbers import card_number, iccid, line_number
from ordering_core.domain.customers import Account, EligibilityFields, IdentityFields
from ordering_core.domain.eligibility import EligibilityState, eligibility_standing
from ordering_core.domain.identifiers import AccountId, ClientId, OrderId, SimCardId
from ordering_core.domain.orders import ActivationFields, AssignedSim, OrderSnapshot
from ordering_core.domain.vocabulary import OrderStatusText, Stage
from ordering_core.ports.cases import CaseKind
from ordering_core.ports.sim_inventory import IN_STOCK


class MemoryAgent:
    """The hands of an agent; fits `ordering_core.testing.world.AgentHands`."""

    def __init__(
        self,
        org: MemorySalesforce,
        billing: MemoryBilling,
        lines: MemoryLineProvisioning,
        hints: MemoryHints,
    ) -> None:
        """Work on *org*, *billing* and *lines*; *hints* hears of what the network did."""
        self._hints = hints
        self._org = org
        self._billing = billing
        self._lines = lines

    def verify_identity(self, account: AccountId, /, *, method: str = "ic_chip") -> None:
        """Set the Account's identity to Verified by *method*."""
        identity = IdentityFields(status="Verified", method=method, verified_at=self._org.now())
        self._org.edit_account(account, lambda known: attrs.evolve(known, identity=identity))

    def reject_identity(self, account: AccountId, /, message: str) -> None:
        """Set the Account's identity to Rejected with *message*."""
        identity = IdentityFields(status="Rejected", rejection_message=message)
        self._org.edit_account(account, lambda known: attrs.evolve(known, identity=identity))

    def record_eligibility(
        self, account: AccountId, /, result: str | None, *, status: str = "Checked"
    ) -> None:
        """Record the result of a check: the Opportunity becomes Ready or Void, the Case is closed."""
        fields = EligibilityFields(status=status, result=result, checked_at=self._org.now())

        def record(known: Account) -> Account:
            return attrs.evolve(known, eligibility=fields)

        with self._org.lock:
            self._org.edit_account(account, record)
            eligible = eligibility_standing(fields).state is EligibilityState.ELIGIBLE
            self._close_requests(account, Stage.READY if eligible else Stage.VOID)

    def approve(self, order: OrderId, /) -> None:
        """Set Status to Approved; the approval flow publishes its event."""
        self.set_status(order, OrderStatusText.APPROVED.value)

    def set_status(self, order: OrderId, /, status: str | None) -> None:
        """Set Status to any text."""
        self._edit(order, lambda snapshot: attrs.evolve(snapshot, status=status))

    def cancel(self, order: OrderId, /, *, reason: str | None = None) -> None:
        """Set Status to Cancelled, with a reason code for the customer."""
        cancelled = OrderStatusText.CANCELLED.value
        self._edit(order, lambda known: attrs.evolve(known, status=cancelled, rejection_reason=reason))

    def set_activation(self, order: OrderId, /, status: str | None, *, at: datetime | None = None) -> None:
        """Set Activation_Status__c and Activation_Scheduled_At__c."""
        self._edit_activation(order, lambda fields: attrs.evolve(fields, status=status, scheduled_at=at))

    def clear_error(self, order: OrderId, /) -> None:
        """Empty both activation error fields."""
        self._edit_activation(order, lambda fields: attrs.evolve(fields, error_code=None, error_message=None))

    def assign_sim(self, order: OrderId, /, card: SimCardId | None = None) -> SimCardId:
        """
        Assign *card*, or the first card in stock, to the order.

        A card that another order uses becomes this order's too and stays marked as the other's:
        Salesforce does not mind. A ported number is written onto the card that is taken for it.

        Raises:
            LookupError: There is no such order or card.

        """
        with self._org.lock:
            assigned = card or self._first_in_stock()
            if self._org.cards[assigned].stock_status == IN_STOCK:
                take(self._org, assigned, order)
            self._org.edit_order(order, lambda record: attrs.evolve(record, card=assigned))
            return assigned

    def add_card(self) -> SimCardId:
        """Put a new card into the stock."""
        with self._org.lock:
            sequence = self._org.count()
            card = SimCardId(self._org.new_id("a0s"))
            self._org.cards[card] = AssignedSim(
                id=card,
                iccid=iccid(sequence).value,
                product_number=card_number(sequence).value,
                phone_number=line_number(sequence).value,
                stock_status=IN_STOCK,
            )
            return card

    def ship(self, order: OrderId, /) -> None:
        """Record that the assigned card was shipped."""
        self._edit_card(order, lambda card: attrs.evolve(card, shipped_at=self._org.now()))

    def deliver(self, order: OrderId, /) -> None:
        """Record that the assigned card was delivered."""
        self._edit_card(order, lambda card: attrs.evolve(card, delivered_at=self._org.now()))

    def add_payment_method(
        self, client: ClientId, /, *, gateway: str = "stripe", expires: str = "2031-12"
    ) -> None:
        """Store a payment method for the client (the customer's own doing, in WHMCS)."""
        year, month = map(int, expires.split("-"))
        self._billing.give_payment_method(client, gateway=gateway, expires=date(year, month, 1))

    def remove_payment_methods(self, client: ClientId, /) -> None:
        """Remove all of the client's payment methods."""
        self._billing.remove_payment_methods(client)

    def complete_line(self, order: OrderId, /) -> None:
        """Let the network open the submitted line of *order*. Raises LookupError when there is none."""
        self._lines.complete(order)
        self._hints.tell(order, HintKind.LINE_COMPLETED)

    def fail_line(self, order: OrderId, /, code: str) -> None:
        """Let the network fail the submitted line with *code*. Raises LookupError when there is none."""
        self._lines.fail(order, code)
        self._hints.tell(order, HintKind.LINE_COMPLETED)

    def close_cases(self, order: OrderId, kind: CaseKind) -> None:
        """Close the order's Cases of *kind*: a closed shipping Case means that the router was sent."""
        with self._org.lock:
            for case, record in self._org.cases.items():
                if record.case.order == order and record.case.kind is kind:
                    self._org.cases[case] = attrs.evolve(record, closed=True)
        self._hints.tell(order, HintKind.CHANGED)

    def _edit(self, order: OrderId, change: Callable[[OrderSnapshot], OrderSnapshot]) -> None:
        self._org.edit_order(order, lambda record: attrs.evolve(record, snapshot=change(record.snapshot)))

    def _edit_activation(
        self, order: OrderId, change: Callable[[ActivationFields], ActivationFields]
    ) -> None:
        self._edit(order, lambda known: attrs.evolve(known, activation=change(known.activation)))

    def _edit_card(self, order: OrderId, change: Callable[[AssignedSim], AssignedSim]) -> None:
        """Change the card assigned to the order; the order is touched with it, so that a poll sees it."""
        with self._org.lock:
            card = self._org.orders[order].card
            if card is None:
                raise LookupError("no card is assigned to this order")
            self._org.cards[card] = change(self._org.cards[card])
            self._org.edit_order(order, lambda record: record)

    def _first_in_stock(self) -> SimCardId:
        """Return the first card in stock; when there is none, a new one arrives."""
        stock = (card.id for card in self._org.cards.values() if card.stock_status == IN_STOCK)
        return next(stock, None) or self.add_card()

    def _close_requests(self, account: AccountId, stage: Stage) -> None:
        """Close the account's open eligibility Cases and put their Opportunities into *stage*."""
        for case, record in list(self._org.cases.items()):
            asked = record.case
            if asked.account != account or asked.kind is not CaseKind.ELIGIBILITY or record.closed:
                continue
            self._org.cases[case] = attrs.evolve(record, closed=True)
            if asked.opportunity is not None:
                interest = self._org.opportunities[asked.opportunity]
                moved = attrs.evolve(interest.opportunity, stage=stage)
                self._org.save_opportunity(attrs.evolve(interest, opportunity=moved))
