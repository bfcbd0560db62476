"""How the event bus is followed: where it is, and how long is waited for what."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs

from ordering_adapters.salesforce.settings import HERE


PROVISION_REQUESTED: Final = "/event/OrderProvisionRequested__e"
ORDER_CHANGED: Final = "/data/OrderChangeEvent"
ACCOUNT_CHANGED: Final = "/data/AccountChangeEvent"

MOST_REQUESTED: Final = 100
"""Events that may be asked for and not yet sent; the bus takes more for as many (reference 4.3)."""


@attrs.frozen(kw_only=True)
class BusSettings:
    """
    One org's event bus.

    *ca_file* replaces the system's authorities; *plaintext* is for a bus on one's own machine. *batch* events
    at most are outstanding. A stream without a word for *silence* is dead: the bus itself speaks every 270
    seconds. After a failure the next try comes after *first_delay*, then after twice as long each time, up
    to *longest_delay*; once the day's deliveries are used up, after *quiet_for*. Who follows the bus says so
    every *renew_every*; whoever has not for *lease_lasts* has lost it to the next one, which looks every
    *look_every*.

    Raises:
        ValueError: *batch* is none of 1 to 100, a lease does not outlast two renewals, or a token would be
            sent to another machine in the clear.

    """

    address: str = "api.pubsub.salesforce.com:7443"
    plaintext: bool = False
    ca_file: Path | None = None
    topics: tuple[str, ...] = (PROVISION_REQUESTED, ORDER_CHANGED, ACCOUNT_CHANGED)
    batch: int = MOST_REQUESTED
    silence: timedelta = timedelta(seconds=300)
    first_delay: timedelta = timedelta(milliseconds=500)
    longest_delay: timedelta = timedelta(seconds=60)
    quiet_for: timedelta = timedelta(minutes=15)
    lease_lasts: timedelta = timedelta(seconds=8)
    renew_every: timedelta = timedelta(seconds=2)
    look_every: timedelta = timedelta(seconds=1)

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.batch <= MOST_REQUESTED:
            raise ValueError(f"batch has to be between 1 and {MOST_REQUESTED}")
        if self.lease_lasts <= 2 * self.renew_every:
            raise ValueError("a lease has to last longer than two renewals")
        if self.plaintext and self.address.rpartition(":")[0].strip("[]") not in HERE:
            raise ValueError(
                "events_plaintext is for an events_address on this machine, such as 127.0.0.1:7443: "
                "tokens go there in the clear"
            )
