"""The shipped seed sells what the shipped catalogue sells, and holds nothing the real org would refuse."""

from ordering_adapters.catalogue_file import shipped_catalogue
from ordering_core.domain.values import CardNumber, Iccid
from ordering_sandbox.json_values import Json, expect_list, expect_object, text_of
from ordering_sandbox.salesforce.ids import long_id
from ordering_sandbox.salesforce.seed import read_seed
from tests.unit.sandbox.orgs import Desk, at


def test_what_the_portals_price_book_sells_is_what_the_catalogue_sells(desk: Desk) -> None:
    sold = {
        str(at(entry, "Product2", "StockKeepingUnit")): (
            at(entry, "Product2", "Name"),
            at(entry, "UnitPrice"),
            at(entry, "Product2", "WH_Product_ID__c"),
            at(entry, "Product2", "Billing_Cycle__c"),
            at(entry, "Product2", "Item_Class__c"),
            at(entry, "Product2", "Family"),
            at(entry, "IsActive"),
        )
        for entry in desk.query(
            "SELECT UnitPrice, IsActive, Product2.Name, Product2.StockKeepingUnit, Product2.WH_Product_ID__c,"
            " Product2.Billing_Cycle__c, Product2.Item_Class__c, Product2.Family FROM PricebookEntry"
            " WHERE Pricebook2.Name = 'Portal'"
        )
    }
    wanted: dict[str, tuple[Json, ...]] = {
        str(product.sku): (
            product.name,
            float(product.price),
            float(product.billing_product),
            str(product.cycle),
            str(product.item_class),
            str(product.order_type),
            product.active,
        )
        for product in shipped_catalogue().products.values()
    }
    assert sold == wanted


def test_every_card_in_the_inventory_has_numbers_that_a_card_can_have(desk: Desk) -> None:
    cards = desk.query("SELECT ICCID__c, Product_Number__c FROM SIM_Inventory__c")
    assert len(cards) == 6
    for card in cards:
        Iccid(str(card["ICCID__c"]))
        CardNumber(str(card["Product_Number__c"]))


def test_every_id_in_the_seed_carries_its_own_checksum() -> None:
    for record in expect_list(read_seed(None)["records"]):
        written = text_of(expect_object(record), "Id")
        assert long_id(written[:15]) == written
