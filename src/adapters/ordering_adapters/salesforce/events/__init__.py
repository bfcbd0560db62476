"""Salesforce's event bus, followed over the Pub/Sub API: hints that something changed (DESIGN 5, Events)."""

from ordering_adapters.salesforce.events.handling import told
from ordering_adapters.salesforce.events.settings import BusSettings
from ordering_adapters.salesforce.events.subscriber import EventSubscriber


__all__ = ["BusSettings", "EventSubscriber", "told"]
