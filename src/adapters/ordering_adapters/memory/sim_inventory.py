"""The stock of SIM cards of a Salesforce org in memory."""

from __future__ import annotations

import attrs

from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.salesforce import MemorySalesforce
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.identifiers import OrderId, SimCardId
from ordering_core.domain.orders import AssignedSim, OrderSnapshot
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, Refused
from ordering_core.ports.sim_inventory import IN_STOCK, USED, SimInventory


class MemorySimInventory(SimInventory):
    """The cards of an org in memory."""

    def __init__(self, org: MemorySalesforce, faults: MemoryFaults) -> None:
        """Work on *org*."""
        self._org = org
        self._faults = faults

    def in_stock(self, *, limit: int = 50) -> tuple[AssignedSim, ...]:
        def read() -> tuple[AssignedSim, ...]:
            with self._org.lock:
                stock = [card for card in self._org.cards.values() if card.stock_status == IN_STOCK]
                return tuple(stock[:limit])

        return self._faults.call("inventory.in_stock", read)

    def assign(self, card: SimCardId, order: OrderId, /) -> OrderSnapshot:
        def work() -> OrderSnapshot:
            with self._org.lock:
                known, record = self._org.cards.get(card), self._org.orders.get(order)
                if known is None or record is None:
                    raise Refused(System.SALESFORCE, "NOT_FOUND", "there is no such card or order")
                if record.card == card and known.order == order:
                    return self._org.joined(record)
                if record.card is not None:
                    raise Conflict(System.SALESFORCE, "the order has another card")
                if known.stock_status != IN_STOCK or known.order not in {None, order}:
                    raise Conflict(System.SALESFORCE, "the card is not in stock")
                take(self._org, card, order)
                self._org.edit_order(order, lambda found: attrs.evolve(found, card=card))
                return self._org.joined(self._org.orders[order])

        return self._faults.call("inventory.assign", work)


def take(org: MemorySalesforce, card: SimCardId, order: OrderId) -> None:
    """Mark *card* as used by *order*, under the number that the order brings along; *org*'s lock is held."""
    draft = org.orders[order].snapshot.draft
    ported = draft.porting.phone_number if isinstance(draft, SimDraft) and draft.porting else None
    taken = org.cards[card]
    org.cards[card] = attrs.evolve(
        taken,
        order=order,
        stock_status=USED,
        assigned_at=org.now(),
        phone_number=ported or taken.phone_number,
    )
