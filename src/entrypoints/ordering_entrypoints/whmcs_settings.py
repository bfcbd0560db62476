"""What a process is told of its WHMCS installation (``ORDERING_WHMCS_…``)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import attrs

from ordering_core.domain.policy import Policy


class MarkPlace(StrEnum):
    """Where the mark of a line is kept (DESIGN 3.21)."""

    CUSTOM_FIELD = "custom_field"
    DOMAIN = "domain"


@attrs.frozen(kw_only=True)
class WhmcsVariables:
    """
    One installation: where it is, who we are there, and what is different about it.

    *url* is the address of the installation, *identifier* and *secret* an API credential, *access_key* what
    lets in from an address that is not on its list. *fields_file* is a TOML file with ``[names]``, what our
    custom fields are called there, and ``[products.202]``, their ids on one product. *timeout* is for one
    call.
    """

    url: str
    identifier: str
    secret: str = attrs.field(repr=False)
    access_key: str | None = attrs.field(default=None, repr=False)
    mark: MarkPlace = MarkPlace.CUSTOM_FIELD
    fields_file: Path | None = None
    card_page: str = "index.php?rp=/account/paymentmethods"
    currency: str = "JPY"
    timeout: timedelta = timedelta(seconds=20)
    connect_timeout: timedelta = timedelta(seconds=5)
    concurrency: int = 4
    ca_file: Path | None = None

    def problem_with(self, policy: Policy) -> str | None:
        """Return why *policy* does not go with this installation, or None."""
        if self.timeout + self.connect_timeout > policy.call_timeout:
            return (
                "ORDERING_WHMCS_TIMEOUT and ORDERING_WHMCS_CONNECT_TIMEOUT together have to be at most "
                "ORDERING_POLICY_CALL_TIMEOUT, or a call could arrive after others were told it cannot"
            )
        return None
