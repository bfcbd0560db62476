"""The services that an installation holds already; nothing is written (DESIGN 3.18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.errors import Code
from ordering_adapters.whmcs.looking import Look
from ordering_adapters.whmcs.products import WhmcsProducts
from ordering_adapters.whmcs.remembered import Remembered
from ordering_adapters.whmcs.values import count, rows, whole
from ordering_core.domain.billing import BilledService
from ordering_core.domain.identifiers import ClientId, ServiceId
from ordering_core.errors import PortError, Refused
from ordering_core.ports.go_live import ServicesBefore


FEW: Final = 20
"""Clients who are asked about one by one, whatever else there is."""

MOST_ROWS: Final = 20_000
"""More services or clients than these are never read at once: they move while they are read."""

BELIEVED: Final = timedelta(minutes=10)
"""How long what was read at once is believed."""

_NEVER: Final = float("inf")
"""Calls after which everything is read at once, where it cannot be."""


@attrs.frozen(kw_only=True)
class _Everybody:
    """All services by their clients, and all clients, as they were read *at* an instant."""

    at: datetime
    services: Mapping[ClientId, tuple[BilledService, ...]] = attrs.field(repr=False)
    clients: frozenset[ClientId]


class WhmcsServicesBefore(ServicesBefore):
    """
    The services of one installation.

    It is asked client by client, until as many calls were made as would have read everything; then that is
    read, and believed for a while. However few or many are asked about, it is at most twice the fewest calls.
    """

    def __init__(self, api: WhmcsApi, products: WhmcsProducts) -> None:
        """Nothing is sent before the first call."""
        self._api = api
        self._look = Look(api, products, Remembered(), mark_proved=False)
        self._asked = 0
        self._enough: float | None = None
        self._everybody: _Everybody | None = None

    def services(self, client: ClientId, /) -> tuple[BilledService, ...] | None:
        known = self._all()
        if known is None:
            self._asked += 1
            found = tuple(known.service for known in self._look.services(client))
        else:
            found = known.services.get(client, ())
        if found or (known is not None and client in known.clients):
            return found
        return found if self._is_there(client) else None

    def owner(self, service: ServiceId, /) -> ClientId | None:
        answer = self._api.read("GetClientsProducts", {"serviceid": service})
        for row in rows(answer, "products", "product"):
            client = whole(row, "clientid")
            if whole(row, "id") == service and client is not None:
                return ClientId(client)
        return None

    def _all(self) -> _Everybody | None:
        """Return everything, if it is known or worth reading by now."""
        now = self._api.clock.now()
        if self._everybody is not None and now - self._everybody.at > BELIEVED:
            self._everybody, self._asked, self._enough = None, 0, None
        if self._everybody is None and self._asked >= FEW:
            try:
                if self._enough is None:
                    self._enough = self._calls_for_all()
                if self._asked >= self._enough:
                    self._enough = _NEVER
                    self._everybody = self._read_all(now)
            except PortError:  # what cannot be listed, for want of a permission perhaps, is asked about
                self._enough = _NEVER
        return self._everybody

    def _calls_for_all(self) -> float:
        """Return how many calls read all services and clients; infinite where WHMCS does not count them."""
        calls = 0.0
        for action in ("GetClientsProducts", "GetClients"):
            total = count(self._api.read(action, {"limitnum": 1}), "totalresults")
            if total is None or total > MOST_ROWS:
                return _NEVER
            calls += 1 + total / self._api.settings.page_size
        return calls

    def _read_all(self, at: datetime) -> _Everybody | None:
        services = self._look.everybodys()
        if services is None:
            return None
        listed = self._api.pages("GetClients", {}, container="clients", item="client")
        clients = {ClientId(known) for row in listed if (known := whole(row, "id")) is not None}
        return _Everybody(at=at, services=services, clients=frozenset(clients) | services.keys())

    def _is_there(self, client: ClientId) -> bool:
        """Tell whether there is a client without services: WHMCS lists none of a client it does not know."""
        self._asked += 1
        try:
            answer = self._api.read("GetClientsDetails", {"clientid": client})
        except Refused as refused:
            if refused.code == Code.CLIENT_NOT_FOUND:
                return False
            raise
        return bool(answer)
