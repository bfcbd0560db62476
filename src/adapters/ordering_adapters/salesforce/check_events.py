"""
Whether events arrive: one is published about an order that nobody has, and looked for on the bus.

Whoever follows the bus meanwhile reads that order, finds none, and passes on. Nothing of the org is changed.
"""

from __future__ import annotations

import secrets
import string
import time

from collections.abc import Iterator
from threading import Timer
from typing import Final

from ordering_adapters.salesforce.check import EventCheck
from ordering_adapters.salesforce.errors import Failure
from ordering_adapters.salesforce.events.bus import BusFault, EventBus, Stream
from ordering_adapters.salesforce.events.messages import Event
from ordering_adapters.salesforce.events.payloads import Payloads, Unreadable
from ordering_adapters.salesforce.events.settings import MOST_REQUESTED, PROVISION_REQUESTED, BusSettings
from ordering_adapters.salesforce.org import SalesforceOrg
from ordering_adapters.salesforce.org_problems import (
    EVENT,
    EVENT_ORDER,
    PERMISSION_SET,
    OrgProblem,
    Problem,
)


_LETTERS: Final = string.ascii_letters + string.digits
_ID_LENGTH: Final = 15
_ORDERS: Final = "801"


def check_events(org: SalesforceOrg, settings: BusSettings, *, within: float) -> EventCheck:
    """
    Publish an event in *org* and see that it arrives over the bus of *settings* *within* so many seconds.

    The user needs the right to create the event beside the one to read it.

    Raises:
        Unavailable: The org cannot be asked.

    """
    mark = _ORDERS + "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH - len(_ORDERS)))
    began = time.monotonic()
    failure = org.publish(EVENT, {EVENT_ORDER: mark})
    if failure is not None:
        return EventCheck(problem=_not_published(failure))
    bus = EventBus(settings, org.tokens)
    try:
        stream = bus.subscribe(PROVISION_REQUESTED, None, MOST_REQUESTED)
        giving_up = Timer(within, stream.end)
        giving_up.start()
        try:
            payloads = Payloads(bus.schema)
            arrived = any(_order_of(event, payloads) == mark for event in _events(stream))
        finally:
            giving_up.cancel()
            stream.end()
    except BusFault as fault:
        reason = f"the bus says {fault}" if fault.status != "CANCELLED" else ""
        return EventCheck(problem=_not_received(within, reason))
    finally:
        bus.close()
    if arrived:
        return EventCheck(seconds=time.monotonic() - began)
    return EventCheck(problem=_not_received(within, "the bus ended the subscription"))


def _events(stream: Stream) -> Iterator[Event]:
    """Yield the events kept, earliest first, and then new ones."""
    for answer in stream:
        yield from answer.events
        if answer.events:
            stream.ask(len(answer.events))


def _order_of(event: Event, payloads: Payloads) -> object:
    try:
        said, _ = payloads.read(event)
    except Unreadable:
        return None
    return said.get(EVENT_ORDER)


def _not_published(failure: Failure) -> OrgProblem:
    return OrgProblem(
        code=Problem.EVENT_NOT_PUBLISHED,
        where=EVENT,
        what=f"no event could be published to look for ({failure.code})",
        remedy=f"give the user {PERMISSION_SET}, with the right to create the event",
    )


def _not_received(within: float, reason: str) -> OrgProblem:
    return OrgProblem(
        code=Problem.EVENT_NOT_RECEIVED,
        where=PROVISION_REQUESTED,
        what=f"an event was published and did not arrive in {within:g} s{f': {reason}' if reason else ''}",
        remedy=(
            "see that this machine reaches the bus (ORDERING_SALESFORCE_EVENTS_ADDRESS), that the user may"
            " read the event, and that the day's deliveries are not used up (Setup, Platform Events)"
        ),
    )
