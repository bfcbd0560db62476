"""The standard objects around an order: price books, products, orders with their items, statuses."""

from __future__ import annotations

from typing import Final

import attrs

from ordering_sandbox.salesforce import field_kinds as make
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType


def _read_only(field: Field) -> Field:
    return attrs.evolve(field, createable=False, updateable=False)


def _fixed(field: Field) -> Field:
    return attrs.evolve(field, updateable=False)


PRICEBOOK: Final[ObjectType] = make.record_type(
    "Pricebook2",
    "Price Book",
    "Price Books",
    "01s",
    make.text("Name", "Price Book Name", required=True),
    make.text("Description", "Description"),
    make.checkbox("IsActive", "Active"),
    _read_only(make.checkbox("IsStandard", "Is Standard Price Book")),
)

PRODUCT: Final[ObjectType] = make.record_type(
    "Product2",
    "Product",
    "Products",
    "01t",
    make.text("Name", "Product Name", required=True),
    make.text("ProductCode", "Product Code"),
    make.text("StockKeepingUnit", "Product SKU", 180),
    make.long_text("Description", "Product Description", 4000),
    make.picklist("Family", "Product Family", "Internet", "SIM", "VPN", restricted=False),
    make.checkbox("IsActive", "Active"),
)

PRICEBOOK_ENTRY: Final[ObjectType] = make.record_type(
    "PricebookEntry",
    "Price Book Entry",
    "Price Book Entries",
    "01u",
    _fixed(
        make.lookup(
            "Pricebook2Id",
            "Price Book ID",
            "Pricebook2",
            relationship="Pricebook2",
            children="PricebookEntries",
            required=True,
        )
    ),
    _fixed(
        make.lookup(
            "Product2Id",
            "Product ID",
            "Product2",
            relationship="Product2",
            children="PricebookEntries",
            required=True,
        )
    ),
    make.yen("UnitPrice", "List Price", required=True),
    make.checkbox("IsActive", "Active"),
    make.checkbox("UseStandardPrice", "Use Standard Price"),
    _read_only(make.text("Name", "Product Name")),
    _read_only(make.text("ProductCode", "Product Code")),
)

ORDER: Final[ObjectType] = make.record_type(
    "Order",
    "Order",
    "Orders",
    "801",
    attrs.evolve(_read_only(make.text("OrderNumber", "Order Number", 30)), auto_number=True),
    make.lookup(
        "AccountId", "Account ID", "Account", relationship="Account", children="Orders", required=True
    ),
    make.lookup("Pricebook2Id", "Price Book ID", "Pricebook2", relationship="Pricebook2"),
    make.lookup(
        "OpportunityId", "Opportunity ID", "Opportunity", relationship="Opportunity", children="Orders"
    ),
    make.date("EffectiveDate", "Order Start Date", required=True),
    make.date("EndDate", "Order End Date"),
    # Which statuses there are, and which lock, stands in OrderStatus.
    make.picklist("Status", "Status", required=True),
    _read_only(make.picklist("StatusCode", "Status Category", "Draft", "Activated")),
    make.picklist("Type", "Order Type", "Internet", "SIM", "VPN", restricted=False),
    make.text("Name", "Order Name", 80),
    make.text("OrderReferenceNumber", "Order Reference Number", 80),
    make.text("PoNumber", "PO Number", 80),
    make.long_text("Description", "Description"),
    attrs.evolve(
        _read_only(make.yen("TotalAmount", "Order Amount")),
        expression=(
            '(SELECT COALESCE(SUM(i."UnitPrice" * i."Quantity"), 0.0) FROM "OrderItem" i'
            ' WHERE i."OrderId" = {t}."Id" AND i."IsDeleted" = 0)'
        ),
    ),
    _read_only(make.instant("ActivatedDate", "Activated Date")),
    _read_only(make.lookup("ActivatedById", "Activated By ID", "User", relationship="ActivatedBy")),
    make.lookup("OwnerId", "Owner ID", "User", relationship="Owner"),
    *make.postal_address("Billing"),
    *make.postal_address("Shipping"),
)

ORDER_ITEM: Final[ObjectType] = make.record_type(
    "OrderItem",
    "Order Product",
    "Order Products",
    "802",
    attrs.evolve(_read_only(make.text("OrderItemNumber", "Order Product Number", 30)), auto_number=True),
    _fixed(
        make.lookup(
            "OrderId", "Order ID", "Order", relationship="Order", children="OrderItems", required=True
        )
    ),
    _fixed(
        make.lookup(
            "PricebookEntryId",
            "Price Book Entry ID",
            "PricebookEntry",
            relationship="PricebookEntry",
            required=True,
        )
    ),
    _read_only(make.lookup("Product2Id", "Product ID", "Product2", relationship="Product2")),
    make.number("Quantity", "Quantity", scale=2, required=True),
    make.yen("UnitPrice", "Unit Price", required=True),
    _read_only(make.yen("ListPrice", "List Price")),
    attrs.evolve(
        _read_only(make.yen("TotalPrice", "Total Price")), expression='({t}."UnitPrice" * {t}."Quantity")'
    ),
    make.date("ServiceDate", "Start Date"),
    make.date("EndDate", "End Date"),
    make.text("Description", "Line Description"),
)

ORDER_STATUS: Final[ObjectType] = make.record_type(
    "OrderStatus",
    "Order Status Value",
    "Order Status Values",
    "0Os",
    make.text("ApiName", "API Name"),
    make.text("MasterLabel", "Master Label"),
    make.number("SortOrder", "Sort Order", kind=FieldType.INT, precision=9),
    make.checkbox("IsDefault", "Is Default"),
    make.picklist("StatusCode", "Status Code", "Draft", "Activated"),
    writable=False,
)

ORDER_OBJECTS: Final = (PRICEBOOK, PRODUCT, PRICEBOOK_ENTRY, ORDER, ORDER_ITEM, ORDER_STATUS)
"""The objects of this module."""
