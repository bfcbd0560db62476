"""An order as Salesforce holds it, read into a snapshot: what to select, and what the fields mean."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeVar

from ordering_adapters.salesforce.addresses import ORDER_ADDRESS, address_in
from ordering_adapters.salesforce.fields import PORTING, Field, Names
from ordering_adapters.salesforce.order_versions import Guard
from ordering_adapters.salesforce.rows import Record
from ordering_core.domain.calendar import business_date
from ordering_core.domain.drafts import Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.identifiers import (
    AccountId,
    BillingOrderId,
    OpportunityId,
    OrderId,
    OrderItemId,
    RequestKey,
    ServiceId,
    SimCardId,
    Sku,
)
from ordering_core.domain.orders import ActivationFields, AssignedSim, OrderLine, OrderSnapshot
from ordering_core.domain.vocabulary import ActivationType, BillingCycle, ItemClass, OrderType


Word = TypeVar("Word", ItemClass, BillingCycle)

PAGE: Final = 200
"""Orders read in one call: Salesforce answers with no more of them at once, for each brings its items."""

ITEMS: Final = "OrderItems"
PRODUCT: Final = "Product2"

_ORDER: Final = (
    Field.ORDER_NUMBER,
    Field.ORDER_ACCOUNT,
    Field.ORDER_OPPORTUNITY,
    Field.ORDER_TYPE,
    Field.ORDER_STATUS,
    Field.ORDER_EFFECTIVE_ON,
    Field.ORDER_DESCRIPTION,
    Field.ORDER_CREATED_AT,
    Field.ORDER_STAMP,
    Field.ORDER_KEY,
    Field.ORDER_REJECTION_REASON,
    Field.ORDER_PRIORITY,
    Field.BILLING_ORDER,
    Field.ACTIVATION_TYPE,
    Field.ACTIVATION_STATUS,
    Field.ACTIVATION_SCHEDULED_AT,
    Field.ACTIVATION_ERROR_CODE,
    Field.ACTIVATION_ERROR_MESSAGE,
    Field.ACTIVATION_LAST_ATTEMPT_AT,
    Field.ACCESS_MODE,
    Field.INSTALLATION,
    Field.WEEKEND_INSTALL,
    Field.HIKARI_DENWA,
    Field.SIM_TYPE,
    Field.EID,
    Field.VOICE_MAIL,
    Field.CALL_WAITING,
    Field.MNP_APPLICATION,
    *PORTING,
    Field.VPN_REGION,
    Field.ADDRESS_CHANGED,
    *ORDER_ADDRESS.all,
)
CARD: Final = (
    Field.CARD_ICCID,
    Field.CARD_PRODUCT_NUMBER,
    Field.CARD_PHONE_NUMBER,
    Field.CARD_STATUS,
    Field.CARD_ORDER,
    Field.CARD_SHIPPED_AT,
    Field.CARD_DELIVERED_AT,
)
"""What is read of a card in the inventory."""

_ITEM: Final = (Field.ITEM_PRICE, Field.ITEM_QUANTITY, Field.ITEM_CYCLE, Field.ITEM_SERVICE)
_ITEM_PRODUCT: Final = (Field.PRODUCT_SKU, Field.PRODUCT_NAME, Field.PRODUCT_CLASS, Field.PRODUCT_CYCLE)


def select_orders(names: Names) -> str:
    """Return the SELECT of orders with their items and cards, up to and without its WHERE."""
    parts = [names.selected(*_ORDER)]
    if names.has(Field.ASSIGNED_CARD):
        parts.append(names.selected(*CARD, of=names.relationship(Field.ASSIGNED_CARD)))
    items = f"{names.selected(*_ITEM)}, {names.selected(*_ITEM_PRODUCT, of=PRODUCT)}"
    parts.append(f"(SELECT {items} FROM {ITEMS} ORDER BY {names[Field.ITEM_NUMBER]})")
    return f"SELECT {', '.join(parts)} FROM Order"


def snapshot_of(record: Record) -> OrderSnapshot | None:
    """Return the order in *record*; None when it is of a type that the portal does not sell."""
    order_type = record.text(Field.ORDER_TYPE)
    effective, created = record.day(Field.ORDER_EFFECTIVE_ON), record.instant(Field.ORDER_CREATED_AT)
    if order_type not in set(OrderType) or effective is None or created is None:
        return None
    lines = tuple(_line(item) for item in record.children(ITEMS))
    key = record.text(Field.ORDER_KEY)
    billing_order = record.whole(Field.BILLING_ORDER)
    opportunity = record.text(Field.ORDER_OPPORTUNITY)
    return OrderSnapshot(
        id=OrderId(record.id),
        number=record.raw(Field.ORDER_NUMBER),
        account=AccountId(record.raw(Field.ORDER_ACCOUNT)),
        opportunity=OpportunityId(opportunity) if opportunity else None,
        order_type=OrderType(order_type),
        status=record.text(Field.ORDER_STATUS),
        activation=ActivationFields(
            status=record.text(Field.ACTIVATION_STATUS),
            scheduled_at=record.instant(Field.ACTIVATION_SCHEDULED_AT),
            error_code=record.text(Field.ACTIVATION_ERROR_CODE),
            error_message=record.text(Field.ACTIVATION_ERROR_MESSAGE),
        ),
        last_attempt_at=record.instant(Field.ACTIVATION_LAST_ATTEMPT_AT),
        draft=_draft(record, OrderType(order_type), tuple(line.sku for line in lines)),
        lines=lines,
        request_key=RequestKey(key) if key else None,
        sim=_card(record),
        mnp_application=record.text(Field.MNP_APPLICATION),
        billing_order=None if billing_order is None else BillingOrderId(billing_order),
        address=address_in(record, ORDER_ADDRESS),
        address_changed=record.flag(Field.ADDRESS_CHANGED),
        effective_date=effective,
        created_at=created,
        version=Guard.of(record).version,
        rejection_reason=record.text(Field.ORDER_REJECTION_REASON),
        description=record.text(Field.ORDER_DESCRIPTION),
        priority=record.flag(Field.ORDER_PRIORITY),
    )


def _line(item: Record) -> OrderLine:
    product = item.parent(PRODUCT) or Record(item.names, {})
    service = item.whole(Field.ITEM_SERVICE)
    cycle = item.text(Field.ITEM_CYCLE) or product.text(Field.PRODUCT_CYCLE)
    return OrderLine(
        id=OrderItemId(item.id),
        sku=Sku(product.raw(Field.PRODUCT_SKU)),
        name=product.raw(Field.PRODUCT_NAME),
        # An item of a class that nobody knows is no main service, whatever else it may be.
        item_class=_word(ItemClass, product.text(Field.PRODUCT_CLASS), ItemClass.ADD_ON),
        cycle=_word(BillingCycle, cycle, BillingCycle.ONE_TIME),
        unit_price=item.number(Field.ITEM_PRICE) or Decimal(0),
        quantity=item.whole(Field.ITEM_QUANTITY) or 1,
        service=None if service is None else ServiceId(service),
    )


def _word(words: type[Word], text: str | None, otherwise: Word) -> Word:
    return next((word for word in words if word == text), otherwise)


def _card(record: Record) -> AssignedSim | None:
    card = record.parent(record.names.relationship(Field.ASSIGNED_CARD))
    return None if card is None else card_in(card)


def card_in(card: Record) -> AssignedSim:
    """Return the card in a record of the inventory."""
    order = card.text(Field.CARD_ORDER)
    return AssignedSim(
        id=SimCardId(card.id),
        iccid=card.raw(Field.CARD_ICCID),
        product_number=card.raw(Field.CARD_PRODUCT_NUMBER),
        phone_number=card.text(Field.CARD_PHONE_NUMBER),
        order=OrderId(order) if order else None,
        stock_status=card.text(Field.CARD_STATUS) or "",
        shipped_at=card.instant(Field.CARD_SHIPPED_AT),
        delivered_at=card.instant(Field.CARD_DELIVERED_AT),
    )


def _draft(record: Record, order_type: OrderType, skus: tuple[Sku, ...]) -> Draft:
    match order_type:
        case OrderType.INTERNET:
            return InternetDraft(
                skus=skus,
                access_mode=record.text(Field.ACCESS_MODE),
                installation=record.text(Field.INSTALLATION),
                weekend_install=record.flag(Field.WEEKEND_INSTALL),
                hikari_denwa=record.flag(Field.HIKARI_DENWA),
                notes=record.text(Field.ORDER_DESCRIPTION) or "",
            )
        case OrderType.SIM:
            activation = record.text(Field.ACTIVATION_TYPE)
            scheduled = record.instant(Field.ACTIVATION_SCHEDULED_AT)
            by_date = activation == ActivationType.SCHEDULED and scheduled is not None
            return SimDraft(
                skus=skus,
                sim_type=record.text(Field.SIM_TYPE),
                eid=record.text(Field.EID),
                activation_type=activation,
                scheduled_on=business_date(scheduled) if by_date and scheduled else None,
                voice_mail=record.flag(Field.VOICE_MAIL),
                call_waiting=record.flag(Field.CALL_WAITING),
                porting=_porting(record),
            )
        case OrderType.VPN:
            return VpnDraft(skus=skus, region=record.text(Field.VPN_REGION))


def _porting(record: Record) -> PortingDraft | None:
    if not any(record.raw(field) for field in PORTING):
        return None
    return PortingDraft(
        reservation_number=record.text(Field.MNP_RESERVATION_NUMBER),
        reservation_expires_on=record.day(Field.MNP_EXPIRES_ON),
        phone_number=record.text(Field.MNP_PHONE_NUMBER),
        mvno_account_number=record.text(Field.MVNO_ACCOUNT_NUMBER),
        last_name=record.text(Field.PORTING_LAST_NAME),
        first_name=record.text(Field.PORTING_FIRST_NAME),
        last_name_katakana=record.text(Field.PORTING_LAST_NAME_KATAKANA),
        first_name_katakana=record.text(Field.PORTING_FIRST_NAME_KATAKANA),
        gender=record.text(Field.PORTING_GENDER),
        birth_date=record.day(Field.PORTING_BIRTH_DATE),
    )
