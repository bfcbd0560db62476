"""
The whole system as its operator runs it: API processes and workers on PostgreSQL, over the three sandboxes.

Time is the machine's, for everybody. Customers come in over HTTP, and agents approve what they order.
"""

from __future__ import annotations

import os
import subprocess
import sys

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import Final

import attrs
import httpx

from ordering_adapters.clock import SystemClock
from ordering_adapters.storage import open_storage
from ordering_adapters.whmcs import FieldName
from ordering_core import CustomerId, OrderId
from ordering_core.application.record import order_subject
from ordering_core.domain.journal import Done
from ordering_core.errors import PortError
from ordering_entrypoints.http.principals import Role
from ordering_entrypoints.http.tokens import issue_token
from ordering_entrypoints.sandboxes import environment
from tests.ci.live_stage import PATIENCE, TOKENS, Server, serving
from tests.contract.provisioning import Road
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import SandboxWorld, sandbox_world
from tests.contract.sim_network_lines import STATUS_PATH
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire import Tap
from tests.unit.application.shop import EID


AGAIN: Final = 0.2
"""Seconds after which a client asks again that was told to come back."""

LONG_AGO: Final = timedelta(minutes=30)
"""When the customers came, so that what happened to them is in everybody's past."""

DRAFT: Final = {
    "type": "SIM",
    "skus": ["SIM-DATA-5GB", "SIM-ACTIVATION"],
    "sim_type": "eSIM",
    "eid": EID,
    "activation_type": "Immediate",
}


class Worker:
    """An `ordering worker`, which whoever keeps the machine running starts again when it ends by itself."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.restarts = 0
        self._environment = environment
        self._log = log
        self._process = self._started()

    def keep(self) -> None:
        """Start it again if it has ended."""
        if self._process.poll() is not None:
            self.restarts += 1
            self._process = self._started()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait(PATIENCE)

    def said(self) -> str:
        return self._log.read_text()[-4000:]

    def _started(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as written:
            return subprocess.Popen(
                [sys.executable, "-m", "ordering_entrypoints.cli", "worker"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )


@attrs.frozen(kw_only=True)
class System:
    """Everything that runs; *road* is what can be seen of it from outside."""

    road: Road
    servers: Sequence[Server]
    workers: Sequence[Worker]

    @property
    def world(self) -> SandboxWorld:
        return self.road.world

    def finished(self, orders: Sequence[OrderId]) -> set[OrderId]:
        """Return which of *orders* are finished, as far as the database can be asked."""
        try:
            with self.world.store.transaction() as tx:
                kept = {order: tx.journal.case_file(order_subject(order)) for order in orders}
        except PortError:
            return set()
        return {order for order, file in kept.items() if file is not None and isinstance(file.rest, Done)}


class Crowd:
    """The customers at the API, who come back at the other process when one cannot help them."""

    def __init__(self, system: System) -> None:
        self.placed: list[OrderId] = []
        self.told: Counter[int] = Counter()
        """How often each status was answered that is no success."""
        self.active: dict[OrderId, Event] = {}
        self._lock = Lock()
        self._system = system
        self._http = [
            httpx.Client(base_url=f"http://127.0.0.1:{server.port}/api/", timeout=PATIENCE, trust_env=False)
            for server in system.servers
        ]

    def close(self) -> None:
        for http in self._http:
            http.close()

    def shop(self, customer: CustomerId, *, orders: int) -> None:
        """Order an eSIM, wait until it is active, and order the next one."""
        for _ in range(orders):
            session = str(self.ask(customer, "POST", "checkout-sessions", DRAFT)["id"])
            self.ask(customer, "POST", f"checkout-sessions/{session}/address-confirmation")
            placed = self.ask(customer, "POST", f"checkout-sessions/{session}/submission")
            order = OrderId(str(placed["order"]))
            active = Event()
            with self._lock:
                self.placed.append(order)
                self.active[order] = active
            self._system.world.process.write("Order", {"Status": "Approved"}, order)
            assert active.wait(5 * PATIENCE), "it is never finished"

    def ask(
        self, customer: CustomerId, method: str, path: str, body: object = None, *, first: int = 0
    ) -> dict[str, object]:
        """Ask until there is an answer, one API process after the other."""
        token = issue_token(TOKENS, subject=customer, at=SystemClock().now(), roles=(Role.CUSTOMER,))
        until = monotonic() + 2 * PATIENCE
        attempt = first + sum(map(ord, path))  # not all at the same process
        while True:
            status = self.tried(attempt, method, path, body, token)
            if isinstance(status, dict):
                return status
            assert monotonic() < until, f"{method} {path}: {self.told}"
            Event().wait(AGAIN)
            attempt += 1

    def tried(
        self, attempt: int, method: str, path: str, body: object, token: str
    ) -> dict[str, object] | int:
        """Return what is answered, or the status of an answer that is none yet."""
        http = self._http[attempt % len(self._http)]
        answer = http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code in {200, 201}:
            told: dict[str, object] = answer.json()
            return told
        with self._lock:
            self.told[answer.status_code] += 1
        return answer.status_code


@contextmanager
def running(
    salesforce: SalesforceProcess,
    whmcs: WhmcsProcess,
    network: SimNetworkProcess,
    *,
    url: str,
    directory: Path,
    **settings: str,
) -> Iterator[System]:
    """Yield two API processes and two workers on the database at *url*; *settings* are those of `serving`."""
    with ExitStack() as opened:
        clock = SystemClock()
        storage = opened.enter_context(open_storage(url, clock))
        network.admin("POST", "reset")
        network.switch(completion_seconds=1.0)
        world = opened.enter_context(
            sandbox_world(salesforce, whmcs, at=clock.now() - LONG_AGO, storage=storage)
        )
        for product in whmcs.rows("products"):
            whmcs.plant("customfields", {"relid": product["id"], "fieldname": FieldName.ORDER.value})
        variables = {
            **environment({"salesforce": salesforce.ready, "whmcs": whmcs.ready}),
            "ORDERING_SALESFORCE_FOLLOW_EVENTS": "true",
            "ORDERING_IN_MEMORY": "",
            "ORDERING_SIM_URL": f"{network.ready['http']}/emptool/api/",
            "ORDERING_SIM_OEM_ID": network.ready["oem_id"],
            "ORDERING_SIM_OEM_KEY": network.ready["oem_key"],
            "ORDERING_SIM_STATUS_PATH": STATUS_PATH,
            "ORDERING_POLICY_BILLING_MARK_PROVED": "true",
            **{f"ORDERING_{name}": value for name, value in settings.items()},
        }
        of_serving = {name.removeprefix("ORDERING_"): value for name, value in variables.items()}
        servers = [opened.enter_context(serving(url, directory, **of_serving)) for _ in range(2)]
        workers: list[Worker] = []
        for name in ("one", "two"):
            told = {
                **os.environ,
                **variables,
                "ORDERING_DATABASE": url,
                "ORDERING_WORKER_WHERE": "apart",
                "ORDERING_WORKER_EXECUTOR": name,
            }
            workers.append(Worker(told, directory / f"worker-{name}.log"))
            opened.callback(workers[-1].kill)
        yield System(road=Road(world, network, Tap()), servers=servers, workers=workers)


def let_time_run(system: System) -> None:
    """Let the sandboxes' clocks run beside the machine's again."""
    now = {"at": SystemClock().now().isoformat(), "stopped": False}
    for outside in (system.world.process, system.world.whmcs, system.road.network):
        outside.admin("PUT", "clock", now)
