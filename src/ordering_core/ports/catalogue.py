"""Where products come from: the portal price book, joined with our own attributes (DESIGN 4, Catalogue)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping
from typing import Protocol

from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.identifiers import Sku


class ProductCatalogue(Protocol):
    """The products for sale; reads may be cached, `refresh` drops the cache."""

    @abstractmethod
    def all(self) -> Catalogue:
        """
        Return every product with the version of the whole.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def products(self, skus: Collection[Sku], /) -> Mapping[Sku, Product]:
        """
        Return those of *skus* that exist; unknown ones are missing from the answer, inactive ones are in it.

        Costs the same however many products there are.

        Raises:
            Unavailable: They cannot be read now.

        """
        ...

    @abstractmethod
    def refresh(self) -> None:
        """Forget what is cached; the next read asks the source."""
        ...
