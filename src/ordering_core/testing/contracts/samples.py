"""Complete records to keep and to read back: every kind of field, Japanese text, microseconds, exact yen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from ordering_core.domain.address import PostalAddress, PostalCode
from ordering_core.domain.catalogue import Product
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.drafts import Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.events import EventKind, OrderEvent, Source
from ordering_core.domain.identifiers import (
    AccountId,
    BillingOrderId,
    BillingProductId,
    CustomerId,
    OpportunityId,
    OrderId,
    OrderItemId,
    RequestKey,
    ServiceId,
    SessionId,
    SimCardId,
    Sku,
    Version,
)
from ordering_core.domain.journal import Runner, Subject, SubjectKind
from ordering_core.domain.opportunity import OpenNew, UseExisting
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.domain.orders import ActivationFields, AssignedSim, NewOrder, OrderLine, OrderSnapshot
from ordering_core.domain.quote import Amount, Quote
from ordering_core.domain.vocabulary import (
    BillingCycle,
    ItemClass,
    Offering,
    OrderStatusText,
    OrderType,
    PlanKind,
    ProductOption,
)
from ordering_core.ports.checkout_records import Placement, PlacementState
from ordering_core.ports.order_records import ProjectedOrder


START: Final = datetime(2026, 6, 3, 1, 0, 0, 123456, tzinfo=UTC)
"""A Wednesday, 10:00 in Tokyo, with microseconds that a store has to keep."""

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)

PLAN: Final = Sku("SIM-DV-10")
VOICE_MAIL: Final = Sku("SIM-OPT-VM")

PRICES: Final[Mapping[Sku, Decimal]] = MappingProxyType({PLAN: Decimal(1980), VOICE_MAIL: Decimal(300)})

ADDRESS: Final = PostalAddress(
    postal_code=PostalCode("1500001"),
    prefecture="東京都",
    city="渋谷区",
    town_and_number="神宮前1-2-3",
    building="青山マンション",
    room="405",
)

SIM_DRAFT: Final = SimDraft(
    skus=(PLAN, VOICE_MAIL),
    sim_type="eSIM",
    eid="89049032000001000000012345678901",
    activation_type="Scheduled",
    scheduled_on=date(2026, 6, 10),
    voice_mail=True,
    porting=PortingDraft(
        reservation_number="1234567890",
        reservation_expires_on=date(2026, 6, 17),
        phone_number="09012345678",
        last_name="髙橋",
        first_name="さくら",
        last_name_katakana="タカハシ",
        first_name_katakana="サクラ",
        gender="Female",
        birth_date=date(1990, 2, 28),
    ),
)

DRAFTS: Final[Mapping[str, Draft]] = MappingProxyType(
    {
        "SIM with MNP": SIM_DRAFT,
        "empty SIM": SimDraft(),
        "Internet": InternetDraft(
            skus=(Sku("NET-HOME-1G"),), access_mode="IPoE-HGW", hikari_denwa=True, notes="玄関は裏\n2階"
        ),
        "VPN": VpnDraft(skus=(Sku("VPN-US"),), region="US"),
    }
)
"""A draft of every kind, one of them empty."""

QUOTE: Final = Quote(
    lines=(
        Product(
            sku=PLAN,
            name="データ+音声 10GB",
            order_type=OrderType.SIM,
            item_class=ItemClass.SERVICE,
            cycle=BillingCycle.MONTHLY,
            price=PRICES[PLAN],
            billing_product=BillingProductId(71),
            offerings=frozenset({Offering.HOME_1G}),
            plan_kind=PlanKind.DATA_AND_VOICE,
            data_gb=10,
            network_plan="PASI_10G",
            option=ProductOption.VOICE_MAIL,
            bundles=frozenset({VOICE_MAIL}),
        ),
    ),
    monthly=Amount(net=Decimal(1980), tax=Decimal(198)),
    one_time=Amount(net=Decimal(0), tax=Decimal(0)),
    first_bill=Amount(net=Decimal(1980), tax=Decimal(198)),
    catalogue_version="2026-06-01",
    quoted_at=START,
)


def session(name: str = "one", *, draft: Draft = SIM_DRAFT) -> CheckoutSession:
    """Return a checkout session with every field filled."""
    return CheckoutSession(
        id=SessionId(f"session-{name}"),
        draft=draft,
        owner=CustomerId(f"customer-{name}"),
        request_key=RequestKey(f"key-{name}"),
        prices=dict(PRICES),
        created_at=START,
        expires_at=START + timedelta(hours=24),
        address=ADDRESS,
        address_confirmed=True,
        eligibility_requested_at=START + SECOND,
    )


def placement(
    name: str = "one", *, opportunity: OpportunityId | None = None, draft: Draft = SIM_DRAFT
) -> Placement:
    """Return a submit that is being placed."""
    return Placement(
        key=RequestKey(f"key-{name}"),
        session=SessionId(f"session-{name}"),
        customer=CustomerId(f"customer-{name}"),
        order=NewOrder(
            request_key=RequestKey(f"key-{name}"),
            account=AccountId("001A"),
            order_type=draft.order_type,
            status=OrderStatusText.DRAFT,
            link=UseExisting(opportunity) if opportunity else OpenNew(draft.order_type, "Portal"),
            draft=draft,
            quote=QUOTE,
            effective_date=date(2026, 6, 3),
            address=ADDRESS,
            update_account=True,
        ),
        state=PlacementState.PLACING,
        runner=Runner(f"runner-{name}"),
        since=START,
        settles_at=START + 2 * MINUTE,
        opportunity=opportunity,
    )


def projected(
    name: str = "one",
    *,
    account: str = "001A",
    order_type: OrderType = OrderType.SIM,
    state: OrderState = OrderState.UNDER_REVIEW,
    number: str = "00000101",
    created_at: datetime = START,
    as_of: datetime = START,
) -> ProjectedOrder:
    """Return the copy of an order with every field filled."""
    snapshot = OrderSnapshot(
        id=OrderId(f"801-{name}"),
        number=number,
        account=AccountId(account),
        opportunity=OpportunityId(f"006-{name}"),
        order_type=order_type,
        status="Pending Review",
        activation=ActivationFields(status="Scheduled", scheduled_at=START + MINUTE, error_message="確認中"),
        last_attempt_at=START,
        draft=SIM_DRAFT,
        lines=(
            OrderLine(
                id=OrderItemId(f"802-{name}"),
                sku=PLAN,
                name="データ+音声 10GB",
                item_class=ItemClass.SERVICE,
                cycle=BillingCycle.MONTHLY,
                unit_price=Decimal(1980),
                service=ServiceId(9001),
            ),
        ),
        request_key=RequestKey(f"key-{name}"),
        sim=AssignedSim(
            id=SimCardId("a01"),
            iccid="8981300000000000000",
            product_number="PN-1",
            phone_number="08012345678",
            shipped_at=START + SECOND,
        ),
        mnp_application="Requested",
        billing_order=BillingOrderId(5001),
        address=ADDRESS,
        effective_date=date(2026, 6, 3),
        created_at=created_at,
        version=Version("2026-06-03T01:00:00.000+0000"),
        description="要確認",
    )
    return ProjectedOrder(snapshot=snapshot, status=OrderStatus(state), as_of=as_of)


def event(order: str = "801-one", *, detail: str = "") -> OrderEvent:
    """Return an event that is not in the log yet."""
    return OrderEvent(
        order=OrderId(order),
        account=AccountId("001A"),
        kind=EventKind.STATUS_CHANGED,
        at=START,
        source=Source.OBSERVED,
        status=OrderStatus(OrderState.APPROVED),
        before=OrderStatus(OrderState.UNDER_REVIEW),
        by="agent",
        why="承認",
        detail=detail,
    )


def subject(name: str = "801-one", *, kind: SubjectKind = SubjectKind.ORDER) -> Subject:
    """Return a subject of outside effects."""
    return Subject(kind, name)
