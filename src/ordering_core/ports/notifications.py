"""Telling customers by mail."""

from __future__ import annotations

from abc import abstractmethod
from enum import StrEnum
from typing import Protocol

import attrs

from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import OrderType


class NotificationKind(StrEnum):
    """What a customer is told (DESIGN 5, Notifications)."""

    RECEIVED = "received"
    APPROVED = "approved"
    DATE_SET = "date_set"
    ACTION_NEEDED = "action_needed"
    CARD_REJECTED = "card_rejected"
    ELIGIBILITY_RESULT = "eligibility_result"
    ACTIVE = "active"
    STOPPED = "stopped"


@attrs.frozen(kw_only=True)
class Notification:
    """One mail; *key* is what makes it the same mail, *detail* a date or a sentence for the customer."""

    key: str
    kind: NotificationKind
    recipient: str = attrs.field(repr=False)
    order: OrderId | None = None
    order_number: str = ""
    order_type: OrderType | None = None
    detail: str = ""

    __repr__ = shown


class Notifications(Protocol):
    """Sends mail to customers."""

    @abstractmethod
    def send(self, notification: Notification, /) -> None:
        """
        Hand the mail over; sending again under one key may send it again, so the journal asks first.

        Raises:
            Unavailable: It was not handed over.

            OutcomeUnknown: It may have been handed over.

            Refused: It will never be taken (for example the address is malformed).

        """
        ...
