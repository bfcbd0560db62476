"""
The names by which things are known, here and in the outside systems.

Each is a distinct type over the text or number the owning system uses, so that a type checker notices a
WHMCS service id where a Salesforce id belongs. They carry no meaning beyond identity and never hold personal
data.
"""

from typing import NewType


Sku = NewType("Sku", str)
"""A product's stock keeping unit (Product2.StockKeepingUnit)."""

CustomerId = NewType("CustomerId", str)
"""A portal user."""

AccountId = NewType("AccountId", str)
"""A Salesforce Account."""

OrderId = NewType("OrderId", str)
"""A Salesforce Order."""

OrderItemId = NewType("OrderItemId", str)
"""A Salesforce OrderItem."""

OpportunityId = NewType("OpportunityId", str)
"""A Salesforce Opportunity."""

CaseId = NewType("CaseId", str)
"""A Salesforce Case."""

FileId = NewType("FileId", str)
"""A Salesforce ContentVersion."""

SimCardId = NewType("SimCardId", str)
"""A card of the SIM inventory (SIM_Inventory__c)."""

ClientId = NewType("ClientId", int)
"""A WHMCS client; not the WHMCS user that logs in."""

BillingProductId = NewType("BillingProductId", int)
"""A WHMCS product (Product2.WH_Product_ID__c)."""

BillingOrderId = NewType("BillingOrderId", int)
"""A WHMCS order; not its ten-digit order number."""

ServiceId = NewType("ServiceId", int)
"""A WHMCS service, the customer's instance of a product."""

LineId = NewType("LineId", str)
"""A line at the mobile network, by the network's own reference."""

SessionId = NewType("SessionId", str)
"""A checkout session; unguessable, rotated on login."""

RequestKey = NewType("RequestKey", str)
"""The key under which one submit is known everywhere; made by us, free of personal data."""

Version = NewType("Version", str)
"""What changes whenever a record changes; compared for equality only."""

Cursor = NewType("Cursor", int)
"""A place in the event log; later events have larger cursors."""
