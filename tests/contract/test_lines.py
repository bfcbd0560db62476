"""The mobile network in memory keeps the contract, asked for its lines or not."""

from datetime import date, timedelta

import attrs
import pytest

from ordering_adapters.memory.lines import OPENS_AFTER, MemoryLineProvisioning
from ordering_core.domain.calendar import business_date
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.lines import LineState
from ordering_core.errors import Refused
from ordering_core.testing.contracts.lines import (
    ORDER,
    LineContract,
    LineProvisioningContract,
    UnsearchableLineContract,
)
from tests.contract.memory_org import MemoryFaultSwitches


class MemoryNetwork(MemoryFaultSwitches, LineContract):
    port = "lines"
    searchable = True

    @pytest.fixture
    def lines(self) -> MemoryLineProvisioning:
        self.network = MemoryLineProvisioning(self.clock, self.faults, searchable=self.searchable)
        return self.network

    def today(self) -> date:
        return business_date(self.clock.now())

    def lines_in_network(self, mark: OrderId) -> tuple[LineId, ...]:
        return tuple(line.id for line in self.network.lines_of(mark))

    def end_of(self, line: LineId) -> date | None:
        return self.network.ends_on(line)

    def complete(self, mark: OrderId) -> None:
        self.network.complete(mark)

    def fail(self, mark: OrderId, code: str) -> None:
        self.network.fail(mark, code)


class TestMemoryLineProvisioning(MemoryNetwork, LineProvisioningContract):
    def test_a_line_opens_by_itself_when_its_time_has_come(self, lines: MemoryLineProvisioning) -> None:
        lines.submit(self.esim())
        self.clock.advance(OPENS_AFTER - timedelta(microseconds=1))
        assert [line.state for line in lines.find(ORDER) or ()] == [LineState.SUBMITTED]
        self.clock.advance(timedelta(microseconds=1))
        assert [line.state for line in lines.find(ORDER) or ()] == [LineState.OPEN]

    def test_an_open_line_cannot_fail_any_more(self, lines: MemoryLineProvisioning) -> None:
        lines.submit(self.esim())
        self.clock.advance(OPENS_AFTER)
        lines.fail(ORDER, "MNP_NAME_MISMATCH")
        assert [line.state for line in lines.find(ORDER) or ()] == [LineState.OPEN]

    def test_a_failed_line_never_opens(self, lines: MemoryLineProvisioning) -> None:
        lines.submit(self.esim())
        lines.fail(ORDER, "NETWORK_BUSY")
        self.clock.advance(OPENS_AFTER)
        lines.complete(ORDER)
        assert [line.state for line in lines.find(ORDER) or ()] == [LineState.FAILED]

    def test_a_port_needs_seven_days(self, lines: MemoryLineProvisioning) -> None:
        with pytest.raises(Refused) as refusal:
            lines.submit(attrs.evolve(self.esim(), porting=self.porting(days_left=6)))
        assert refusal.value.code == "MNP_RESERVATION_TOO_SHORT"
        assert lines.submit(attrs.evolve(self.esim(), porting=self.porting(days_left=7)))

    def test_a_port_that_is_too_late_is_told_from_one_that_is_too_short(
        self, lines: MemoryLineProvisioning
    ) -> None:
        codes: list[str] = []
        for days_left in (0, 1):
            with pytest.raises(Refused) as refusal:
                lines.submit(attrs.evolve(self.esim(), porting=self.porting(days_left=days_left)))
            codes.append(refusal.value.code)
        assert codes == ["MNP_RESERVATION_EXPIRED", "MNP_RESERVATION_TOO_SHORT"]

    def test_nobody_completes_a_line_that_was_never_submitted(self, lines: MemoryLineProvisioning) -> None:
        with pytest.raises(LookupError):
            lines.complete(ORDER)


class TestUnsearchableMemoryLineProvisioning(MemoryNetwork, UnsearchableLineContract):
    searchable = False
