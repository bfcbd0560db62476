"""A world to shop in: what customers order in these tests, and how far they have come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

import attrs

from ordering_adapters.memory.world import MemoryWorld
from ordering_core import (
    AddressDraft,
    CheckoutSession,
    CustomerId,
    Draft,
    InternetDraft,
    OrderId,
    Policy,
    PortingDraft,
    SessionId,
    SimDraft,
    Sku,
    VpnDraft,
)
from ordering_core.testing.clocks import ManualClock


WEDNESDAY: Final = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)
"""10:00 in Tokyo."""

EID: Final = "89049032123451234512345678901235"
PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(64)

ESIM: Final = SimDraft(
    skus=(Sku("SIM-DATA-5GB"), Sku("SIM-ACTIVATION")),
    sim_type="eSIM",
    eid=EID,
    activation_type="Immediate",
)
PHYSICAL: Final = attrs.evolve(ESIM, sim_type="Physical SIM", eid=None)
PORTING: Final = PortingDraft(
    reservation_number="1234567890",
    reservation_expires_on=date(2026, 6, 17),
    phone_number="08012345678",
    last_name="山田",
    first_name="太郎",
    last_name_katakana="ヤマダ",
    first_name_katakana="タロウ",
    gender="Male",
    birth_date=date(1990, 4, 1),
)
PORTED_CARD: Final = attrs.evolve(
    PHYSICAL, skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")), porting=PORTING
)
HOME: Final = InternetDraft(
    skus=(Sku("INTERNET-HOME-1G-STANDARD"), Sku("INTERNET-INSTALL-SINGLE")),
    access_mode="IPoE-HGW",
    installation="Single",
)
APARTMENT: Final = attrs.evolve(
    HOME, skus=(Sku("INTERNET-APARTMENT-1G-STANDARD"), Sku("INTERNET-INSTALL-SINGLE"))
)
ROUTER: Final = VpnDraft(skus=(Sku("VPN-US"),), region="US")

OTHER_ADDRESS: Final = AddressDraft(
    postal_code="530-0001", prefecture="Osaka", city="大阪市北区", town_and_number="梅田1-2-3"
)

World = MemoryWorld[ManualClock]


def new_world(*, at: datetime = WEDNESDAY, policy: Policy | None = None) -> World:
    return MemoryWorld(clock=ManualClock(at), policy=policy)


def ready_checkout(world: World, customer: CustomerId, draft: Draft = ESIM) -> CheckoutSession:
    """Return a session of *customer* that nothing keeps from being submitted."""
    session = world.ordering.begin_checkout(draft, customer=customer)
    if isinstance(draft, InternetDraft):
        world.ordering.request_eligibility(session.id, customer=customer)
        offering = "Home 1G" if draft.skus == HOME.skus else "Apartment 1G"
        world.agent.record_eligibility(world.account_of(customer), offering)
    return world.ordering.confirm_address(session.id, customer=customer)


def place(world: World, customer: CustomerId, draft: Draft = ESIM) -> OrderId:
    """Return a submitted order of *customer*."""
    return submitted(world, ready_checkout(world, customer, draft).id, customer)


def submitted(world: World, session: SessionId, customer: CustomerId) -> OrderId:
    order = world.ordering.submit(session, customer=customer).order
    assert order is not None
    return order


def picture(world: World) -> tuple[object, object]:
    """Return everything that *world*'s store and Salesforce hold, to be compared."""
    return inside(world.store._parts), inside(
        {k: v for k, v in vars(world.salesforce).items() if k != "lock"}
    )


def inside(thing: object) -> object:
    """Return what an adapter in memory holds, down to its records."""
    if isinstance(thing, Mapping):
        return {key: inside(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [inside(part) for part in thing]
    if isinstance(thing, set | frozenset):
        # equal sets may be gone through in different orders
        return sorted(repr(inside(part)) for part in thing)
    if attrs.has(type(thing)):
        return thing
    if (
        type(thing).__module__.startswith("ordering_adapters.memory")
        and "clock" not in type(thing).__module__
    ):
        return {name: inside(value) for name, value in vars(thing).items() if name not in {"_log", "_clock"}}
    return None if callable(thing) else repr(thing)
