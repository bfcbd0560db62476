"""The stock of physical SIM cards, kept in Salesforce (DESIGN 3.5; seed "Physical SIM")."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final, Protocol

from ordering_core.domain.identifiers import OrderId, SimCardId
from ordering_core.domain.orders import AssignedSim, OrderSnapshot


IN_STOCK: Final = "In Stock"
"""The stock status of a card that may be assigned."""

USED: Final = "Used"
"""The stock status of a card that an order has."""


class SimInventory(Protocol):
    """Finds cards in stock and gives each to one order only."""

    @abstractmethod
    def in_stock(self, *, limit: int = 50) -> tuple[AssignedSim, ...]:
        """
        Return up to *limit* cards that may be assigned, those longest in stock first.

        Raises:
            Unavailable: They cannot be read now.

        """
        ...

    @abstractmethod
    def assign(self, card: SimCardId, order: OrderId, /) -> OrderSnapshot:
        """
        Give *card*, which is in stock, to *order*, which has none, and mark it used: all or nothing.

        A number that the order brings along is written onto the card. Assigning the same card to the same
        order again changes nothing. Returns the order as it then is.

        Raises:
            Unavailable: Nothing was written.

            OutcomeUnknown: It may have been written; assigning again is safe.

            Conflict: The card is not in stock (any more), or the order has another one; nothing was written.

            Refused: There is no such card or order (code NOT_FOUND), or Salesforce will not take it.

        """
        ...
