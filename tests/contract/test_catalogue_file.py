"""The contract of a product catalogue, on a file."""

import json

from collections.abc import Callable, Collection
from pathlib import Path

import attrs
import pytest

from ordering_adapters.catalogue_file import FileCatalogue
from ordering_core.domain.catalogue import Product
from ordering_core.errors import Unavailable
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.testing.contracts.catalogue import ProductCatalogueContract
from ordering_core.testing.faults import Fault


def written(products: Collection[Product]) -> str:
    """Return the catalogue file of *products*, by no code of the adapter."""
    return "\n".join(line for product in products for line in table(product))


def table(product: Product) -> list[str]:
    lines = [f'[{product.order_type.value.lower()}."{product.sku}"]']
    for name, value in attrs.asdict(product, recurse=False).items():
        if name in {"sku", "order_type"} or value is None:
            continue
        if isinstance(value, frozenset):
            lines.append(f"{name} = {json.dumps(sorted(value), ensure_ascii=False)}")
        elif isinstance(value, bool):
            lines.append(f"{name} = {str(value).lower()}")
        elif isinstance(value, str):
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
        else:
            lines.append(f"{name} = {value}")
    return lines


class TestFileCatalogue(ProductCatalogueContract):
    """`FileCatalogue` keeps to it."""

    @pytest.fixture
    def catalogue(self, tmp_path: Path) -> ProductCatalogue:
        self.file = tmp_path / "catalogue.toml"
        self.publish([])
        self.adapter = FileCatalogue(self.file)
        return self.adapter

    def publish(self, products: Collection[Product]) -> None:
        self.file.write_text(written(products), encoding="utf-8")

    def break_next(self, method: str, fault: Fault) -> None:
        assert fault is Fault.DOWN, "reading a file is never half done"
        self.file.rename(self.file.with_suffix(".gone"))
        self.adapter.refresh()

    def let_late_work_arrive(self) -> None:
        """Nothing is ever late."""

    def down(self, method: str, call: Callable[[], object]) -> None:
        self.break_next(method, Fault.DOWN)
        with pytest.raises(Unavailable, match="catalogue file"):
            call()
        self.file.with_suffix(".gone").rename(self.file)
