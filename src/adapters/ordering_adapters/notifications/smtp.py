"""
Mail over SMTP (RFC 5321, RFC 6409): one connection for each, so that none waits for another.

Until the text is on its way nothing has happened. After that only the server's word tells whether it took the
mail; without it nobody knows.
"""

from __future__ import annotations

import smtplib
import ssl

from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from time import monotonic
from typing import Final

from ordering_adapters.notifications.settings import Security, SmtpSettings
from ordering_adapters.notifications.texts import body_of, subject_of
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.clock import Clock
from ordering_core.ports.notifications import Notification, Notifications


KEY_HEADER: Final = "X-Ordering-Notification"
"""Carries a mail's key, so that two copies of one mail can be told from two mails."""

_FOR_GOOD: Final = 500
"""The first of the answers that trying again does not change."""
_TAKEN: Final = frozenset({250, 251, 252})
_SHORTEST: Final = 0.1


class SmtpNotifications(Notifications):
    """Hands mails to the server of *settings*, dated by *clock*."""

    def __init__(self, settings: SmtpSettings, clock: Clock) -> None:
        """
        Get ready; nothing is sent yet.

        Raises:
            OSError: The file of authorities cannot be read.

        """
        self._settings = settings
        self._clock = clock
        ca_file = settings.ca_file
        self._trust = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)

    def send(self, notification: Notification, /) -> None:
        until = monotonic() + self._settings.timeout
        text = _written(notification, self._settings, self._clock.now())
        with self._signed_in(until) as client:
            self._address(client, notification.recipient, until)
            try:
                _hurry(client, until)
                code, _ = client.data(text)
            except smtplib.SMTPDataError as error:
                # It did not let us begin.
                raise _no(error.smtp_code, "MAIL_REFUSED") from None
            except (smtplib.SMTPException, OSError) as error:
                raise OutcomeUnknown(System.MAIL, type(error).__name__) from None
            if code not in _TAKEN:
                raise _no(code, "MAIL_REFUSED")

    @contextmanager
    def _signed_in(self, until: float) -> Generator[smtplib.SMTP]:
        """Yield a connection on which mail may be sent. Raises Unavailable."""
        client: smtplib.SMTP | None = None
        try:
            try:
                client = self._connected(until)
                _hurry(client, until)
                client.ehlo_or_helo_if_needed()
                if self._settings.security is Security.STARTTLS:
                    client.starttls(context=self._trust)
                    client.ehlo()
                if self._settings.username is not None and self._settings.password is not None:
                    _hurry(client, until)
                    client.login(self._settings.username, self._settings.password)
            except (smtplib.SMTPException, OSError) as error:
                raise Unavailable(System.MAIL, type(error).__name__) from None
            yield client
        finally:
            if client is not None:
                with suppress(smtplib.SMTPException, OSError):
                    client.quit()
                client.close()

    def _connected(self, until: float) -> smtplib.SMTP:
        settings, left = self._settings, max(_SHORTEST, until - monotonic())
        if settings.security is Security.TLS:
            return smtplib.SMTP_SSL(
                settings.host,
                settings.port,
                local_hostname=settings.domain,
                timeout=left,
                context=self._trust,
            )
        return smtplib.SMTP(settings.host, settings.port, local_hostname=settings.domain, timeout=left)

    def _address(self, client: smtplib.SMTP, recipient: str, until: float) -> None:
        """Say whom the mail is from and for. Raises Unavailable, or Refused where the server will never."""
        try:
            options = () if recipient.isascii() else ("SMTPUTF8",)
            if options and not client.has_extn("smtputf8"):
                raise Refused(System.MAIL, "ADDRESS_REFUSED", "the server takes no such address")
            _hurry(client, until)
            code, _ = client.mail(self._settings.sender, options)
            if code not in _TAKEN:
                raise Unavailable(System.MAIL, f"the server takes nothing from our sender ({code})")
            _hurry(client, until)
            code, _ = client.rcpt(recipient)
            if code not in _TAKEN:
                raise _no(code, "ADDRESS_REFUSED")
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(System.MAIL, type(error).__name__) from None


def _hurry(client: smtplib.SMTP, until: float) -> None:
    """Let what comes next take no longer than is left until *until*. Raises TimeoutError."""
    left = until - monotonic()
    if left <= 0 or client.sock is None:
        raise TimeoutError
    client.sock.settimeout(left)


def _no(code: int, word: str) -> Unavailable | Refused:
    """Return what the answer *code* means for a mail that was not taken; its text may quote the address."""
    if code >= _FOR_GOOD:
        return Refused(System.MAIL, word, f"the server said {code}")
    return Unavailable(System.MAIL, f"the server said {code}")


def _written(mail: Notification, settings: SmtpSettings, at: datetime) -> bytes:
    """Return the mail as it travels. Raises Refused when its address is none."""
    digest = sha256(mail.key.encode()).hexdigest()[:32]
    message = EmailMessage(policy=SMTP.clone(utf8=not mail.recipient.isascii()))
    try:
        message["From"] = settings.sender
        message["To"] = mail.recipient
        message["Subject"] = subject_of(mail)
        message["Date"] = format_datetime(at.astimezone(UTC))
        message["Message-ID"] = f"<{digest}@{settings.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message[KEY_HEADER] = mail.key
        message.set_content(body_of(mail))
        addresses = message["To"].addresses
        is_one = len(addresses) == 1 and addresses[0].addr_spec == mail.recipient and addresses[0].domain
    except (ValueError, IndexError):
        is_one = False
    if not is_one:
        raise Refused(System.MAIL, "ADDRESS_REFUSED", "the address is malformed")
    return bytes(message)
