"""Requests to cancel: filed here, carried out by the daily job or by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler, page
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.tables import NO_MOMENT, Row


IMMEDIATE: Final = "Immediate"
AT_THE_END: Final = "End of Billing Period"
_SHOWN: Final = ("id", "date", "relid", "reason", "type")


def add_cancel_request(work: Work, parameters: Parameters) -> Answer:
    """File a request; one service has one."""
    service = work.rows.get("services", parameters.number("serviceid"))
    if service is None:
        raise Refusal("Service ID Not Found")
    if work.rows.first("cancellations", relid=service["id"]) is not None:
        raise Refusal("Existing Cancellation Request Exists")
    kind = IMMEDIATE if parameters.text("type") == IMMEDIATE else AT_THE_END
    reason = parameters.text("reason") or "None Specified (API Submission)"
    work.rows.insert(
        "cancellations",
        {"date": work.stamp, "relid": service["id"], "reason": reason, "type": kind},
    )
    return {"serviceid": parameters.text("serviceid"), "userid": str(service["clientid"])}


def get_cancelled_packages(work: Work, parameters: Parameters) -> Answer:
    """List requests; there is no filter."""
    found = page(work, parameters, "cancellations")
    packages: list[Json] = [_shown(row) for row in found.rows]
    counts = {name: str(value) for name, value in found.counts().items()}
    return {**counts, "packages": {"package": packages}}


def _shown(row: Row) -> Json:
    stamps = dict.fromkeys(("created_at", "updated_at"), NO_MOMENT)
    return {**{name: str(row[name]) for name in _SHOWN}, **stamps}


ACTIONS: Final[Mapping[str, Handler]] = {
    "AddCancelRequest": add_cancel_request,
    "GetCancelledPackages": get_cancelled_packages,
}
