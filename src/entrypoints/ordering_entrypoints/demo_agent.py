"""
The hands of the people of the demo: support agents in Salesforce, and what customers and carriers do beside.

Every act is an edit of a record over the org's REST API, by the field names of the seed's tables.
"""

from __future__ import annotations

import re

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final, Protocol

from ordering_core.domain.customers import EligibilityFields
from ordering_core.domain.eligibility import EligibilityState, eligibility_standing
from ordering_core.domain.identifiers import AccountId, ClientId, OrderId, SimCardId
from ordering_core.domain.vocabulary import OrderStatusText, Stage
from ordering_core.ports.cases import CaseKind
from ordering_core.ports.clock import Clock
from ordering_entrypoints.demo_org import DemoOrg, Row, instant_text, text_in


IN_STOCK: Final = "In Stock"
USED: Final = "Used"
CLOSED: Final = "Closed"

_ABOUT: Final = re.compile(r"^(Request|Order|Opportunity): (.+?)\r?$", re.MULTILINE)
"""The lines of a Case's description that say what it is about."""


class Cards(Protocol):
    """The payment methods that customers keep in WHMCS."""

    @abstractmethod
    def give_payment_method(self, client: ClientId, /, *, gateway: str, expires: date) -> None:
        """Store a card of the client."""
        ...

    @abstractmethod
    def remove_payment_methods(self, client: ClientId, /) -> None:
        """Remove all of the client's payment methods."""
        ...


class DemoAgent:
    """The hands of an agent in *org*, and of a customer in *billing*."""

    def __init__(self, org: DemoOrg, billing: Cards, clock: Clock) -> None:
        self._org = org
        self._billing = billing
        self._clock = clock

    def verify_identity(self, account: AccountId, /, *, method: str = "ic_chip") -> None:
        """Set the Account's identity to Verified by *method*."""
        self._org.update(
            "Account",
            account,
            {
                "Id_Verification_Status__c": "Verified",
                "Id_Verification_Method__c": method,
                "Id_Verification_Verified_Date_Time__c": self._now(),
                "Id_Verification_Rejection_Message__c": None,
            },
        )

    def record_eligibility(
        self, account: AccountId, /, result: str | None, *, status: str = "Checked"
    ) -> None:
        """Record the result of a check: the Opportunity becomes Ready or Void, the Case is closed."""
        self._org.update(
            "Account",
            account,
            {
                "Internet_Eligibility_Status__c": status,
                "Internet_Eligibility__c": result,
                "Internet_Eligibility_Checked_Date_Time__c": self._now(),
            },
        )
        fields = EligibilityFields(status=status, result=result, checked_at=self._clock.now())
        eligible = eligibility_standing(fields).state is EligibilityState.ELIGIBLE
        stage = Stage.READY if eligible else Stage.VOID
        for case, about in self._open_cases(account, CaseKind.ELIGIBILITY):
            self._org.update("Case", case, {"Status": CLOSED})
            if "Opportunity" in about:
                self._org.update("Opportunity", about["Opportunity"], {"StageName": stage.value})

    def approve(self, order: OrderId, /) -> None:
        """Set Status to Approved; the org's approval flow publishes its event."""
        self._org.update("Order", order, {"Status": OrderStatusText.APPROVED.value})

    def set_activation(self, order: OrderId, /, status: str | None, *, at: datetime | None = None) -> None:
        """Set Activation_Status__c and Activation_Scheduled_At__c."""
        scheduled = None if at is None else instant_text(at)
        self._org.update(
            "Order", order, {"Activation_Status__c": status, "Activation_Scheduled_At__c": scheduled}
        )

    def assign_sim(self, order: OrderId, /, card: SimCardId | None = None) -> SimCardId:
        """
        Assign *card*, or the first card in stock, to the order.

        A ported number is written onto the card that is taken for it. A card that another order uses becomes
        this order's too and stays marked as the other's: Salesforce does not mind.

        Raises:
            LookupError: There is no such order, or no card is left.

        """
        wanted = {"Id": card} if card else {"Status__c": IN_STOCK}
        found = self._org.find("SIM_Inventory__c", "Id", "Status__c", "Phone_Number__c", where=wanted)
        orders = self._org.find("Order", "MNP_Phone_Number__c", where={"Id": order})
        if not found or not orders:
            raise LookupError("there is no such order, or no card in stock")
        taken = SimCardId(text_in(found[0], "Id"))
        if found[0]["Status__c"] == IN_STOCK:
            ported = text_in(orders[0], "MNP_Phone_Number__c")
            number = ported or text_in(found[0], "Phone_Number__c")
            used: Row = {"Status__c": USED, "Order__c": order, "Phone_Number__c": number}
            self._org.update("SIM_Inventory__c", taken, used)
        self._org.update("Order", order, {"Assign_Physical_SIM__c": taken})
        return taken

    def ship(self, order: OrderId, /) -> None:
        """Record that the assigned card was shipped."""
        self._stamp_card(order, "Shipped_At__c")

    def deliver(self, order: OrderId, /) -> None:
        """Record that the assigned card was delivered."""
        self._stamp_card(order, "Delivered_At__c")

    def close_cases(self, order: OrderId, kind: CaseKind) -> None:
        """Close the order's Cases of *kind*: a closed shipping Case means that the router was sent."""
        for row in self._org.find("Order", "AccountId", where={"Id": order}):
            for case, about in self._open_cases(AccountId(text_in(row, "AccountId")), kind):
                if about.get("Order") == order:
                    self._org.update("Case", case, {"Status": CLOSED})

    def add_payment_method(
        self, client: ClientId, /, *, gateway: str = "stripe", expires: str = "2031-12"
    ) -> None:
        """Store a payment method for the client (the customer's own doing, in WHMCS)."""
        year, month = map(int, expires.split("-"))
        self._billing.give_payment_method(client, gateway=gateway, expires=date(year, month, 1))

    def remove_payment_methods(self, client: ClientId, /) -> None:
        """Remove all of the client's payment methods."""
        self._billing.remove_payment_methods(client)

    def _stamp_card(self, order: OrderId, field: str) -> None:
        """Write the present into *field* of the order's card. Raises LookupError when it has none."""
        found = self._org.find("Order", "Assign_Physical_SIM__c", where={"Id": order})
        card = text_in(found[0], "Assign_Physical_SIM__c") if found else ""
        if not card:
            raise LookupError("no card is assigned to this order")
        self._org.update("SIM_Inventory__c", card, {field: self._now()})

    def _open_cases(self, account: AccountId, kind: CaseKind) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the account's open Cases of *kind*, each with what it is about."""
        wanted: Mapping[str, str | bool] = {"AccountId": account, "IsClosed": False}
        for row in self._org.find("Case", "Id", "Description", where=wanted):
            about: dict[str, str] = dict(_ABOUT.findall(text_in(row, "Description")))
            if about.get("Request") == kind.value:
                yield text_in(row, "Id"), about

    def _now(self) -> str:
        return instant_text(self._clock.now())
