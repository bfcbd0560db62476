"""Salesforce as it is: the ports over an org's REST API, on simple-salesforce (DESIGN 5)."""

from ordering_adapters.salesforce.cases import SalesforceCases
from ordering_adapters.salesforce.catalogue import SalesforceCatalogue
from ordering_adapters.salesforce.customers import SalesforceCustomers
from ordering_adapters.salesforce.fields import Field, Names
from ordering_adapters.salesforce.files import SalesforceFiles
from ordering_adapters.salesforce.opportunities import SalesforceOpportunities
from ordering_adapters.salesforce.orders import SalesforceOrders
from ordering_adapters.salesforce.org import Allowance, SalesforceOrg
from ordering_adapters.salesforce.settings import ClientCredentials, JwtBearer, SalesforceSettings
from ordering_adapters.salesforce.sim_inventory import SalesforceSimInventory


__all__ = [
    "Allowance",
    "ClientCredentials",
    "Field",
    "JwtBearer",
    "Names",
    "SalesforceCases",
    "SalesforceCatalogue",
    "SalesforceCustomers",
    "SalesforceFiles",
    "SalesforceOpportunities",
    "SalesforceOrders",
    "SalesforceOrg",
    "SalesforceSettings",
    "SalesforceSimInventory",
]
