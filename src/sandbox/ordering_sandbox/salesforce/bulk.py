"""Many products at once: copies of one, with its price book entries, as a large catalogue has them."""

from __future__ import annotations

from typing import Final

from ordering_sandbox.json_values import NotJson
from ordering_sandbox.salesforce.database import Row, insert_rows
from ordering_sandbox.salesforce.ids import make_id
from ordering_sandbox.salesforce.schema import ObjectType
from ordering_sandbox.salesforce.work import Work


MOST: Final = 200_000
"""Copies that are made in one go."""


def copy_product(work: Work, sku: str, copies: int) -> None:
    """
    Put *copies* of the product *sku* up for sale, each under a SKU of its own.

    Raises:
        NotJson: There is no such product, or there are too many copies.

    """
    if not 0 <= copies <= MOST:
        raise NotJson(f"count has to be between 0 and {MOST}")
    product, entry = work.stored.known("Product2"), work.stored.known("PricebookEntry")
    found = _rows(work, product, "StockKeepingUnit", sku)
    if not found:
        raise NotJson(f"there is no product with the SKU {sku!r}")
    pattern = found[0]
    entries = _rows(work, entry, "Product2Id", str(pattern["Id"]))
    products = [
        {**pattern, "Id": _new_id(work, product), "StockKeepingUnit": f"{sku}-{place:06d}"}
        for place in range(copies)
    ]
    insert_rows(work.connection, product, list[Row](products))
    sold: list[Row] = [
        {**each, "Id": _new_id(work, entry), "Product2Id": copy["Id"]}
        for copy in products
        for each in entries
    ]
    insert_rows(work.connection, entry, sold)


def _rows(work: Work, kind: ObjectType, field: str, value: str) -> list[Row]:
    rows = work.connection.execute(
        f'SELECT * FROM "{kind.name}" WHERE "{field}" = ? AND "IsDeleted" = 0', (value,)
    )
    return [{name: row[name] for name in row.keys()} for row in rows]  # noqa: SIM118 - a Row is no mapping


def _new_id(work: Work, kind: ObjectType) -> str:
    return make_id(kind.prefix, work.numbers.take(kind.prefix))
