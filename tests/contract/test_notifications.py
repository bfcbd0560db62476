"""Mail kept in memory keeps its contract."""

import pytest

from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.notifications import MemoryNotifications
from ordering_core.ports.notifications import Notifications
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.notifications import NotificationsContract
from ordering_core.testing.contracts.samples import START


class TestMemoryNotifications(NotificationsContract):
    @pytest.fixture
    def notifications(self) -> MemoryNotifications:
        return MemoryNotifications(MemoryFaults(ManualClock(START)))

    def delivered(self, notifications: Notifications) -> list[tuple[str, str]]:
        assert isinstance(notifications, MemoryNotifications)
        return [(mail.recipient, mail.key) for mail in notifications.sent]
