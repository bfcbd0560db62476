"""
Telling customers by mail: over SMTP, or, where nobody set that up, in the log of the process.

What speaks SMTP (`notifications.smtp`) is loaded by who does: it brings a reader of all that a mail may be.
"""

from ordering_adapters.notifications.console import ConsoleNotifications
from ordering_adapters.notifications.settings import Security, SmtpSettings


__all__ = ["ConsoleNotifications", "Security", "SmtpSettings"]
