"""Telling customers by mail: over SMTP, or, where nobody set that up, in the log of the process."""

from ordering_adapters.notifications.console import ConsoleNotifications
from ordering_adapters.notifications.settings import Security, SmtpSettings
from ordering_adapters.notifications.smtp import SmtpNotifications


__all__ = ["ConsoleNotifications", "Security", "SmtpNotifications", "SmtpSettings"]
