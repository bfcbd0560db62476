"""The hands of the contract over profiles, at an SM-DP+ of the sandbox that tells us what devices do."""

import time

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar, Final

import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory import MemoryProfileBook, MemoryStore
from ordering_adapters.sim_network.es2plus.api import Es2PlusApi
from ordering_adapters.sim_network.es2plus.profiles import Es2PlusProfiles
from ordering_adapters.sim_network.es2plus.progress import installed_in
from ordering_adapters.sim_network.es2plus.settings import Es2PlusSettings, IccidRange
from ordering_core.domain.identifiers import OrderId
from ordering_core.errors import Unavailable
from ordering_core.ports.profile_book import KeptProfile
from ordering_core.testing.contracts.profiles import ProfileDeliveryContract
from ordering_core.testing.faults import Fault
from tests.contract.sim_network_lines import FAULTS, LATE, MARGIN, PATIENCE
from tests.contract.sim_network_process import SimNetworkProcess


PROFILE_TYPE: Final = "PASI_10G"
RANGE: Final = IccidRange(first="898119904000000001", count=12)
SEED: Final[dict[str, object]] = {
    "partners": {"sandbox-oem": "sandbox-oem-key"},
    "profiles": [{"profileType": PROFILE_TYPE, "first": RANGE.first, "count": RANGE.count}],
}
CALLS: Final = {"reserve": "downloadOrder", "release": "releaseProfile", "cancel": "cancelOrder"}


class BreakableBook(MemoryProfileBook):
    """A book that can be out of reach."""

    broken = False

    def get(self, mark: OrderId, /) -> KeptProfile | None:
        if self.broken:
            self.broken = False
            raise Unavailable("store", "down")
        return super().get(mark)


class SmDp:
    """One SM-DP+ with a dozen profiles."""

    iccids: ClassVar[dict[str, IccidRange]] = {PROFILE_TYPE: RANGE}

    @pytest.fixture(autouse=True)
    def smdp(self, sim_network_process: SimNetworkProcess) -> Iterator[None]:
        self.process = sim_network_process
        self.made: list[Es2PlusApi] = []
        self.late = 0.0
        self.book = BreakableBook(MemoryStore(SystemClock()))
        self.process.admin("POST", "reset", SEED)
        yield
        for api in self.made:
            api.close()

    def settings(self, **changed: object) -> Es2PlusSettings:
        """Return the way to the SM-DP+, some of it *changed*."""
        known: dict[str, object] = {
            "url": self.process.ready["http"],
            "requester": "1.3.6.1.4.1.99999.2",
            "iccids": self.iccids,
        }
        return Es2PlusSettings(**{**known, **changed})  # type: ignore[arg-type]  # names of its own fields

    def new_profiles(self, settings: Es2PlusSettings | None = None) -> Es2PlusProfiles:
        """Return an adapter on the same book, as another process would have."""
        self.api = self.new_api(settings)
        return Es2PlusProfiles(self.api, self.book)

    def new_api(self, settings: Es2PlusSettings | None = None) -> Es2PlusApi:
        """Return a way of its own to the SM-DP+, closed with the test."""
        api = Es2PlusApi(settings or self.settings())
        self.made.append(api)
        return api

    def states(self) -> list[str]:
        """Return where the profiles stand that are not in stock."""
        return sorted(str(row["state"]) for row in self.process.profiles() if row["state"] != "Available")


class ProfilesOnSandbox(SmDp, ProfileDeliveryContract):
    """The whole contract at one SM-DP+."""

    @pytest.fixture
    def profiles(self) -> Iterator[Es2PlusProfiles]:
        made = self.new_profiles()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _callback(made))
        listening = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        listening.start()
        self.process.admin("PUT", "operator", {"address": f"http://127.0.0.1:{server.server_port}"})
        yield made
        self.process.admin("PUT", "operator", {"address": ""})
        server.shutdown()
        listening.join()
        server.server_close()

    def limit_stock(self, left: int) -> None:
        self.process.admin("PUT", "profiles/stock", {"profileType": PROFILE_TYPE, "left": left})

    def in_stock(self) -> int:
        return sum(row["state"] == "Available" for row in self.process.profiles())

    def install(self, mark: OrderId) -> None:
        kept = self.book.get(mark)
        assert kept is not None
        told = self.process.admin("POST", "profiles/install", {"eid": kept.eid.value})
        assert isinstance(told, dict)
        assert told["operator_answered"] == 204

    def break_next(self, method: str, fault: Fault) -> None:
        if method == "find":
            self.book.broken = True
        else:
            self.process.fault(path=CALLS[method], **FAULTS[fault])

    def slow(self, method: str, call: Callable[[], object]) -> None:
        patience, self.api.connection.timeout = self.api.connection.timeout, PATIENCE
        try:
            super().slow(method, call)
        finally:
            self.api.connection.timeout = patience
        self.late = time.monotonic() + LATE - PATIENCE + MARGIN

    def let_late_work_arrive(self) -> None:
        time.sleep(max(0.0, self.late - time.monotonic()))


def _callback(profiles: Es2PlusProfiles) -> type[BaseHTTPRequestHandler]:
    class Callback(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            iccid = installed_in(self.rfile.read(int(self.headers["Content-Length"])))
            if iccid is not None:
                profiles.installed(iccid)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's word
            """Say nothing."""

    return Callback
