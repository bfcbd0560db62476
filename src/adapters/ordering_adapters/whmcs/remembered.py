"""
What this process has learned of billing orders and services, so that a look takes one call.

A reference and a product never change. A status does: it is believed for a short while, within which this
process itself has added or accepted the order.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Lock
from typing import Final, TypeVar

import attrs

from ordering_core.domain.identifiers import BillingOrderId, BillingProductId, OrderId, ServiceId


K = TypeVar("K")
V = TypeVar("V")

STATUS_AGE: Final = timedelta(seconds=60)
"""How long a status is believed."""

_MOST: Final = 10_000


@attrs.frozen(kw_only=True)
class KnownOrder:
    """An order: whose it is by its notes (None: not ours), its status, and when that was."""

    reference: OrderId | None
    status: str
    at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Whether the status may be believed."""
        return now - self.at <= STATUS_AGE


class Remembered:
    """What is known, the latest of it; the rest is asked again."""

    def __init__(self) -> None:
        """Begin without knowing anything."""
        self._lock = Lock()
        self._orders: dict[BillingOrderId, KnownOrder] = {}
        self._products: dict[ServiceId, BillingProductId] = {}

    def order(self, order: BillingOrderId) -> KnownOrder | None:
        """Return what is known of *order*."""
        with self._lock:
            return self._orders.get(order)

    def keep_order(self, order: BillingOrderId, known: KnownOrder) -> None:
        """Remember an order."""
        with self._lock:
            _keep(self._orders, order, known)

    def accepted(self, order: BillingOrderId, *, status: str, at: datetime) -> None:
        """Remember the new status of an order that is known."""
        with self._lock:
            if (known := self._orders.get(order)) is not None:
                _keep(self._orders, order, attrs.evolve(known, status=status, at=at))

    def product(self, service: ServiceId) -> BillingProductId | None:
        """Return the product of *service*."""
        with self._lock:
            return self._products.get(service)

    def keep_product(self, service: ServiceId, product: BillingProductId) -> None:
        """Remember what a service is."""
        with self._lock:
            _keep(self._products, service, product)


def _keep(known: dict[K, V], key: K, value: V) -> None:
    """Put *value* last, and let the first go when there are too many."""
    known.pop(key, None)
    known[key] = value
    if len(known) > _MOST:
        del known[next(iter(known))]
