"""The products for sale, from the price book of an org in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.salesforce import MemorySalesforce
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.identifiers import Sku
from ordering_core.ports.catalogue import ProductCatalogue


class MemoryCatalogue(ProductCatalogue):
    """Keeps what it read of the price book until it is refreshed."""

    def __init__(self, org: MemorySalesforce, faults: MemoryFaults) -> None:
        """Read the price book of *org*."""
        self._org = org
        self._faults = faults
        self._cached: Catalogue | None = None

    def all(self) -> Catalogue:
        return self._faults.call("catalogue.all", self._read)

    def products(self, skus: Collection[Sku], /) -> Mapping[Sku, Product]:
        return self._faults.call("catalogue.products", lambda: chosen(self._read(), skus))

    def refresh(self) -> None:
        with self._org.lock:
            self._cached = None

    def _read(self) -> Catalogue:
        with self._org.lock:
            if self._cached is None:
                self._cached = self._org.price_book
            return self._cached


def chosen(catalogue: Catalogue, skus: Collection[Sku]) -> dict[Sku, Product]:
    """Return those of *skus* that the catalogue holds."""
    return {sku: catalogue.products[sku] for sku in skus if sku in catalogue.products}
