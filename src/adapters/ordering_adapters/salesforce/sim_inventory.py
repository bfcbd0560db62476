"""
The stock of SIM cards in Salesforce: a card is given to an order by one composite (DESIGN 3.5).

Order and card are read first, so that whoever assigns learns what is wrong. What may have changed since is
asked again between the writes, whose row locks keep others out: a condition that finds nothing takes
everything back (reference 2.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ordering_adapters.salesforce.composite import Call, found_id, query, update
from ordering_adapters.salesforce.errors import NOTHING_FOUND, Failure, refused
from ordering_adapters.salesforce.fields import Field, Value
from ordering_adapters.salesforce.order_rows import CARD, card_in, select_orders, snapshot_of
from ordering_adapters.salesforce.org import SalesforceOrg
from ordering_adapters.salesforce.soql import equals, is_id, quoted
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.identifiers import OrderId, SimCardId
from ordering_core.domain.orders import AssignedSim, OrderSnapshot
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, OutcomeUnknown
from ordering_core.ports.sim_inventory import IN_STOCK, USED, SimInventory


_INVENTORY: Final = "SIM_Inventory__c"
_ORDER: Final = "order"
_CARD: Final = "card"
_WITHOUT: Final = "without"
_GIVEN: Final = "given"
_TAKEN: Final = "taken"
_FREE: Final = "free"
_USED: Final = "used"
_ALONE: Final = "alone"
_KEPT: Final = "kept"
_WRITTEN: Final = "written"


class SalesforceSimInventory(SimInventory):
    """The cards of an org."""

    def __init__(self, org: SalesforceOrg) -> None:
        """Work on *org*."""
        self._org = org

    def in_stock(self, *, limit: int = 50) -> tuple[AssignedSim, ...]:
        self._require_stock()
        asked = f"{self._select()} WHERE {self._is_in_stock()} ORDER BY CreatedDate, Id LIMIT {max(1, limit)}"
        return tuple(card_in(record) for record in self._org.rows(asked))[:limit]

    def assign(self, card: SimCardId, order: OrderId, /) -> OrderSnapshot:
        self._require_stock()
        snapshot, known = self._found(card, order)
        if snapshot.sim is not None and snapshot.sim.id == card and known.order == order:
            return snapshot
        if snapshot.sim is not None:
            raise Conflict(System.SALESFORCE, "the order has another card")
        if known.stock_status != IN_STOCK or known.order not in {None, order}:
            raise Conflict(System.SALESFORCE, "the card is not in stock")
        answers = self._org.change(self._giving(card, snapshot))
        if isinstance(answers, Failure):
            if answers.code == NOTHING_FOUND:
                raise Conflict(System.SALESFORCE, "somebody else assigned the card, or another to the order")
            raise answers.error()
        written = [snapshot_of(record) for record in self._org.records(answers.found(_WRITTEN))]
        if not written or written[0] is None:
            raise OutcomeUnknown(System.SALESFORCE, "the order cannot be read back")
        return written[0]

    def _require_stock(self) -> None:
        """Refuse what an org without cards cannot keep; one that has them has all that a card needs."""
        if not self._org.names.has(Field.ASSIGNED_CARD):
            raise refused("FIELD_MISSING", f"assigning cards needs {Field.ASSIGNED_CARD}")

    def _found(self, card: SimCardId, order: OrderId) -> tuple[OrderSnapshot, AssignedSim]:
        """Return order and card as they are. Raises Refused when there is none."""
        if not is_id(card) or not is_id(order):
            raise refused("NOT_FOUND", "there is no such card or order")
        names = self._org.names
        found = self._org.look(
            [
                query(_ORDER, f"{select_orders(names)} WHERE Id = {quoted(order)}"),
                query(_CARD, f"{self._select()} WHERE Id = {quoted(card)}"),
            ]
        )
        snapshot = snapshot_of(found[_ORDER][0]) if found[_ORDER] else None
        if snapshot is None or not found[_CARD]:
            raise refused("NOT_FOUND", "there is no such card or order")
        return snapshot, card_in(found[_CARD][0])

    def _giving(self, card: SimCardId, order: OrderSnapshot) -> Sequence[Call]:
        """
        Return the calls that give *card* to *order*.

        The first write to each row locks it; only then is the condition on it sure not to change any more.
        That a second card is not given at the same moment shows in the inventory, where a card names its
        order.
        """
        names = self._org.names
        assigned, named = names[Field.ASSIGNED_CARD], names[Field.CARD_ORDER]
        same = f"Id = {quoted(order.id)}"
        other = f"{named} = {quoted(order.id)} AND Id != {quoted(card)}"
        alone = f"Id NOT IN (SELECT {named} FROM {_INVENTORY} WHERE {other})"
        giving = names.body({Field.ASSIGNED_CARD: card})
        used: dict[Field, Value] = {Field.CARD_STATUS: USED}
        if isinstance(order.draft, SimDraft) and order.draft.porting and order.draft.porting.phone_number:
            used[Field.CARD_PHONE_NUMBER] = order.draft.porting.phone_number
        return [
            query(_WITHOUT, f"SELECT Id FROM Order WHERE {same} AND {assigned} = null"),
            update(_GIVEN, "Order", found_id(_WITHOUT), giving),
            update(_TAKEN, _INVENTORY, card, names.body({Field.CARD_ORDER: order.id})),
            query(_FREE, f"SELECT Id FROM {_INVENTORY} WHERE Id = {quoted(card)} AND {self._is_in_stock()}"),
            update(_USED, _INVENTORY, found_id(_FREE), names.body(used)),
            query(_ALONE, f"SELECT Id FROM Order WHERE {same} AND {alone}"),
            update(_KEPT, "Order", found_id(_ALONE), giving),
            query(_WRITTEN, f"{select_orders(names)} WHERE {same}"),
        ]

    def _select(self) -> str:
        return f"SELECT {self._org.names.selected(*CARD)} FROM {_INVENTORY}"

    def _is_in_stock(self) -> str:
        names = self._org.names
        return equals(names[Field.CARD_STATUS], names.written(Field.CARD_STATUS, IN_STOCK))
