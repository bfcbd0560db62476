"""The products for sale, from the portal price book of an org."""

from __future__ import annotations

import hashlib

from collections.abc import Collection, Mapping
from datetime import datetime
from threading import Lock
from types import MappingProxyType

import attrs

from ordering_adapters.salesforce.org import SalesforceOrg
from ordering_adapters.salesforce.price_book import Entry, entries_query, joined
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.identifiers import Sku
from ordering_core.ports.catalogue import ProductCatalogue


class SalesforceCatalogue(ProductCatalogue):
    """
    The price book joined with *attributes*, kept for a while.

    A few products are asked for by their SKUs, so that they cost the same however many there are.
    """

    def __init__(self, org: SalesforceOrg, attributes: ProductCatalogue) -> None:
        """Read the price book of *org*; *attributes* tells what it has no fields for."""
        self._org = org
        self._attributes = attributes
        self._lock = Lock()
        self._kept: Catalogue | None = None
        self._read_at: datetime | None = None

    def all(self) -> Catalogue:
        kept = self._fresh()
        if kept is None:
            # Read without the lock: two threads that find nothing kept may both read, and both are right.
            kept = _catalogue(self._entries(None))
            with self._lock:
                self._kept, self._read_at = kept, self._org.clock.now()
        return kept

    def products(self, skus: Collection[Sku], /) -> Mapping[Sku, Product]:
        kept = self._fresh()
        if kept is not None:
            return {sku: kept.products[sku] for sku in skus if sku in kept.products}
        if not skus:
            return {}
        return {sku: entry.product for sku, entry in self._entries(set(skus)).items()}

    def refresh(self) -> None:
        self._attributes.refresh()
        with self._lock:
            self._kept = None

    def _fresh(self) -> Catalogue | None:
        """Return what is kept, unless it is too old."""
        with self._lock:
            if self._kept is None or self._read_at is None:
                return None
            too_old = self._org.clock.now() - self._read_at > self._org.settings.catalogue_age
            return None if too_old else self._kept

    def _entries(self, skus: Collection[Sku] | None) -> dict[Sku, Entry]:
        rows = self._org.rows(entries_query(self._org.settings.price_book, self._org.names, skus))
        known = self._attributes.all().products if skus is None else self._attributes.products(skus)
        return joined(rows, known)


def _catalogue(entries: Mapping[Sku, Entry]) -> Catalogue:
    """Return the catalogue; its version is a hash of all that it says."""
    products = {sku: entry.product for sku, entry in sorted(entries.items())}
    said = "\n".join(_said(product) for product in products.values())
    return Catalogue(
        version=hashlib.sha256(said.encode()).hexdigest()[:16], products=MappingProxyType(products)
    )


def _said(product: Product) -> str:
    """Return all that is said of a product, sets in order."""
    plain = attrs.evolve(product, offerings=frozenset(), bundles=frozenset())
    return f"{plain!r} {sorted(product.offerings)} {sorted(product.bundles)}"
