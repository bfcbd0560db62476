"""Who makes a request, and what they may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from ordering_core.domain.identifiers import CustomerId


class Role(StrEnum):
    """What a token's owner is (DESIGN 3.22)."""

    CUSTOMER = "customer"
    VIEWER = "viewer"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a principal may do beside what everybody may."""

    OWN_ORDERS = "own_orders"
    """Check out, and see one's own orders."""

    RETRY = "retry"
    """Run an order on hold again."""

    CHANGES = "changes"
    """Read what happens to all orders."""

    METRICS = "metrics"
    """Read the figures of a process."""

    COMPLETIONS = "completions"
    """Say what became of lines, in the mobile network's stead; for service keys alone."""


GRANTS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.CUSTOMER: frozenset({Permission.OWN_ORDERS}),
        Role.VIEWER: frozenset(),
        Role.AGENT: frozenset({Permission.RETRY}),
        Role.SUPERVISOR: frozenset({Permission.RETRY}),
        Role.OPERATOR: frozenset({Permission.RETRY, Permission.CHANGES, Permission.METRICS}),
        Role.ADMIN: frozenset({Permission.RETRY, Permission.CHANGES, Permission.METRICS}),
    }
)
"""What each role may do."""


@attrs.frozen(kw_only=True)
class Principal:
    """
    Who makes a request.

    *name* is theirs alone (``user:42``, ``service:billing``). *customer* is set for somebody who may have
    orders of their own.
    """

    name: str
    customer: CustomerId | None = None
    permissions: frozenset[Permission] = frozenset()

    @property
    def kind(self) -> str:
        """``anonymous``, ``user`` or ``service``: what a log may say of them."""
        return self.name.partition(":")[0]


ANONYMOUS: Final = Principal(name="anonymous")
"""Somebody who did not say who they are."""


def user(subject: str, roles: Iterable[Role]) -> Principal:
    """Return the principal *subject* with what its *roles* grant together."""
    permissions = frozenset[Permission]().union(*(GRANTS[role] for role in roles))
    return Principal(
        name=f"user:{subject}",
        customer=CustomerId(subject) if Permission.OWN_ORDERS in permissions else None,
        permissions=permissions,
    )


def service(name: str, permissions: frozenset[Permission]) -> Principal:
    """Return the principal of the service key *name*."""
    return Principal(name=f"service:{name}", permissions=permissions)
