"""The hands of the contract over line orders, in a network of the sandbox."""

import time

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import ClassVar, Final

import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory import MemoryLineBook, MemoryStore
from ordering_adapters.sim_network.freebit.api import FreebitApi
from ordering_adapters.sim_network.freebit.codes import CODES
from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_adapters.sim_network.freebit.settings import PATHS, FreebitSettings, Function
from ordering_core.domain.calendar import business_date
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.ports.clock import Clock
from ordering_core.testing.contracts.lines import LineContract
from ordering_core.testing.faults import Fault
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.stand_in import Row


STATUS_PATH: Final = "mvno/getDetail/"
PATIENCE: Final = 0.4
LATE: Final = 1.0
MARGIN: Final = 0.3
CALLS: Final = {
    "find": STATUS_PATH,
    "submit": "mvno/esim/addAcnt/",
    "set_voice_options": "mvno/talkoption/changeOrder/",
    "terminate": "master/cnclAcnt/",
}
FAULTS: Final[dict[Fault, dict[str, object]]] = {
    Fault.DOWN: {"kind": "answer", "failure": "TOO_MANY_REQUESTS"},
    Fault.LOSE_REPLY: {"kind": "lost_after_commit"},
    Fault.SLOW: {"kind": "slow_then_committed", "seconds": LATE},
}


class Network:
    """One network with the shipped seed."""

    switches: ClassVar[dict[str, object]] = {}
    status_path: ClassVar[str] = STATUS_PATH
    receipt_field: ClassVar[str] = "receiptNumber"

    @pytest.fixture(autouse=True)
    def network(self, sim_network_process: SimNetworkProcess) -> Iterator[None]:
        self.process = sim_network_process
        self.made: list[FreebitApi] = []
        self.process.admin("POST", "reset")
        self.process.switch(**self.switches)
        yield
        for api in self.made:
            api.close()

    def settings(self, **changed: object) -> FreebitSettings:
        """Return the way to the network, some of it *changed*."""
        known: dict[str, object] = {
            "url": f"{self.process.ready['http']}/emptool/api/",
            "oem_id": self.process.ready["oem_id"],
            "oem_key": self.process.ready["oem_key"],
            "paths": {**PATHS, Function.STATUS: self.status_path},
            "receipt_field": self.receipt_field,
        }
        return FreebitSettings(**{**known, **changed})  # type: ignore[arg-type]  # names of its own fields

    def connected(self, settings: FreebitSettings | None = None, clock: Clock | None = None) -> FreebitApi:
        """Go that way, as another process would."""
        self.api = FreebitApi(settings or self.settings(), clock or SystemClock())
        self.made.append(self.api)
        return self.api

    def new_lines(self) -> FreebitLines:
        """Return an adapter whose book is empty."""
        self.book = MemoryLineBook(MemoryStore(SystemClock()))
        return FreebitLines(self.connected(), self.book)


class LinesOnSandbox(Network, LineContract):
    """The whole contract on one network."""

    @pytest.fixture
    def lines(self) -> FreebitLines:
        self.late = 0.0
        cards = [{"productNumber": "AX0000000000001", "phoneNumber": "08087654321"}]
        self.process.admin("POST", "stock", {"cards": cards})
        return self.new_lines()

    def today(self) -> date:
        said = self.process.admin("GET", "clock")
        assert isinstance(said, dict)
        return business_date(datetime.fromisoformat(said["now"]))

    def lines_in_network(self, mark: OrderId) -> tuple[LineId, ...]:
        return tuple(map(self.name_of, self.process.lines(mark)))

    def name_of(self, line: Row) -> LineId:
        """Return what a line is called between network and us."""
        return LineId(str(line["receiptNumber"]))

    def end_of(self, line: LineId) -> date | None:
        (day,) = (row["runDate"] for row in self.process.lines() if self.name_of(row) == line)
        return date.fromisoformat(str(day)) if day else None

    def complete(self, mark: OrderId) -> None:
        self.process.admin("POST", "lines/complete", {"requestKey": mark})

    def fail(self, mark: OrderId, code: str) -> None:
        theirs = next(vendor for vendor, ours in CODES.items() if ours == code)
        self.process.admin("POST", "lines/fail", {"requestKey": mark, "code": theirs})

    def break_next(self, method: str, fault: Fault) -> None:
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
