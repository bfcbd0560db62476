"""The event bus of a Salesforce org, as a process's settings describe it; needs the extra ``[events]``."""

from __future__ import annotations

from functools import partial

from ordering_adapters.salesforce.events import BusSettings, EventSubscriber, told
from ordering_core.application.ordering import Ordering
from ordering_entrypoints.observing import SALESFORCE, UNOBSERVED, Observer, calls_to
from ordering_entrypoints.salesforce_ports import salesforce_org
from ordering_entrypoints.salesforce_settings import SalesforceVariables


def bus_settings(variables: SalesforceVariables) -> BusSettings:
    """Return where the org's event bus is."""
    return BusSettings(
        address=variables.events_address or BusSettings().address,
        plaintext=variables.events_plaintext,
        ca_file=variables.ca_file,
    )


def event_subscriber(
    variables: SalesforceVariables, ordering: Ordering, *, observer: Observer = UNOBSERVED
) -> EventSubscriber:
    """
    Return what tells *ordering* of the org's events, once it is started; *observer* is told of its calls.

    Raises:
        ValueError: A file or an address that *variables* name cannot be used.

    """
    org = salesforce_org(variables, clock=ordering.clock, policy=ordering.policy, observer=observer)
    return EventSubscriber(
        bus_settings(variables),
        org.tokens,
        store=ordering.store,
        clock=ordering.clock,
        handle=partial(told, ordering),
        names=org.names,
        observe=calls_to(SALESFORCE, observer),
    )
