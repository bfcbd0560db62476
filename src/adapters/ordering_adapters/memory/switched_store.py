"""Any store behind the switches of a world: its transactions can be made to go wrong, as the others' can."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from ordering_adapters.memory.faults import MemoryFaults
from ordering_core.ports.store import Store, Transaction


class SwitchedStore(Store):
    """*store*, whose ``store.transaction`` obeys *faults* and contains no call to an outside system."""

    def __init__(self, store: Store, faults: MemoryFaults) -> None:
        self._store = store
        self._faults = faults

    @contextmanager
    def transaction(self) -> Generator[Transaction]:
        with self._faults.transaction("store.transaction"), self._store.transaction() as tx:
            yield tx

    @contextmanager
    def at_once(self) -> Generator[Transaction]:
        with self._faults.transaction("store.transaction"), self._store.at_once() as tx:
            yield tx
