"""Mail that is kept instead of sent."""

from __future__ import annotations

from threading import Lock

from ordering_adapters.memory.faults import MemoryFaults
from ordering_core.ports.notifications import Notification, Notifications


class MemoryNotifications(Notifications):
    """Keeps every mail that was handed over."""

    def __init__(self, faults: MemoryFaults) -> None:
        self._faults = faults
        self._lock = Lock()
        self._sent: list[Notification] = []

    @property
    def sent(self) -> tuple[Notification, ...]:
        """Every mail that was handed over, oldest first."""
        with self._lock:
            return tuple(self._sent)

    def send(self, notification: Notification, /) -> None:
        def work() -> None:
            with self._lock:
                self._sent.append(notification)

        self._faults.call("notifications.send", work)
