"""Any store behind the switches of a world: its transactions can be made to go wrong, as the others' can."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final

from ordering_adapters.memory.faults import MemoryFaults
from ordering_core.ports.store import Store, Transaction


_OPERATION: Final = "store.transaction"


class SwitchedStore(Store):
    """*store*, whose ``store.transaction`` obeys *faults* and contains no call to an outside system."""

    def __init__(self, store: Store, faults: MemoryFaults) -> None:
        self._store = store
        self._faults = faults

    def transaction(self) -> AbstractContextManager[Transaction]:
        return _Inside(self._faults, self._store.transaction())

    def at_once(self) -> AbstractContextManager[Transaction]:
        return _Inside(self._faults, self._store.at_once())


class _Inside(AbstractContextManager[Transaction, bool | None]):
    """The way into *opened* past the switches, and the way out: nothing else is done so often."""

    def __init__(self, faults: MemoryFaults, opened: AbstractContextManager[Transaction]) -> None:
        self._faults = faults
        self._opened = opened

    def __enter__(self) -> Transaction:
        self._end = self._faults.enter(_OPERATION)
        try:
            return self._opened.__enter__()
        except BaseException:
            self._faults.leave()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        try:
            swallowed = self._opened.__exit__(kind, error, trace)
        finally:
            self._faults.leave()
        if kind is None:
            self._end()
        return swallowed
