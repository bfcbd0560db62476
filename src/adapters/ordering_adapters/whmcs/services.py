"""Ending services and orders: by the product's module where it has one, else by writing the status."""

from __future__ import annotations

from datetime import date
from typing import Final

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.errors import Code, refusal
from ordering_adapters.whmcs.looking import GONE, Look
from ordering_adapters.whmcs.products import WhmcsProducts
from ordering_adapters.whmcs.remembered import Remembered
from ordering_adapters.whmcs.values import title
from ordering_core.domain.billing import BilledService
from ordering_core.domain.identifiers import BillingOrderId, ServiceId
from ordering_core.errors import Refused


TERMINATED: Final = "Terminated"
CANCELLED: Final = "Cancelled"
_ENDED: Final = GONE | {TERMINATED}


class WhmcsServices:
    """The services of one installation, when they end; every act may be repeated."""

    def __init__(self, api: WhmcsApi, products: WhmcsProducts) -> None:
        """Nothing is sent before the first call."""
        self._api = api
        self._look = Look(api, products, Remembered(), mark_proved=False)

    def read(self, service: ServiceId) -> BilledService | None:
        """
        Return *service* as it is, None when it is not there.

        Raises:
            Unavailable: It cannot be read now.

            Refused: WHMCS says no.

        """
        found = self._look.service(service)
        return found.service if found else None

    def terminate(self, service: ServiceId, *, on: date) -> None:
        """
        End *service*, *on* the day that it is; ending one that has ended changes nothing.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have ended; doing it again is safe.

            Refused: There is no such service, or its module says no.

        """
        known = self.read(service)
        if known is None:
            raise refusal(Code.SERVICE_NOT_FOUND)
        if known.status in _ENDED:
            return
        try:
            self._api.write("ModuleTerminate", {"serviceid": service})
        except Refused as refused:
            if refused.code != Code.NO_MODULE:
                raise
            self._api.write(
                "UpdateClientProduct",
                {"serviceid": service, "status": TERMINATED, "terminationdate": on},
            )

    def cancel_order(self, order: BillingOrderId) -> None:
        """
        Cancel a pending order with all its services; what CancelOrder leaves is cancelled one by one.

        Raises:
            Unavailable: It is not cancelled yet.

            OutcomeUnknown: It may be cancelled; doing it again is safe.

            Refused: There is no such order, or it was accepted: then its services are terminated instead.

        """
        row = self._look.order_row(order)
        if row is None:
            raise refusal(Code.ORDER_NOT_FOUND)
        if title(row, "status") != CANCELLED:
            self._api.write("CancelOrder", {"orderid": order, "noemail": True})
        for service in self._look.services_of(row):
            if service.status not in _ENDED:
                self._api.write("UpdateClientProduct", {"serviceid": service.id, "status": CANCELLED})
