"""Many products at once, for sale as the one that they are copies of."""

import pytest

from ordering_sandbox.json_values import NotJson
from ordering_sandbox.salesforce.bulk import MOST, copy_product
from ordering_sandbox.salesforce.work import Caller
from tests.unit.sandbox.orgs import Desk


SKU = "SIM-DATA-3GB"


def copied(desk: Desk, sku: str, count: int) -> None:
    with desk.org.writing(Caller(user_id="")) as work:
        copy_product(work, sku, count)


def test_a_copy_is_sold_in_every_price_book_at_the_price_of_its_pattern(desk: Desk) -> None:
    asked = (
        "SELECT Pricebook2Id, UnitPrice, IsActive FROM PricebookEntry WHERE Product2.StockKeepingUnit = '{}'"
    )
    copied(desk, SKU, 2)
    pattern, *copies = (
        sorted((str(row["Pricebook2Id"]), row["UnitPrice"], row["IsActive"]) for row in desk.query(said))
        for said in (asked.format(SKU), asked.format(f"{SKU}-000000"), asked.format(f"{SKU}-000001"))
    )
    assert len(pattern) == 2
    assert copies == [pattern, pattern]


@pytest.mark.parametrize(("sku", "count"), [("NONE", 1), (SKU, -1), (SKU, MOST + 1)])
def test_what_cannot_be_copied_is_refused_and_nothing_changes(desk: Desk, sku: str, count: int) -> None:
    before = desk.count("Product2")
    with pytest.raises(NotJson):
        copied(desk, sku, count)
    assert desk.count("Product2") == before
