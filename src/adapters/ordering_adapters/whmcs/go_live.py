"""The services that an installation holds already; nothing is written (DESIGN 3.18)."""

from __future__ import annotations

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.errors import Code
from ordering_adapters.whmcs.looking import Look
from ordering_adapters.whmcs.products import WhmcsProducts
from ordering_adapters.whmcs.remembered import Remembered
from ordering_adapters.whmcs.values import rows, whole
from ordering_core.domain.billing import BilledService
from ordering_core.domain.identifiers import ClientId, ServiceId
from ordering_core.errors import Refused
from ordering_core.ports.go_live import ServicesBefore


class WhmcsServicesBefore(ServicesBefore):
    """The services of one installation, a client at a time."""

    def __init__(self, api: WhmcsApi, products: WhmcsProducts) -> None:
        """Nothing is sent before the first call."""
        self._api = api
        self._look = Look(api, products, Remembered(), mark_proved=False)

    def services(self, client: ClientId, /) -> tuple[BilledService, ...] | None:
        found = tuple(known.service for known in self._look.services(client))
        return found if found or self._is_there(client) else None

    def owner(self, service: ServiceId, /) -> ClientId | None:
        answer = self._api.read("GetClientsProducts", {"serviceid": service})
        for row in rows(answer, "products", "product"):
            client = whole(row, "clientid")
            if whole(row, "id") == service and client is not None:
                return ClientId(client)
        return None

    def _is_there(self, client: ClientId) -> bool:
        """Tell whether there is a client without services: WHMCS lists none of a client it does not know."""
        try:
            answer = self._api.read("GetClientsDetails", {"clientid": client})
        except Refused as refused:
            if refused.code == Code.CLIENT_NOT_FOUND:
                return False
            raise
        return bool(answer)
