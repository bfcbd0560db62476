"""
Products from a TOML file, keyed by SKU within their service (DESIGN 4, Catalogue).

A file that cannot be used says so at once and completely: which table, which field, what to write instead.
The version of the catalogue is a hash of the file, so it changes whenever anything in it does.
"""

from __future__ import annotations

import hashlib
import tomllib

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeGuard, get_args, get_origin

import attrs

from cattrs import ClassValidationError, Converter

from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.catalogue_flaws import flaws
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.money import yen
from ordering_core.domain.vocabulary import (
    BillingCycle,
    InternetTier,
    ItemClass,
    Offering,
    OrderType,
    PlanKind,
    ProductOption,
    VpnRegion,
)
from ordering_core.errors import CatalogueFileError, Unavailable
from ordering_core.ports.catalogue import ProductCatalogue


SHIPPED: Final = Path(__file__).with_name("catalogue.toml")
"""The catalogue that comes with the library: realistic, and for trying things out."""

_TABLES: Final[Mapping[str, OrderType]] = MappingProxyType(
    {order_type.value.lower(): order_type for order_type in OrderType}
)
_GIVEN: Final = frozenset({"sku", "order_type"})
_FIELDS: Final = tuple(field.name for field in attrs.fields(Product) if field.name not in _GIVEN)


def shipped_catalogue() -> Catalogue:
    """Return the catalogue that comes with the library."""
    return load_catalogue(SHIPPED)


def load_catalogue(file: Path) -> Catalogue:
    """
    Return the catalogue in *file*.

    Raises:
        CatalogueFileError: It cannot be read, or something in it is wrong; every problem is named.

    """
    try:
        content = file.read_bytes()
        tables: Mapping[str, object] = tomllib.loads(content.decode())
    except OSError as error:
        problem = f"cannot be read: {error.strerror}; check the path and the rights"
        raise CatalogueFileError(str(file), (problem,)) from error
    except ValueError as error:
        raise CatalogueFileError(str(file), (f"is no TOML in UTF-8: {error}",)) from error
    products: list[Product] = []
    problems: list[str] = []
    for name, rows in tables.items():
        if name not in _TABLES or not _is_table(rows):
            problems.append(f"[{name}]: unknown; name the service: {', '.join(_TABLES)}")
            continue
        for sku, row in rows.items():
            _read(Sku(sku), _TABLES[name], row, products, problems)
    problems += [f"{_table(flaw.product)} {flaw.field}: {flaw.problem}" for flaw in flaws(products)]
    if problems:
        raise CatalogueFileError(str(file), tuple(problems))
    return Catalogue(
        version=hashlib.sha256(content).hexdigest()[:16],
        products=MappingProxyType({product.sku: product for product in products}),
    )


class FileCatalogue(ProductCatalogue):
    """The products of one file, read when it is made and again after each `refresh`."""

    def __init__(self, file: Path = SHIPPED) -> None:
        """Read *file*. Raises CatalogueFileError."""
        self._file = file
        self._loaded: Catalogue | None = load_catalogue(file)

    def all(self) -> Catalogue:
        # one read of the attribute: another thread may refresh in between
        loaded = self._loaded
        if loaded is None:
            try:
                loaded = load_catalogue(self._file)
            except CatalogueFileError as error:
                raise Unavailable("catalogue file", str(error)) from error
            self._loaded = loaded
        return loaded

    def products(self, skus: Collection[Sku], /) -> Mapping[Sku, Product]:
        known = self.all().products
        return {sku: known[sku] for sku in skus if sku in known}

    def refresh(self) -> None:
        self._loaded = None


class _Unusable(ValueError):
    """A value that a field cannot take; the message says what to write."""


def _read(sku: Sku, order_type: OrderType, row: object, products: list[Product], problems: list[str]) -> None:
    """Add the product of one table to *products*, or what is wrong with it to *problems*."""
    table = f"[{order_type.value.lower()}.{sku}]"
    if not _is_table(row):
        problems.append(f"{table}: not a table; write {table} on a line of its own and its fields below")
        return
    fields = ", ".join(_FIELDS)
    strange = [f"{table} {field}: unknown; the fields are {fields}" for field in row if field not in _FIELDS]
    problems += strange
    try:
        products.append(_CONVERTER.structure({**row, "sku": sku, "order_type": order_type}, Product))
    except ClassValidationError as error:
        problems += [f"{table} {problem}" for problem in _explained(error)]


def _table(product: Product) -> str:
    """Return the head of a product's table."""
    return f"[{product.order_type.value.lower()}.{product.sku}]"


def _is_table(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether *value* is a table of TOML, whose keys are always texts."""
    return isinstance(value, dict)


def _explained(error: ClassValidationError) -> Iterator[str]:
    """Yield each field that is wrong, and what to write."""
    with_field, _ = error.group_exceptions()
    for cause, note in with_field:
        yield f"{note.name}: {'missing; every product needs it' if isinstance(cause, KeyError) else cause}"


def _text(value: object, _kind: object) -> str:
    if isinstance(value, str):
        return value
    raise _Unusable(f"{value!r} is no text; write it in quotes")


def _truth(value: object, _kind: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _Unusable(f"{value!r} is neither true nor false; write one of them, without quotes")


def _whole_number(value: object, _kind: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise _Unusable(f"{value!r} is no whole number; write it with digits only, without quotes")


def _price(value: object, kind: object) -> Decimal:
    return yen(_whole_number(value, kind))


def _word(value: object, words: type[StrEnum]) -> StrEnum:
    for known in words:
        if value == known.value:
            return known
    raise _Unusable(f"{value!r} is unknown; write one of {', '.join(known.value for known in words)}")


def _several(value: object, kind: object) -> frozenset[object]:
    if not _is_list(value):
        raise _Unusable(f"{value!r} is no list; write it in square brackets")
    (item,) = get_args(kind)
    return frozenset(_CONVERTER.structure(one, item) for one in value)


def _is_list(value: object) -> TypeGuard[list[object]]:
    """Whether *value* is an array of TOML."""
    return isinstance(value, list)


def _is_set(kind: object) -> bool:
    """Whether *kind* is a set of something."""
    origin: object = get_origin(kind)
    return origin is frozenset


_CONVERTER: Final = Converter()
_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook(bool, _truth)
_CONVERTER.register_structure_hook(int, _whole_number)
_CONVERTER.register_structure_hook(Decimal, _price)
_CONVERTER.register_structure_hook_func(_is_set, _several)
for _words in (
    OrderType,
    ItemClass,
    BillingCycle,
    Offering,
    InternetTier,
    VpnRegion,
    PlanKind,
    ProductOption,
):
    _CONVERTER.register_structure_hook(_words, _word)
