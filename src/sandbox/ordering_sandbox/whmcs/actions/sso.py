"""CreateSsoToken: a link into the client area that works once, for a minute of the server's clock."""

from __future__ import annotations

import secrets

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.listing import Answer, Handler
from ordering_sandbox.whmcs.parameters import Parameters, Refusal


LIVES: Final = timedelta(seconds=60)
CUSTOM: Final = "sso:custom_redirect"
_HOME: Final = "clientarea.php"

_DESTINATIONS: Final[Mapping[str, str]] = {
    "clientarea:profile": "clientarea.php?action=details",
    "clientarea:billing_info": "clientarea.php?action=creditcard",
    "clientarea:emails": "clientarea.php?action=emails",
    "clientarea:announcements": "announcements.php",
    "clientarea:downloads": "downloads.php",
    "clientarea:knowledgebase": "knowledgebase.php",
    "clientarea:network_status": "serverstatus.php",
    "clientarea:services": "clientarea.php?action=products",
    "clientarea:product_details": "clientarea.php?action=productdetails",
    "clientarea:domains": "clientarea.php?action=domains",
    "clientarea:domain_details": "clientarea.php?action=domaindetails",
    "clientarea:invoices": "clientarea.php?action=invoices",
    "clientarea:tickets": "supporttickets.php",
    "clientarea:submit_ticket": "submitticket.php",
    "clientarea:shopping_cart": "cart.php",
    "clientarea:shopping_cart_addons": "cart.php?gid=addons",
    "clientarea:shopping_cart_domain_register": "cart.php?a=add&domain=register",
    "clientarea:shopping_cart_domain_transfer": "cart.php?a=add&domain=transfer",
}


def create_sso_token(work: Work, parameters: Parameters) -> Answer:
    """Make a token for a client, a user, or a user of a client."""
    client, user = _who(work, parameters)
    path = _path(work, parameters)
    token = secrets.token_hex(20)
    work.rows.insert(
        "tokens",
        {
            "token": token,
            "client": client,
            "user": user,
            "path": path,
            "expires": (work.now + LIVES).isoformat(),
        },
    )
    return {
        "access_token": token,
        "redirect_url": f"{work.base_url}/oauth/singlesignon.php?access_token={token}",
    }


def _who(work: Work, parameters: Parameters) -> tuple[int, int]:
    client, user = parameters.number("client_id"), parameters.number("user_id")
    if not (client or user):
        raise Refusal("A valid client_id or user_id is required")
    row = work.rows.get("clients", client)
    if client and row is None:
        raise Refusal("Invalid client_id")
    if user and work.rows.get("users", user) is None:
        raise Refusal("Invalid user_id")
    if client and user and work.rows.first("clientusers", client=client, user=user) is None:
        raise Refusal("Invalid user_id for client")
    if row is not None and not row["allow_sso"]:
        raise Refusal(f"SSO authentication blocked for client {client}")
    if not client:
        link = work.rows.first("clientusers", user=user)
        client = 0 if link is None else int(link["client"])
    return client, user


def _path(work: Work, parameters: Parameters) -> str:
    """Return where the token leads, a path below the installation."""
    destination = parameters.text("destination")
    if not destination:
        return _HOME
    if destination == CUSTOM:
        path = parameters.text("sso_redirect_path").lstrip("/")
        # A path that names another host would lead out of the installation.
        if "//" in path or "\\" in path:
            raise Refusal("Invalid destination")
        return path or _HOME
    if destination not in _DESTINATIONS or not work.switches.sso_destinations:
        raise Refusal("Invalid destination")
    service = parameters.number("service_id")
    return f"{_DESTINATIONS[destination]}{f'&id={service}' if service else ''}"


ACTIONS: Final[Mapping[str, Handler]] = {"CreateSsoToken": create_sso_token}
