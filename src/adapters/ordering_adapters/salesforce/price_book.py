"""The portal's price book, joined with what the catalogue file knows of each product (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import attrs

from ordering_adapters.salesforce.fields import Field, Names
from ordering_adapters.salesforce.rows import Record
from ordering_adapters.salesforce.soql import among, quoted
from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import BillingProductId, Sku
from ordering_core.domain.vocabulary import BillingCycle, ItemClass


PRODUCT: Final = "Product2"
_ENTRY: Final = (Field.ENTRY_PRICE, Field.ENTRY_ACTIVE)
_PRODUCT: Final = (
    Field.PRODUCT_NAME,
    Field.PRODUCT_SKU,
    Field.PRODUCT_ACTIVE,
    Field.PRODUCT_BILLING_ID,
    Field.PRODUCT_CYCLE,
    Field.PRODUCT_CLASS,
)


@attrs.frozen(kw_only=True)
class Entry:
    """One price book entry: its id, and the product as the price book has it."""

    id: str
    product: Product


def entries_query(price_book: str, names: Names, skus: Collection[Sku] | None = None) -> str:
    """Return the query for the price book's entries, those of *skus* alone when they are given."""
    sku = f"{PRODUCT}.{names[Field.PRODUCT_SKU]}"
    chosen = f"IN {among(sorted(skus))}" if skus is not None else "!= null"
    return (
        f"SELECT {names.selected(*_ENTRY)}, {names.selected(*_PRODUCT, of=PRODUCT)} FROM PricebookEntry"
        f" WHERE {names[Field.ENTRY_BOOK]} = {quoted(price_book)} AND {sku} {chosen} ORDER BY {sku}, Id"
    )


def joined(rows: Iterable[Record], attributes: Mapping[Sku, Product]) -> dict[Sku, Entry]:
    """
    Return the products that both sides know, by SKU; what only one side knows is not for sale.

    Of several entries of one SKU the first active one counts.
    """
    found: dict[Sku, Entry] = {}
    for row in rows:
        product = row.parent(PRODUCT) or Record(row.names, {})
        # The condition of the query minds no case; a SKU does.
        known = attributes.get(Sku(product.raw(Field.PRODUCT_SKU)))
        if known is None:
            continue
        entry = Entry(id=row.id, product=_priced(row, product, known))
        if known.sku not in found or (entry.product.active and not found[known.sku].product.active):
            found[known.sku] = entry
    return found


def _priced(row: Record, product: Record, known: Product) -> Product:
    """Return *known* with everything that the price book says of it."""
    cycle, item_class = product.text(Field.PRODUCT_CYCLE), product.text(Field.PRODUCT_CLASS)
    billing = product.whole(Field.PRODUCT_BILLING_ID)
    price = row.number(Field.ENTRY_PRICE)
    return attrs.evolve(
        known,
        name=product.raw(Field.PRODUCT_NAME) or known.name,
        cycle=BillingCycle(cycle) if cycle in set(BillingCycle) else known.cycle,
        item_class=ItemClass(item_class) if item_class in set(ItemClass) else known.item_class,
        price=known.price if price is None else price,
        billing_product=known.billing_product if billing is None else BillingProductId(billing),
        active=known.active and row.flag(Field.ENTRY_ACTIVE) and product.flag(Field.PRODUCT_ACTIVE),
    )
