"""Products of the installation: what they cost, how they are billed, and which custom fields they have."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from threading import Lock
from types import MappingProxyType
from typing import Final

import attrs

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.settings import FieldName
from ordering_adapters.whmcs.values import Row, amount, is_row, rows, text, whole
from ordering_core.domain.identifiers import BillingProductId
from ordering_core.domain.vocabulary import BillingCycle


FieldNumbers = Mapping[FieldName, int]

NO_FIELDS: Final[FieldNumbers] = MappingProxyType({})
_ONE_TIME: Final = "onetime"
_RECURRING: Final = "recurring"


@attrs.frozen(kw_only=True)
class WhmcsProduct:
    """A product; *cycle* is None when it is free, *price* is net yen and None when it is not sold so."""

    id: BillingProductId
    name: str
    cycle: BillingCycle | None
    price: Decimal | None
    field_numbers: FieldNumbers


@attrs.frozen
class _Read:
    at: datetime
    numbers: FieldNumbers


class WhmcsProducts:
    """The products of one installation; ids of custom fields are remembered for a while."""

    def __init__(self, api: WhmcsApi) -> None:
        """Nothing is read before it is asked for."""
        self._api = api
        self._lock = Lock()
        self._known: dict[BillingProductId, _Read] = {}

    def read(self, products: Collection[BillingProductId]) -> Mapping[BillingProductId, WhmcsProduct]:
        """
        Return those of *products* that there are.

        Raises:
            Unavailable: They cannot be read now.

            Refused: WHMCS says no.

        """
        wanted = sorted(set(products))
        if not wanted:
            return MappingProxyType({})
        answer = self._api.read("GetProducts", {"pid": ",".join(map(str, wanted))})
        found = {made.id: made for row in rows(answer, "products", "product") if (made := self._product(row))}
        at = self._api.clock.now()
        with self._lock:
            for product in wanted:
                numbers = found[product].field_numbers if product in found else NO_FIELDS
                self._known[product] = _Read(at, numbers)
        return {product: found[product] for product in wanted if product in found}

    def field_numbers(
        self, products: Collection[BillingProductId]
    ) -> Mapping[BillingProductId, FieldNumbers]:
        """
        Return the ids of our custom fields on each of *products*: the same field has another id on each.

        Raises:
            Unavailable: They cannot be read now.

            Refused: WHMCS says no.

        """
        oldest = self._api.clock.now() - self._api.settings.products_age
        with self._lock:
            fresh = {product for product, read in self._known.items() if read.at >= oldest}
        if unknown := set(products) - fresh:
            self.read(unknown)
        with self._lock:
            return {product: self._known[product].numbers for product in products}

    def _product(self, row: Row) -> WhmcsProduct | None:
        product = whole(row, "pid")
        if product is None:
            return None
        pricing = row.get("pricing")
        priced = pricing.get(self._api.settings.currency) if is_row(pricing) else None
        # A one-time product has its price where the monthly ones have theirs (reference 3).
        price = amount(priced, "monthly") if is_row(priced) else None
        made = BillingProductId(product)
        return WhmcsProduct(
            id=made,
            name=text(row, "name"),
            cycle={_ONE_TIME: BillingCycle.ONE_TIME, _RECURRING: BillingCycle.MONTHLY}.get(
                text(row, "paytype").casefold()
            ),
            price=price if price is not None and price >= 0 else None,
            field_numbers=MappingProxyType(self._numbers(made, row)),
        )

    def _numbers(self, product: BillingProductId, row: Row) -> dict[FieldName, int]:
        """Return what the settings say of *product*, and for the rest what WHMCS lists."""
        listed = {
            plain_name(field): number
            for field in rows(row, "customfields", "customfield")
            if (number := whole(field, "id")) is not None
        }
        told = self._api.settings.field_numbers.get(product, {})
        numbers: dict[FieldName, int] = {}
        for name, called in self._api.settings.names.items():
            number = told.get(name.value) or listed.get(called.casefold())
            if number is not None:
                numbers[name] = number
        return numbers


def plain_name(field: Row) -> str:
    """Return the name of a custom field for comparing; WHMCS shows customers what follows a bar in it."""
    return text(field, "name").partition("|")[0].strip().casefold()
