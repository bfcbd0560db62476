"""WHMCS as it is: the billing port over an installation's API, on httpx (DESIGN 5)."""

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.billing import WhmcsBilling
from ordering_adapters.whmcs.clients import NewClient, WhmcsClients
from ordering_adapters.whmcs.errors import Code
from ordering_adapters.whmcs.invoices import WhmcsInvoices
from ordering_adapters.whmcs.products import WhmcsProduct, WhmcsProducts
from ordering_adapters.whmcs.services import WhmcsServices
from ordering_adapters.whmcs.settings import FieldName, Mark, WhmcsSettings


__all__ = [
    "Code",
    "FieldName",
    "Mark",
    "NewClient",
    "WhmcsApi",
    "WhmcsBilling",
    "WhmcsClients",
    "WhmcsInvoices",
    "WhmcsProduct",
    "WhmcsProducts",
    "WhmcsServices",
    "WhmcsSettings",
]
