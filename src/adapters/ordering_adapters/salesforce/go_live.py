"""Everything that an org holds already, read in pages; nothing is written (DESIGN 3.18)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from ordering_adapters.salesforce.fields import Field
from ordering_adapters.salesforce.opportunity_rows import opportunity_of, select_opportunities
from ordering_adapters.salesforce.order_rows import PAGE, select_orders, snapshot_of
from ordering_adapters.salesforce.org import SalesforceOrg
from ordering_adapters.salesforce.rows import Record
from ordering_adapters.salesforce.soql import among, is_id, quoted
from ordering_core.domain.identifiers import AccountId
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.ports.go_live import RecordsBefore


class SalesforceRecordsBefore(RecordsBefore):
    """The records of an org, a page of orders at a time."""

    def __init__(self, org: SalesforceOrg, *, page: int = PAGE) -> None:
        """Read *org*, *page* orders in one call."""
        self._org = org
        self._page = page

    def orders(self, *, after: AccountId | None = None) -> Iterator[tuple[OrderSnapshot, ...]]:
        while records := self._whole_accounts(after):
            snapshots = tuple(snapshot for record in records if (snapshot := snapshot_of(record)))
            if snapshots:
                yield snapshots
            after = AccountId(records[-1].raw(Field.ORDER_ACCOUNT))

    def last_change(self) -> datetime | None:
        stamp = self._org.names[Field.ORDER_STAMP]
        found = self._org.rows(f"SELECT Id, {stamp} FROM Order ORDER BY {stamp} DESC LIMIT 1")
        return found[0].instant(Field.ORDER_STAMP) if found else None

    def opportunities(self, accounts: Collection[AccountId], /) -> tuple[Opportunity, ...]:
        known = [account for account in accounts if is_id(account)]
        if not known:
            return ()
        names = self._org.names
        theirs = f"{names[Field.OPPORTUNITY_ACCOUNT]} IN {among(sorted(known))}"
        found = self._org.rows(f"{select_opportunities(names)} AND {theirs} ORDER BY Id")
        return tuple(opportunity for record in found if (opportunity := opportunity_of(record)))

    def customer_numbers(self, accounts: Collection[AccountId], /) -> Mapping[AccountId, str]:
        known = [account for account in accounts if is_id(account)]
        if not known:
            return {}
        fields = self._org.names.selected(Field.ACCOUNT_NUMBER)
        found = self._org.rows(f"SELECT {fields} FROM Account WHERE Id IN {among(sorted(known))}")
        return {AccountId(record.id): record.raw(Field.ACCOUNT_NUMBER) for record in found}

    def _whole_accounts(self, after: AccountId | None) -> Sequence[Record]:
        """Return the orders of the next Accounts behind *after*; those of the last one are all there."""
        account = self._org.names[Field.ORDER_ACCOUNT]
        behind = f"{account} != null" if after is None else f"{account} > {quoted(after)}"
        records = self._read(behind, limit=f" LIMIT {self._page}")
        if len(records) < self._page:
            return records
        last = records[-1].raw(Field.ORDER_ACCOUNT)
        whole = [record for record in records if record.raw(Field.ORDER_ACCOUNT) != last]
        return whole or self._read(f"{account} = {quoted(last)}")

    def _read(self, condition: str, *, limit: str = "") -> Sequence[Record]:
        names = self._org.names
        order = f"{names[Field.ORDER_ACCOUNT]}, {names[Field.ORDER_NUMBER]}"
        return self._org.rows(f"{select_orders(names)} WHERE {condition} ORDER BY {order}{limit}")
