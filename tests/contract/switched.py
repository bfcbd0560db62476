"""Puts the switches of a world in front of an adapter that talks to somebody else."""

from collections.abc import Callable
from functools import wraps
from threading import local

from ordering_adapters.memory.faults import MemoryFaults


class _Inside(local):
    """Whether this thread is doing an adapter's work, whose own calls of itself are no calls."""

    working = False


INSIDE = _Inside()


def switch(adapter: object, port: str, faults: MemoryFaults) -> None:
    """Let every public method of *adapter* pass through *faults*, as ``port.method``."""
    for name in dir(type(adapter)):
        method = getattr(adapter, name)
        if not name.startswith("_") and callable(method):
            setattr(adapter, name, _switched(method, f"{port}.{name}", faults))


def _switched(method: Callable[..., object], operation: str, faults: MemoryFaults) -> Callable[..., object]:
    @wraps(method)
    def call(*arguments: object, **named: object) -> object:
        def work() -> object:
            INSIDE.working = True
            try:
                return method(*arguments, **named)
            finally:
                INSIDE.working = False

        return method(*arguments, **named) if INSIDE.working else faults.call(operation, work)

    return call
