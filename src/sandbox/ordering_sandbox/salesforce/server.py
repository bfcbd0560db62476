"""Puts the org together and runs its servers."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs

from ordering_sandbox.admin import AdminEndpoint
from ordering_sandbox.asgi import HttpApplication
from ordering_sandbox.calls import CallLog
from ordering_sandbox.clock import SandboxClock
from ordering_sandbox.connect_proxy import ConnectProxy
from ordering_sandbox.faults import Switchboard
from ordering_sandbox.json_values import JsonObject, expect_list, expect_object, text_of
from ordering_sandbox.salesforce.admin import OrgAdmin
from ordering_sandbox.salesforce.events.admin import EventAdmin
from ordering_sandbox.salesforce.events.log import EventLog
from ordering_sandbox.salesforce.events.publisher import Publisher
from ordering_sandbox.salesforce.events.pubsub import PubSub
from ordering_sandbox.salesforce.events.server import PubSubServer
from ordering_sandbox.salesforce.org import Org
from ordering_sandbox.salesforce.rest import RestApi
from ordering_sandbox.salesforce.seed import is_empty, plant, read_seed
from ordering_sandbox.salesforce.sessions import organization_id
from ordering_sandbox.serving import listen, serve
from ordering_sandbox.tls import certify, make_signing_key


_AGENT: Final = "agent@sandbox.example"
_RECORD_IN_PATH: Final = re.compile(r"(?<=/)[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?(?:-\d+)?(?=/|$)")
"""What differs between the paths of calls that are the same otherwise."""


@attrs.frozen(kw_only=True)
class Options:
    """How to run the org: ports (0: any), a seed file, a database file, a folder for certificates."""

    port: int = 0
    https_port: int = 0
    admin_port: int = 0
    grpc_port: int = 0
    grpc_tls_port: int = 0
    seed: Path | None = None
    database: Path | None = None
    tls: Path | None = None


async def run(options: Options, stopping: asyncio.Event, ready: Callable[[JsonObject], None]) -> None:
    """Run the org until *stopping* is set; call *ready* with its addresses when it answers."""
    scratch = Path(tempfile.mkdtemp(prefix="ordering-sandbox-"))
    try:
        await _run(options, scratch, stopping, ready)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


async def _run(
    options: Options, scratch: Path, stopping: asyncio.Event, ready: Callable[[JsonObject], None]
) -> None:
    folder = options.tls or scratch / "tls"
    authority, certificate = certify(folder)
    database = options.database or scratch / "salesforce.sqlite3"
    clock, faults, calls = SandboxClock(), Switchboard(), CallLog(_RECORD_IN_PATH)
    org = Org(database, clock=clock, faults=faults)
    log = EventLog(
        database.with_name(f"{database.name}-events"),
        now=clock.now,
        keeps=lambda: timedelta(hours=org.switches.retention_hours),
    )
    pubsub = PubSub(org, log, Publisher(org, log))
    seed = read_seed(options.seed)
    signing_key = folder / "jwt-key.pem"
    public_key = make_signing_key(signing_key)

    def fill(wanted: JsonObject | None) -> None:
        plant(org, wanted or seed)
        _register_key(org, public_key)

    if is_empty(org):
        fill(None)
    rest = RestApi(org)
    actions = OrgAdmin(org, rest, EventAdmin(log, pubsub), fill, _AGENT).actions()
    admin = AdminEndpoint(clock=clock, faults=faults, calls=calls, actions=actions)
    application = HttpApplication(rest.answer, faults=faults, calls=calls, now=clock.now)
    http = listen(application, port=options.port)
    https = listen(application, port=options.https_port, certificate=certificate)
    desk = listen(HttpApplication(admin.answer), port=options.admin_port)
    grpc = PubSubServer(pubsub, certificate, port=options.grpc_port, tls_port=options.grpc_tls_port)
    proxy = ConnectProxy({"pubsub.salesforce.com": grpc.tls_port, "salesforce.com": https.port})
    await grpc.start()
    addresses: JsonObject = {
        "http": http.url,
        "https": https.url,
        "admin": f"{desk.url}/admin",
        "grpc": grpc.plain_address,
        "grpc_tls": grpc.tls_address,
        "proxy": await proxy.start(),
        "ca_file": str(authority),
        "org_id": _organization(org),
        "jwt_key_file": str(signing_key),
        "price_book": _price_book(org),
        **_first_client(seed),
    }
    try:
        await serve([http, https, desk], stopping, ready=lambda: ready(addresses))
    finally:
        await proxy.stop()
        await grpc.stop()
        log.close()
        org.close()


def _register_key(org: Org, public_key: str) -> None:
    """Let clients without a certificate prove their assertions with the key at hand."""
    with org.database.writing() as connection:
        connection.execute(
            "UPDATE sandbox_client SET certificate = ? WHERE certificate IS NULL", (public_key,)
        )


def _first_client(seed: JsonObject) -> JsonObject:
    client = expect_object(expect_list(seed["clients"])[0])
    return {
        "client_id": text_of(client, "consumer_key"),
        "client_secret": text_of(client, "consumer_secret"),
        "username": text_of(client, "username"),
    }


def _organization(org: Org) -> str:
    with org.database.reading() as connection:
        return organization_id(connection)


def _price_book(org: Org) -> str:
    """Return the id of the first price book that is not the standard one; empty when there is none."""
    with org.database.reading() as connection:
        found = connection.execute(
            'SELECT "Id" FROM "Pricebook2" WHERE "IsStandard" = 0 AND "IsActive" = 1 AND "IsDeleted" = 0'
            ' ORDER BY "Id" LIMIT 1'
        ).fetchone()
    return "" if found is None else str(found[0])
