"""Which server takes our mail, and who we are there."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

import attrs


class Security(StrEnum):
    """How the way to the server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"
    """Only for a server on this machine."""


@attrs.frozen(kw_only=True)
class SmtpSettings:
    """
    One server for submission.

    *sender* is the address that mail comes from. *username* and *password* log in, both or neither. *timeout*
    (seconds) is for one mail as a whole, and has to stay below the policy's call time-out. *ca_file* replaces
    the system's authorities.

    Raises:
        ValueError: They cannot be used, or would send a password or names past a stranger.

    """

    host: str
    sender: str
    port: int = 587
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    timeout: float = 20.0
    ca_file: Path | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be used."""
        name, _, domain = self.sender.rpartition("@")
        if not (name and domain) or not self.sender.isascii() or any(map(str.isspace, self.sender)):
            raise ValueError("the sender has to be one address, for example orders@shop.example")
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together; set both, or take both out")
        if self.security is Security.NONE and not _is_here(self.host):
            raise ValueError("a server on another machine needs starttls or tls")

    @property
    def domain(self) -> str:
        """The domain that mail comes from."""
        return self.sender.rpartition("@")[2]


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
