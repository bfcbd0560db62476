"""What ordering does with a hint of the event bus."""

from __future__ import annotations

from typing import assert_never

from ordering_adapters.salesforce.events.hints import (
    AccountsChanged,
    AnythingChanged,
    Hint,
    NothingOfOurs,
    OrdersChanged,
    ProvisionRequested,
)
from ordering_core.application.ordering import Ordering


def told(ordering: Ordering, hint: Hint) -> None:
    """
    Tell *ordering* what *hint* says; telling it twice is the same as once.

    Raises:
        PortError: Something got in the way; tell it again.

    """
    match hint:
        case ProvisionRequested():
            ordering.provision_requested(hint.order, event=hint.event, published_at=hint.published_at)
        case OrdersChanged():
            for order in hint.orders:
                ordering.order_changed(order, event=hint.event)
        case AccountsChanged():
            for account in hint.accounts:
                ordering.account_changed(account, event=hint.event)
        case AnythingChanged():
            ordering.reconcile()
        case NothingOfOurs():
            pass
        case _:
            assert_never(hint)
