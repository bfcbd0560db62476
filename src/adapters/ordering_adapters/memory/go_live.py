"""What an org and an installation in memory hold, for the go-live."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from ordering_adapters.memory.billing import MemoryBilling
from ordering_adapters.memory.salesforce import MemorySalesforce
from ordering_core.domain.billing import BilledService
from ordering_core.domain.identifiers import AccountId, ClientId, ServiceId
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.errors import Refused
from ordering_core.ports.go_live import RecordsBefore, ServicesBefore


class MemoryRecordsBefore(RecordsBefore):
    """The records of an org in memory, an Account at a time."""

    def __init__(self, org: MemorySalesforce) -> None:
        """Read *org*."""
        self._org = org

    def orders(self, *, after: AccountId | None = None) -> Iterator[tuple[OrderSnapshot, ...]]:
        with self._org.lock:
            accounts = sorted({record.snapshot.account for record in self._org.orders.values()})
        for account in accounts:
            if after is None or account > after:
                with self._org.lock:
                    found = self._org.orders_of(account)
                yield found

    def last_change(self) -> datetime | None:
        with self._org.lock:
            last = next(reversed(self._org.orders.values()), None)
            return None if last is None else last.modified_at

    def opportunities(self, accounts: Collection[AccountId], /) -> tuple[Opportunity, ...]:
        with self._org.lock:
            return tuple(known for account in accounts for known in self._org.opportunities_of(account))

    def customer_numbers(self, accounts: Collection[AccountId], /) -> Mapping[AccountId, str]:
        with self._org.lock:
            known = {account: self._org.accounts.get(account) for account in accounts}
        return {account: found.number for account, found in known.items() if found is not None}


class MemoryServicesBefore(ServicesBefore):
    """The services of an installation in memory."""

    def __init__(self, billing: MemoryBilling) -> None:
        """Read *billing*."""
        self._billing = billing

    def services(self, client: ClientId, /) -> tuple[BilledService, ...] | None:
        try:
            self._billing.client(client)
        except Refused:
            return None
        return self._billing.services_of(client)

    def owner(self, service: ServiceId, /) -> ClientId | None:
        return self._billing.owner_of(service)
