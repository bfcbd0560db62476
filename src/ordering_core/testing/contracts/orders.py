"""The contract of an order repository, in one."""

from __future__ import annotations

from ordering_core.testing.contracts.order_placing import OrderPlacingContract
from ordering_core.testing.contracts.order_reading import OrderReadingContract
from ordering_core.testing.contracts.order_writing import OrderWritingContract


class OrderRepositoryContract(OrderReadingContract, OrderPlacingContract, OrderWritingContract):
    """What an `OrderRepository` keeps to."""
