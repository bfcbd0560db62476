"""How to reach a WHMCS installation and what is different about it."""

from __future__ import annotations

import re

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

import attrs

from ordering_core.domain.identifiers import BillingProductId


class Mark(StrEnum):
    """Where the mark of a line is kept, by which it is found again (DESIGN 3.21)."""

    CUSTOM_FIELD = "custom_field"
    """In custom fields of the product, with the order reference in the order's notes too."""

    DOMAIN = "domain"
    """In the domain of the service, for an installation that keeps no custom fields of an AddOrder."""


class FieldName(StrEnum):
    """The custom fields of products that we write, as the documents name them."""

    ITEM = "SalesforceOrderItemId"
    ORDER = "SalesforceOrderId"
    OPPORTUNITY = "OpportunityId"


_NO_NUMBERS: Final[Mapping[BillingProductId, Mapping[str, int]]] = MappingProxyType({})
_ACCESS_KEY: Final = re.compile(r"[A-Za-z0-9!@#$%.()*\[\]_-]*")
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@attrs.frozen(kw_only=True)
class WhmcsSettings:
    """
    One installation.

    *url* is its address as a browser opens it, such as ``https://billing.example/``; the API is at
    ``includes/api.php`` beneath it. *identifier* and *secret* are an API credential, *access_key* lets in
    from an address that is not on the list. *names* are what the installation calls our custom fields, and
    *field_numbers* their ids on each product, for fields that GetProducts does not list. *card_page* is the
    page for adding a card, reached through single sign-on. *timeout* (seconds) is for one whole call, and has
    to stay below the policy's call time-out with *connect_timeout*; *concurrency* is how many calls there are
    at a time. *quiet_for* is how long nothing is sent after WHMCS refused who we are. *products_age* is how
    long the ids of custom fields are remembered. *ca_file* replaces the system's authorities.

    Raises:
        ValueError: The address or the access key cannot be one, or secrets would be sent in the clear.

    """

    url: str
    identifier: str
    secret: str = attrs.field(repr=False)
    access_key: str = attrs.field(default="", repr=False)
    mark: Mark = Mark.CUSTOM_FIELD
    names: Mapping[FieldName, str] = attrs.field(factory=lambda: {name: name.value for name in FieldName})
    field_numbers: Mapping[BillingProductId, Mapping[str, int]] = _NO_NUMBERS
    currency: str = "JPY"
    country: str = "JP"
    card_page: str = "index.php?rp=/account/paymentmethods"
    timeout: float = 20.0
    connect_timeout: float = 5.0
    concurrency: int = 4
    page_size: int = 100
    products_age: timedelta = timedelta(minutes=10)
    quiet_for: timedelta = timedelta(minutes=15)
    ca_file: Path | None = None

    def __attrs_post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("url has to be an address such as https://billing.example/")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("url has to be an address alone, without user, password or query")
        if parts.scheme == "http" and not self.is_on_this_machine:
            raise ValueError("url has to begin with https: the secret goes over the network")
        if not _ACCESS_KEY.fullmatch(self.access_key):
            raise ValueError("access_key has letters, digits and ! @ # $ % . ( ) * [ ] - _ only")
        if self.concurrency < 1 or self.page_size < 1:
            raise ValueError("concurrency and page_size have to be 1 or more")

    @property
    def base(self) -> str:
        """The address with one slash at its end."""
        return self.url.rstrip("/") + "/"

    @property
    def is_on_this_machine(self) -> bool:
        """Whether calls never leave this machine."""
        return urlsplit(self.url).hostname in _HERE
