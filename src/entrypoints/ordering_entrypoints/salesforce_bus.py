"""The event bus of a Salesforce org, as a process's settings describe it; needs the extra ``[events]``."""

from __future__ import annotations

import attrs

from ordering_adapters.salesforce.events.settings import BusSettings
from ordering_entrypoints.salesforce_settings import SalesforceVariables


def bus_settings(variables: SalesforceVariables) -> BusSettings:
    """Return where the org's event bus is."""
    known = BusSettings(plaintext=variables.events_plaintext, ca_file=variables.ca_file)
    return attrs.evolve(known, address=variables.events_address or known.address)
