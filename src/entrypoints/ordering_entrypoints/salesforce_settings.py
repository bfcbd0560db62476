"""What a process is told of its Salesforce org (``ORDERING_SALESFORCE_…``)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs

from ordering_core.domain.policy import Policy


UNIQUE_KEY: Final = "Portal_Request_Key__c"
"""The field we add for the request key; Salesforce keeps its values apart (DESIGN 3.10, 3.27)."""

_STILL_RUNNING: Final = timedelta(minutes=10)
"""How long a request may go on in Salesforce after its answer was lost."""


@attrs.frozen(kw_only=True)
class SalesforceVariables:
    """
    One org: how to sign in there, and what is different about it.

    With *client_secret* an app signs in for the user its admin chose, with *private_key_file* for *username*.
    *order_key* is the field of the request key; any but our own is taken not to be unique. *names_file* is a
    TOML file with tables ``fields`` and ``texts``, keyed ``"Object.Field"``. With *follow_events* the
    event bus is followed; *events_address* is where the Pub/Sub API is, None for Salesforce's own, and
    *events_plaintext* is for one on one's own machine.

    Raises:
        ValueError: Not exactly one way to sign in is given, or a part of the other beside it.

    """

    domain: str
    client_id: str
    price_book: str
    client_secret: str | None = attrs.field(default=None, repr=False)
    username: str | None = None
    private_key_file: Path | None = None
    order_key: str = UNIQUE_KEY
    names_file: Path | None = None
    api_version: str = "66.0"
    country: str = "Japan"
    ca_file: Path | None = None
    plain_address: str | None = None
    follow_events: bool = False
    events_address: str | None = None
    events_plaintext: bool = False

    def __attrs_post_init__(self) -> None:
        of_a_key = [self.username is not None, self.private_key_file is not None]
        if self.client_secret is None and not all(of_a_key):
            raise ValueError("set the client secret, or username and private key file")
        if self.client_secret is not None and any(of_a_key):
            raise ValueError(
                "username and private key file are for signing in without a client secret: whom an app with "
                "a secret acts as, its admin chose in Salesforce; take them out, or the client secret"
            )

    def problem_with(self, policy: Policy) -> str | None:
        """Return why *policy* does not go with this org, or None."""
        if self.order_key != UNIQUE_KEY and policy.settle < _STILL_RUNNING:
            return (
                "ORDERING_POLICY_SETTLE has to be 10m or more, as the order key of Salesforce is not unique"
            )
        return None
