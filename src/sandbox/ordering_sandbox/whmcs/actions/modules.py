"""Provisioning modules: telecom products have none; a product with one is provisioned at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.faults import FaultKind
from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.tables import Row


_STATUS_AFTER: Final[Mapping[str, str]] = {
    "CreateAccount": "Active",
    "SuspendAccount": "Suspended",
    "UnsuspendAccount": "Active",
    "TerminateAccount": "Terminated",
}
_QUEUE: Final = (
    "serviceType",
    "serviceId",
    "moduleName",
    "moduleAction",
    "lastAttempt",
    "lastAttemptError",
    "numRetries",
    "completed",
    "createdAt",
    "updatedAt",
)


def run_module(work: Work, service: Row, what: str, reason: str = "") -> str:
    """Let a service's module do *what*; return the server's message when it fails, else nothing."""
    product = work.rows.get("products", int(service["pid"]))
    failures = work.struck(f"Module{what.removesuffix('Account')}", FaultKind.ERROR)
    if failures:
        stamps = dict.fromkeys(("lastAttempt", "createdAt", "updatedAt"), work.stamp)
        attempt: Row = {
            "serviceId": service["id"],
            "moduleName": "" if product is None else product["module"],
            "moduleAction": what,
            "lastAttemptError": failures[0].failure,
            **stamps,
        }
        work.rows.insert("modulequeue", attempt)
        return failures[0].failure or "The server did not answer"
    work.rows.update(
        "services",
        int(service["id"]),
        {"status": _STATUS_AFTER[what], "suspensionreason": reason, "lastupdate": work.stamp},
    )
    return ""


def module_create(work: Work, parameters: Parameters) -> Answer:
    """Run the module's create."""
    return _run(work, parameters, "CreateAccount")


def module_suspend(work: Work, parameters: Parameters) -> Answer:
    """Run the module's suspend."""
    return _run(work, parameters, "SuspendAccount")


def module_unsuspend(work: Work, parameters: Parameters) -> Answer:
    """Run the module's unsuspend."""
    return _run(work, parameters, "UnsuspendAccount")


def module_terminate(work: Work, parameters: Parameters) -> Answer:
    """Run the module's terminate."""
    return _run(work, parameters, "TerminateAccount")


def get_module_queue(work: Work, _parameters: Parameters) -> Answer:
    """List the module actions that failed."""
    rows = work.rows.find("modulequeue")
    queue: list[Json] = [{"id": str(row["id"]), **{name: str(row[name]) for name in _QUEUE}} for row in rows]
    return {"count": str(len(queue)), "queue": queue}


def _run(work: Work, parameters: Parameters, what: str) -> Answer:
    number = parameters.number("serviceid") or parameters.number("accountid")
    if not number:
        raise Refusal("Service ID is required")
    service = work.rows.get("services", number)
    if service is None:
        raise Refusal("Service ID not found")
    product = work.rows.get("products", int(service["pid"]))
    if product is None or not product["module"]:
        known = work.switches.modules_known
        raise Refusal("Service not assigned to a module" if known else "Module Not Found")
    message = run_module(work, service, what, parameters.text("suspendreason"))
    return {"result": "error", "message": message} if message else {}


ACTIONS: Final[Mapping[str, Handler]] = {
    "ModuleCreate": module_create,
    "ModuleSuspend": module_suspend,
    "ModuleUnsuspend": module_unsuspend,
    "ModuleTerminate": module_terminate,
    "GetModuleQueue": get_module_queue,
}
