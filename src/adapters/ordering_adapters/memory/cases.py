"""Cases in a Salesforce org in memory."""

from __future__ import annotations

from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.salesforce import CaseRecord, MemorySalesforce
from ordering_core.domain.identifiers import CaseId, RequestKey
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused
from ordering_core.ports.cases import CaseDesk, NewCase


class MemoryCases(CaseDesk):
    """The Cases of an org in memory."""

    def __init__(self, org: MemorySalesforce, faults: MemoryFaults) -> None:
        """Work on *org*."""
        self._org = org
        self._faults = faults
        self._opened: dict[RequestKey, CaseId] = {}

    def open(self, case: NewCase, /) -> CaseId:
        def work() -> CaseId:
            with self._org.lock:
                if case.key not in self._opened:
                    self._org.known_account(case.account)
                    opened = CaseId(self._org.new_id("500"))
                    self._org.cases[opened] = CaseRecord(case=case)
                    self._opened[case.key] = opened
                return self._opened[case.key]

        return self._faults.call("cases.open", work)

    def is_closed(self, case: CaseId, /) -> bool:
        def read() -> bool:
            with self._org.lock:
                record = self._org.cases.get(case)
                if record is None:
                    raise Refused(System.SALESFORCE, "NOT_FOUND", "there is no such Case")
                return record.closed

        return self._faults.call("cases.is_closed", read)
