"""Every action this installation knows, by its name in lower case: WHMCS takes names in any case."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ordering_sandbox.whmcs.actions import (
    cancellations,
    clients,
    invoice_reading,
    invoices,
    modules,
    order_life,
    ordering,
    orders,
    pay_methods,
    products,
    services,
    sso,
    system,
    users,
)
from ordering_sandbox.whmcs.listing import Handler


@attrs.frozen
class Action:
    """One action: its name as it is documented, and what does it."""

    name: str
    handler: Handler


_MODULES: Final = (
    cancellations,
    clients,
    invoice_reading,
    invoices,
    modules,
    order_life,
    ordering,
    orders,
    pay_methods,
    products,
    services,
    sso,
    system,
    users,
)

KNOWN: Final[Mapping[str, Action]] = MappingProxyType(
    {name.lower(): Action(name, handler) for module in _MODULES for name, handler in module.ACTIONS.items()}
)
