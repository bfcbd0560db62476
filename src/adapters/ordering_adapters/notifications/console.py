"""Mail that is told in one line of the log instead of being sent."""

from __future__ import annotations

import logging

from typing import Final

from ordering_core.ports.notifications import Notification, Notifications


_LOG: Final = logging.getLogger(__name__)


class ConsoleNotifications(Notifications):
    """Logs what each mail is about, and never whom it is for."""

    def send(self, notification: Notification, /) -> None:
        _LOG.info(
            "a mail that is sent to nobody: %(kind)s, %(subject)s",
            {"kind": notification.kind.value, "subject": notification.order or "no order"},
        )
