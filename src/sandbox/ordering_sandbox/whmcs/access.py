"""Who may call the API: addresses, credentials, and what their roles allow (reference 1)."""

from __future__ import annotations

import hashlib
import hmac

from typing import Final

from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.parameters import Parameters


CALLER: Final = "127.0.0.1"
"""Where every call comes from: the sandbox listens on this machine alone."""


class Denied(Exception):
    """The call is refused at the door."""

    def __init__(self, message: str, *, status: int = 403, login: bool = False) -> None:
        """Refuse with *message*; *login* when it was a failed login."""
        super().__init__(message)
        self.message = message
        self.status = status
        self.login = login


def check_address(work: Work, parameters: Parameters, failed_logins: int) -> None:
    """
    Check where the call comes from; the access key stands in for the list of addresses.

    Raises:
        Denied: From nowhere that may call, or from an address with too many failed logins.

    """
    switches = work.switches
    banned = 0 < switches.failures_to_ban <= failed_logins
    key = parameters.text("accesskey")
    excused = bool(switches.access_key) and hmac.compare_digest(key.encode(), switches.access_key.encode())
    if banned or not (excused or CALLER in switches.allowed_ips):
        raise Denied(f"Invalid IP {CALLER}")


def check_credentials(work: Work, parameters: Parameters) -> str:
    """
    Return the actions that the caller's role allows, with commas; ``*`` is all.

    A pair of identifier and secret may come as user name and password; an administrator's password comes as
    its MD5.

    Raises:
        Denied: Nobody is known by them, or the administrator may not.

    """
    identifier = parameters.text("identifier") or parameters.text("username")
    secret = parameters.text("secret") or parameters.text("password")
    if not (identifier and secret):
        raise Denied("Authentication Failed", login=True)
    credential = work.rows.first("credentials", identifier=identifier)
    if credential is not None:
        if not hmac.compare_digest(secret.encode(), str(credential["secret"]).encode()):
            raise Denied("Authentication Failed", login=True)
        _check_admin(work, str(credential["admin"]))
        return str(credential["actions"])
    admin = work.rows.first("admins", username=identifier)
    if admin is None:
        raise Denied("Invalid or missing credentials", login=True)
    wanted = hashlib.md5(str(admin["password"]).encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(secret.lower().encode(), wanted.encode()):
        raise Denied("Authentication Failed", login=True)
    _check_admin(work, identifier)
    return "*"


def check_action(work: Work, action: str, allowed: str) -> None:
    """
    Check that the caller's role has *action*.

    Raises:
        Denied: It does not.

    """
    names = {name.strip().lower() for name in allowed.split(",")}
    denied = {name.lower() for name in work.switches.denied_actions}
    if action.lower() in denied or not names & {"*", action.lower()}:
        raise Denied(f'Invalid Permissions: API action "{action.lower()}" is not allowed')


def _check_admin(work: Work, username: str) -> None:
    admin = work.rows.first("admins", username=username)
    if admin is None:
        return
    if admin["disabled"]:
        raise Denied("Administrator Account Disabled")
    if not admin["api_access"]:
        raise Denied("Access Denied")
