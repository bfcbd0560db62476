"""How to reach an org and what is different about it."""

from __future__ import annotations

import re

from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import attrs

from ordering_adapters.salesforce.fields import Field, Names
from ordering_adapters.salesforce.needs import problems_with


HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
"""What this machine is called where something may be sent to it in the clear."""

_HOST: Final = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]{1,5})?")
_VERSION: Final = re.compile(r"[0-9]{2,3}\.0")


@attrs.frozen(kw_only=True)
class ClientCredentials:
    """The client credentials flow: an app that acts as the user its admin chose ("Run As")."""

    client_id: str
    client_secret: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class JwtBearer:
    """The JWT bearer flow: *private_key* (PEM) signs for *username*; its certificate is with the app."""

    client_id: str
    username: str
    private_key: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class SalesforceSettings:
    """
    One org.

    *domain* is its My Domain host, such as ``acme.my.salesforce.com``: it is where tokens come from and the
    audience of assertions. *price_book* is the id of the portal's. *unique* are the key fields whose values
    Salesforce itself keeps apart; without the order's among them an unknown outcome rests for
    *doubt_lasts*. A call that did nothing is made again within *retry_for*; that and *read_timeout* (seconds)
    together have to stay below the policy's call time-out. *closes_after* dates new Opportunities.
    *catalogue_age* is how old a price list may be, *quiet_for* how long nothing is sent once the day's calls
    are used up. *ca_file* replaces the system's authorities; *plain_address*, such as
    ``http://127.0.0.1:8080``, sends every call there, for an org on one's own machine.

    Raises:
        ValueError: A field is said to be missing that ordering cannot do without (`salesforce.needs`), the
            domain is no host, the version none, or secrets would be sent in the clear.

    """

    domain: str
    credentials: ClientCredentials | JwtBearer
    price_book: str
    version: str = "66.0"
    names: Names = attrs.field(factory=Names)
    unique: frozenset[Field] = frozenset({Field.ORDER_KEY, Field.CASE_KEY})
    country: str = "Japan"
    connect_timeout: float = 5.0
    read_timeout: float = 20.0
    retry_for: timedelta = timedelta(seconds=5)
    closes_after: timedelta = timedelta(days=30)
    catalogue_age: timedelta = timedelta(minutes=10)
    quiet_for: timedelta = timedelta(minutes=15)
    doubt_lasts: timedelta = timedelta(minutes=10)
    ca_file: Path | None = None
    plain_address: str = ""

    def __attrs_post_init__(self) -> None:
        if missing := tuple(problems_with(self.names)):
            raise ValueError(f"ordering cannot do without these fields: {'; '.join(missing)}")
        if not _HOST.fullmatch(self.domain):
            raise ValueError("domain has to be a host alone, such as acme.my.salesforce.com")
        if not _VERSION.fullmatch(self.version):
            raise ValueError("api_version has to be one of the REST API's, such as 66.0")
        if self.plain_address and urlsplit(self.plain_address).hostname not in HERE:
            raise ValueError(
                "plain_address has to be on this machine, such as http://127.0.0.1:8080: "
                "secrets go there in the clear"
            )
