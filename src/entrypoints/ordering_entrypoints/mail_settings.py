"""What a process is told of the server that takes its mail (``ORDERING_MAIL_…``)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import attrs

from ordering_adapters.notifications.settings import Security, SmtpSettings
from ordering_core.domain.policy import Policy


@attrs.frozen(kw_only=True)
class MailVariables:
    """One server: where it is, how the way there is protected, who we are, and whom mail comes from."""

    host: str
    sender: str
    port: int = 587
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    timeout: timedelta = timedelta(seconds=20)
    ca_file: Path | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what the adapter refuses. Raises ValueError."""
        self.smtp()

    def smtp(self) -> SmtpSettings:
        """Return what the adapter is told."""
        return SmtpSettings(
            host=self.host,
            sender=self.sender,
            port=self.port,
            security=self.security,
            username=self.username,
            password=self.password,
            timeout=self.timeout / timedelta(seconds=1),
            ca_file=self.ca_file,
        )

    def problem_with(self, policy: Policy) -> str | None:
        """Return why *policy* does not go with this server, or None."""
        if self.timeout > policy.call_timeout:
            return (
                "ORDERING_MAIL_TIMEOUT has to be at most ORDERING_POLICY_CALL_TIMEOUT, or a mail could "
                "arrive after others were told it cannot"
            )
        return None
