"""
What an event hints at, in the words of ordering (DESIGN 3.2).

A hint is never the truth: it names what to look at again. Nothing of what else an event carries goes on
from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

import attrs

from ordering_adapters.salesforce.events.change_header import RecordsChanged, records_changed
from ordering_adapters.salesforce.events.messages import Event
from ordering_adapters.salesforce.events.record_ids import full_id
from ordering_adapters.salesforce.events.settings import ACCOUNT_CHANGED, ORDER_CHANGED, PROVISION_REQUESTED
from ordering_adapters.salesforce.fields import Field, Names
from ordering_core.domain.identifiers import AccountId, OrderId


ORDER_FIELD: Final = "Order_Id__c"
"""The field of OrderProvisionRequested__e that names the order (deploy/salesforce)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ADDRESS: Final = "BillingAddress"
_OF_ACCOUNTS: Final = "Account."
_ONLY_NAMES: Final = frozenset({Field.ACCOUNT_NAME, Field.ACCOUNT_NUMBER})


@attrs.frozen(kw_only=True)
class ProvisionRequested:
    """The approval flow asks for *order* to be provisioned."""

    event: str
    order: OrderId
    published_at: datetime | None


@attrs.frozen(kw_only=True)
class OrdersChanged:
    """Somebody changed *orders*."""

    event: str
    orders: tuple[OrderId, ...]


@attrs.frozen(kw_only=True)
class AccountsChanged:
    """Somebody changed on *accounts* what their orders depend on."""

    event: str
    accounts: tuple[AccountId, ...]


@attrs.frozen
class AnythingChanged:
    """The event does not tell what changed; *why* says why not, without what it carries."""

    why: str


@attrs.frozen
class NothingOfOurs:
    """The event is about nothing that we look at."""


Hint: TypeAlias = ProvisionRequested | OrdersChanged | AccountsChanged | AnythingChanged | NothingOfOurs


def hint_in(
    topic: str, event: Event, said: Mapping[str, object], fields: Sequence[str], names: Names
) -> Hint:
    """Return what *event* on *topic* hints at; *said* is its payload, *fields* those of its schema."""
    if topic == PROVISION_REQUESTED:
        order = said.get(ORDER_FIELD)
        if not isinstance(order, str) or not order:
            return AnythingChanged(f"{ORDER_FIELD} is empty")
        return ProvisionRequested(
            event=event.id, order=OrderId(full_id(order)), published_at=_published_at(said)
        )
    changed = records_changed(said, fields)
    if changed is None:
        return AnythingChanged("there is no header")
    if changed.all_of_them:
        return AnythingChanged("the bus could not tell which records")
    if topic == ORDER_CHANGED:
        return OrdersChanged(event=event.id, orders=tuple(OrderId(full_id(record)) for record in changed.ids))
    if topic == ACCOUNT_CHANGED and not _concerns_orders(changed, names):
        return NothingOfOurs()
    return AccountsChanged(
        event=event.id, accounts=tuple(AccountId(full_id(record)) for record in changed.ids)
    )


def _concerns_orders(changed: RecordsChanged, names: Names) -> bool:
    """Whether what changed on an Account is anything that its orders depend on."""
    looked_at = {names[field] for field in Field if field.startswith(_OF_ACCOUNTS)}
    looked_at = (looked_at | {_ADDRESS}) - {names[field] for field in _ONLY_NAMES}
    return changed.fields is None or bool(changed.fields & looked_at)


def _published_at(said: Mapping[str, object]) -> datetime | None:
    """Return when the event was made; Salesforce tells it in milliseconds."""
    at = said.get("CreatedDate")
    return _EPOCH + timedelta(milliseconds=at) if isinstance(at, int) else None
