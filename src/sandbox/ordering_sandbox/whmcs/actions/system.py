"""The installation about itself: version, settings, notifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler
from ordering_sandbox.whmcs.parameters import Parameters, Refusal


_NOTIFICATION: Final[Mapping[str, str]] = {
    "notification_identifier": "API Notification Events require a identifier string to be passed.",
    "title": "API Notification Events require a title to be provided.",
    "message": "API Notification Events require a message to be provided.",
}


def whmcs_details(work: Work, _parameters: Parameters) -> Answer:
    """Say which version this is."""
    version = work.switches.version
    return {"whmcs": {"version": version, "canonicalversion": f"{version}-release.1"}}


def get_health_status(_work: Work, _parameters: Parameters) -> Answer:
    """Say that the installation answers, which is all that is documented of it."""
    return {}


def get_configuration_value(work: Work, parameters: Parameters) -> Answer:
    """Read one setting of the installation."""
    name = parameters.text("setting")
    if not name:
        raise Refusal("Parameter setting is required")
    values = {
        "SystemURL": f"{work.base_url}/",
        "CompanyName": "Ordering Sandbox",
        "Version": work.switches.version,
        "TaxEnabled": "on",
        "TaxType": "Inclusive" if work.switches.tax_inclusive else "Exclusive",
        "TaxPerLineItem": "1" if work.switches.tax_calculation == "line" else "",
        "OrderDaysGrace": str(work.switches.order_grace_days),
        "CreateInvoiceDaysBefore": str(work.switches.invoice_days),
    }
    if name not in values:
        raise Refusal("Invalid name for parameter setting")
    return {"setting": name, "value": values[name]}


def trigger_notification_event(work: Work, parameters: Parameters) -> Answer:
    """Fire a notification; here it is only kept."""
    for name, message in _NOTIFICATION.items():
        if not parameters.text(name):
            raise Refusal(message)
    row = {"identifier": parameters.text("notification_identifier"), "title": parameters.text("title")}
    work.rows.insert("notifications", {**row, "date": work.stamp})
    return {}


ACTIONS: Final[Mapping[str, Handler]] = {
    "WhmcsDetails": whmcs_details,
    "GetHealthStatus": get_health_status,
    "GetConfigurationValue": get_configuration_value,
    "TriggerNotificationEvent": trigger_notification_event,
}
