"""Mail to customers: each delivered at least once."""

from __future__ import annotations

import abc

import pytest

from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.notifications import Notification, NotificationKind, Notifications
from ordering_core.testing.contracts.threads import all_get_through


class NotificationsContract(abc.ABC):
    """Mail to customers."""

    @pytest.fixture
    @abc.abstractmethod
    def notifications(self) -> Notifications:
        """Return the adapter under test, before which nothing was sent."""

    @abc.abstractmethod
    def delivered(self, notifications: Notifications) -> list[tuple[str, str]]:
        """Return recipient and key of everything delivered so far, read behind the adapter's back."""

    @staticmethod
    def mail(
        key: str = "801-one:received", kind: NotificationKind = NotificationKind.RECEIVED
    ) -> Notification:
        """Return a mail with every field filled."""
        return Notification(
            key=key,
            kind=kind,
            recipient="customer@example.com",
            order=OrderId("801-one"),
            order_number="00000101",
            order_type=OrderType.SIM,
            detail="6月10日",
        )

    def test_at_first_nothing_is_delivered(self, notifications: Notifications) -> None:
        assert self.delivered(notifications) == []

    @pytest.mark.parametrize("kind", NotificationKind)
    def test_every_kind_of_mail_is_delivered(
        self, notifications: Notifications, kind: NotificationKind
    ) -> None:
        notifications.send(self.mail(kind=kind))
        assert self.delivered(notifications) == [("customer@example.com", "801-one:received")]

    def test_mail_without_an_order_is_delivered(self, notifications: Notifications) -> None:
        notifications.send(
            Notification(key="k", kind=NotificationKind.CARD_REJECTED, recipient="customer@example.com")
        )
        assert self.delivered(notifications) == [("customer@example.com", "k")]

    def test_several_are_delivered_in_order(self, notifications: Notifications) -> None:
        for number in range(3):
            notifications.send(self.mail(str(number)))
        assert [key for _, key in self.delivered(notifications)] == ["0", "1", "2"]

    def test_sending_again_delivers_at_least_once(self, notifications: Notifications) -> None:
        notifications.send(self.mail())
        notifications.send(self.mail())
        assert set(self.delivered(notifications)) == {("customer@example.com", "801-one:received")}

    def test_two_threads_lose_nothing(self, notifications: Notifications) -> None:
        def send(name: str) -> None:
            for number in range(20):
                notifications.send(self.mail(f"{name}{number}"))

        all_get_through(lambda: send("left"), lambda: send("right"))
        assert len({key for _, key in self.delivered(notifications)}) == 40
