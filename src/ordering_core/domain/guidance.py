"""
What the customer is told about an order: label, next steps, notices, and why it was stopped.

The installation-scheduling line is for Internet only and every promise is 1 business day (DESIGN 3.22). Order
notes are for agents and never reach a customer (DESIGN 3.6).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, assert_never

from ordering_core.domain import texts
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.domain.texts import Language, Text
from ordering_core.domain.vocabulary import ItemClass, OrderType


_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_FEE_CLASSES: Final = frozenset({ItemClass.INSTALLATION, ItemClass.ACTIVATION})


def label(order_type: OrderType, status: OrderStatus, *, language: Language = Language.ENGLISH) -> str:
    """Return the words of the order's status pill (DESIGN 4, table)."""
    if status.for_customer:
        text = texts.ACTION_NEEDED
    elif status.state is OrderState.SCHEDULED and order_type is OrderType.INTERNET:
        text = texts.INSTALLATION_SCHEDULED
    else:
        text = texts.LABELS[status.state]
    return text.in_language(language)


def success_banner(order_type: OrderType, *, language: Language = Language.ENGLISH) -> tuple[str, ...]:
    """Return the lines under *Order submitted* (seed "Order Confirmation and Tracking")."""
    internet_only = (texts.INSTALLATION_AFTER_APPROVAL,) if order_type is OrderType.INTERNET else ()
    return tuple(line.in_language(language) for line in (*texts.SUCCESS_BANNER, *internet_only))


def next_steps(
    order_type: OrderType,
    status: OrderStatus,
    *,
    scheduled_on: date | None = None,
    sim_on_its_way: bool = False,
    language: Language = Language.ENGLISH,
) -> tuple[str, ...]:
    """
    Return what happens next, as the customer reads it (seed "Next Steps").

    *scheduled_on* is the agreed JST date, if there is one. *sim_on_its_way* says that a card was assigned to
    which a number moves once the customer holds it (DESIGN 3.5).
    """
    day = _date(scheduled_on, language) if scheduled_on else ""
    return tuple(
        text.in_language(language).replace("{date}", day)
        for text in _next_steps(order_type, status, dated=bool(day), sim_on_its_way=sim_on_its_way)
    )


def notices(
    order_type: OrderType, items: Iterable[ItemClass], *, language: Language = Language.ENGLISH
) -> tuple[str, ...]:
    """
    Return the installation fee notice when *items* install or activate something, else nothing.

    It is for Internet only: nobody comes to install a SIM or a router (seed "Installation Fee Notice").
    """
    if order_type is not OrderType.INTERNET or _FEE_CLASSES.isdisjoint(items):
        return ()
    return (texts.INSTALLATION_FEE_NOTICE.in_language(language),)


def stop_reason(
    status: OrderStatus,
    *,
    decided: str = "",
    reason_code: str | None = None,
    language: Language = Language.ENGLISH,
) -> str | None:
    """
    Return why the order was stopped, as its customer reads it; None while it is not (DESIGN 3.6).

    *decided* is the sentence written for the customer with our own decision, if we made one. Else
    *reason_code* decides, the text of Rejection_Reason__c; what is not in our list of codes is not shown.
    """
    if status.state not in {OrderState.REJECTED, OrderState.CANCELLED}:
        return None
    if decided:
        return decided
    rejected = status.state is OrderState.REJECTED
    neutral = texts.NEUTRAL_REJECTION if rejected else texts.NEUTRAL_CANCELLATION
    return texts.STOP_REASONS.get(reason_code or "", neutral).in_language(language)


def _next_steps(
    order_type: OrderType, status: OrderStatus, *, dated: bool, sim_on_its_way: bool
) -> tuple[Text, ...]:
    """Choose the sentences for *status*."""
    match status.state:
        case OrderState.UNDER_REVIEW:
            later = (texts.INSTALLATION_AFTER_APPROVAL,) if order_type is OrderType.INTERNET else ()
            return (texts.WITHIN_ONE_DAY, *later)
        case OrderState.APPROVED | OrderState.AWAITING_SIM_ASSIGNMENT:
            return (texts.SIM_ON_ITS_WAY if sim_on_its_way else texts.APPROVED_NEXT[order_type],)
        case OrderState.SCHEDULED:
            return (texts.SCHEDULED_FOR[order_type] if dated else texts.DATE_TO_COME,)
        case OrderState.ACTIVATING:
            return (texts.SETTING_UP,)
        case OrderState.ON_HOLD:
            return (texts.ACT_TO_CONTINUE if status.for_customer else texts.WE_ARE_ON_IT,)
        case OrderState.ACTIVATED:
            return (texts.ACTIVE_NOW,)
        case OrderState.REJECTED:
            return (texts.NOT_CHARGED,)
        case OrderState.CANCELLED:
            return (texts.CONTACT_US,)
        case OrderState.UNKNOWN:
            return (texts.WE_ARE_ON_IT,)
        case _:
            assert_never(status.state)


def _date(day: date, language: Language) -> str:
    """Write *day* as a reader of *language* does: 5 March 2027, 2027年3月5日."""
    if language is Language.JAPANESE:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
