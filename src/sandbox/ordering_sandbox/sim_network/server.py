"""Puts the network together and runs its servers."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile

from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs

from ordering_sandbox.admin import AdminEndpoint
from ordering_sandbox.asgi import Answer, HttpApplication
from ordering_sandbox.calls import CallLog
from ordering_sandbox.clock import SandboxClock
from ordering_sandbox.faults import FaultKind, Switchboard
from ordering_sandbox.json_values import JsonObject, expect_object, text_of
from ordering_sandbox.serving import listen, serve
from ordering_sandbox.sim_network.admin import NetworkAdmin
from ordering_sandbox.sim_network.es2plus import PREFIX as ES2PLUS
from ordering_sandbox.sim_network.es2plus import ProfileApi
from ordering_sandbox.sim_network.failures import FAILURES
from ordering_sandbox.sim_network.freebit import LineApi
from ordering_sandbox.sim_network.seed import planted, ranges, read_seed
from ordering_sandbox.sim_network.site import Site
from ordering_sandbox.tls import certify, certify_client
from ordering_sandbox.web import HttpRequest, HttpResponse


_ANSWERS: Final = frozenset({FaultKind.ANSWER})
_NOTHING_IN_COMMON: Final = re.compile(r"(?!)")
"""Paths carry no ids."""

_SMDP: Final = "smdp.sandbox.example"


@attrs.frozen(kw_only=True)
class Options:
    """
    How to run the network: ports (0: any), a seed file, a folder for certificates.

    *operator* is the address that is told what devices do with profiles.
    """

    port: int = 0
    https_port: int = 0
    mutual_port: int = 0
    admin_port: int = 0
    seed: Path | None = None
    tls: Path | None = None
    operator: str = ""


async def run(options: Options, stopping: asyncio.Event, ready: Callable[[JsonObject], None]) -> None:
    """Run the network until *stopping* is set; call *ready* with its addresses when it answers."""
    scratch = Path(tempfile.mkdtemp(prefix="ordering-sandbox-"))
    try:
        await _run(options, scratch, stopping, ready)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


async def _run(
    options: Options, scratch: Path, stopping: asyncio.Event, ready: Callable[[JsonObject], None]
) -> None:
    folder = options.tls or scratch / "tls"
    authority, certificate = certify(folder, hosts=("localhost",))
    client = certify_client(folder)
    clock, faults, calls = SandboxClock(), Switchboard(), CallLog(_NOTHING_IN_COMMON)
    site = Site(clock=clock, faults=faults)
    seed = read_seed(options.seed)

    def fill(wanted: JsonObject | None) -> None:
        site.refill(*planted(wanted or seed))

    fill(None)
    actions = NetworkAdmin(site, calls, fill, options.operator).actions()
    admin = AdminEndpoint(clock=clock, faults=faults, calls=calls, actions=actions)
    answer = _routed(site, LineApi(site).answer, ProfileApi(site, address=_SMDP).answer)
    application = HttpApplication(answer, faults=faults, calls=calls)
    http = listen(application, port=options.port)
    https = listen(application, port=options.https_port, certificate=certificate)
    mutual = listen(
        application,
        port=options.mutual_port,
        certificate=attrs.evolve(certificate, trusted_clients=client.certificate),
    )
    desk = listen(HttpApplication(admin.answer), port=options.admin_port)
    partners = expect_object(seed["partners"])
    oem_id = next(iter(partners))
    addresses: JsonObject = {
        "http": http.url,
        "https": https.url,
        "mutual_tls": mutual.url,
        "admin": f"{desk.url}/admin",
        "ca_file": str(authority),
        "client_certificate_file": str(client.certificate),
        "client_key_file": str(client.key),
        "oem_id": oem_id,
        "oem_key": text_of(partners, oem_id),
        "smdp_address": _SMDP,
        "profiles": ranges(seed),
    }
    await serve([http, https, mutual, desk], stopping, ready=lambda: ready(addresses))


def _routed(site: Site, lines: Answer, profiles: Answer) -> Answer:
    """Return what answers a request: a failure that is switched on, the SM-DP+, or the network."""

    def answer(request: HttpRequest) -> HttpResponse:
        performs = profiles if request.path.startswith(ES2PLUS) else lines
        for fault in site.faults.for_request(request, _ANSWERS):
            failure = FAILURES[fault.failure]
            if failure.performed:
                performs(request)
            return failure.response()
        return performs(request)

    return answer
