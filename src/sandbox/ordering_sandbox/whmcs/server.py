"""Puts the installation together and runs its servers."""

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
from ordering_sandbox.asgi import HttpApplication
from ordering_sandbox.calls import CallLog
from ordering_sandbox.clock import SandboxClock
from ordering_sandbox.faults import Switchboard
from ordering_sandbox.json_values import JsonObject, expect_list, expect_object, text_of
from ordering_sandbox.serving import listen, serve
from ordering_sandbox.tls import certify
from ordering_sandbox.whmcs.admin import InstallationAdmin
from ordering_sandbox.whmcs.api import Api, call_name
from ordering_sandbox.whmcs.installation import Installation
from ordering_sandbox.whmcs.seed import is_empty, plant, read_seed


_NOTHING_IN_COMMON: Final = re.compile(r"(?!)")
"""Calls are named by their actions, in which nothing is to be left out."""


@attrs.frozen(kw_only=True)
class Options:
    """How to run the installation: ports (0: any), files for seed and rows, a folder for certificates."""

    port: int = 0
    https_port: int = 0
    admin_port: int = 0
    seed: Path | None = None
    database: Path | None = None
    tls: Path | None = None


async def run(options: Options, stopping: asyncio.Event, ready: Callable[[JsonObject], None]) -> None:
    """Run the installation until *stopping* is set; call *ready* with its addresses when it answers."""
    scratch = Path(tempfile.mkdtemp(prefix="ordering-sandbox-"))
    try:
        await _run(options, scratch, stopping, ready)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


async def _run(
    options: Options, scratch: Path, stopping: asyncio.Event, ready: Callable[[JsonObject], None]
) -> None:
    authority, certificate = certify(options.tls or scratch / "tls", hosts=("localhost",))
    clock, faults, calls = SandboxClock(), Switchboard(), CallLog(_NOTHING_IN_COMMON)
    installation = Installation(options.database, clock=clock, faults=faults)
    seed = read_seed(options.seed)

    def fill(wanted: JsonObject | None) -> None:
        plant(installation, wanted or seed)

    if is_empty(installation):
        fill(None)
    api = Api(installation)
    actions = InstallationAdmin(installation, api, calls, fill).actions()
    admin = AdminEndpoint(clock=clock, faults=faults, calls=calls, actions=actions)
    application = HttpApplication(api.answer, faults=faults, calls=calls, name=call_name)
    http = listen(application, port=options.port)
    https = listen(application, port=options.https_port, certificate=certificate)
    desk = listen(HttpApplication(admin.answer), port=options.admin_port)
    credential = expect_object(expect_list(seed["credentials"])[0])
    addresses: JsonObject = {
        "http": http.url,
        "https": https.url,
        "admin": f"{desk.url}/admin",
        "ca_file": str(authority),
        "identifier": text_of(credential, "identifier"),
        "secret": text_of(credential, "secret"),
    }
    try:
        await serve([http, https, desk], stopping, ready=lambda: ready(addresses))
    finally:
        installation.close()
