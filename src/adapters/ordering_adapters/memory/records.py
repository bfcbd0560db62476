"""What is kept beside orders: decisions, findings, identities, readers' places, idempotency keys, images."""

from __future__ import annotations

from datetime import datetime

import attrs

from ordering_adapters.memory.tables import ChangeLog, Table
from ordering_core.domain.customers import Identity
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.identifiers import AccountId, ClientId, CustomerId, OrderId, RequestKey
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict
from ordering_core.ports.checkout_records import Answer, Answers, AnswerState, Upload, Uploads
from ordering_core.ports.order_records import Decision, Decisions, Finding, Findings
from ordering_core.ports.store import Checkpoints, Identities


class MemoryDecisions(Decisions):
    """Decisions about orders, kept for ever."""

    def __init__(self, log: ChangeLog) -> None:
        self._rows: Table[OrderId, tuple[Decision, ...]] = Table(log)

    def record(self, decision: Decision, /) -> None:
        self._rows.put(decision.order, (*self.of(decision.order), decision))

    def of(self, order: OrderId, /) -> tuple[Decision, ...]:
        return self._rows.get(order) or ()


class MemoryFindings(Findings):
    """Open findings, one per code and subject."""

    def __init__(self, log: ChangeLog) -> None:
        self._rows: Table[tuple[FindingCode, str], Finding] = Table(log)

    def open(self, finding: Finding, /) -> bool:
        key = finding.code, finding.subject
        if self._rows.get(key):
            return False
        self._rows.put(key, attrs.evolve(finding, facts=dict(finding.facts)))
        return True

    def close(self, code: FindingCode, subject: str, /) -> None:
        self._rows.remove((code, subject))

    def of(self, code: FindingCode, subject: str | None = None, /) -> tuple[Finding, ...]:
        found = (each for each in self._rows.all() if each.code is code)
        asked = (each for each in found if subject is None or each.subject == subject)
        return tuple(sorted(asked, key=lambda each: (each.since, each.subject)))

    def all_open(self) -> tuple[Finding, ...]:
        return tuple(
            sorted(
                self._rows.all(), key=lambda found: (not found.urgent, found.since, found.code, found.subject)
            )
        )


class MemoryIdentities(Identities):
    """The map portal user - Account - WHMCS client, one to one to one."""

    def __init__(self, log: ChangeLog) -> None:
        self._customers: Table[CustomerId, Identity] = Table(log)
        self._accounts: Table[AccountId, Identity] = Table(log)
        self._clients: Table[ClientId, Identity] = Table(log)

    def put(self, identity: Identity, /) -> None:
        same = (identity.customer, identity.account, identity.client)
        for stored in (
            self._customers.get(identity.customer),
            self._accounts.get(identity.account),
            self._clients.get(identity.client),
        ):
            if stored is not None and (stored.customer, stored.account, stored.client) != same:
                raise Conflict(System.STORE, "the customer, account or client is mapped differently already")
        self._customers.put(identity.customer, identity)
        self._accounts.put(identity.account, identity)
        self._clients.put(identity.client, identity)

    def of_customer(self, customer: CustomerId, /) -> Identity | None:
        return self._customers.get(customer)

    def of_account(self, account: AccountId, /) -> Identity | None:
        return self._accounts.get(account)

    def of_client(self, client: ClientId, /) -> Identity | None:
        return self._clients.get(client)


class MemoryCheckpoints(Checkpoints):
    """How far named readers have come."""

    def __init__(self, log: ChangeLog) -> None:
        self._rows: Table[str, str] = Table(log)

    def get(self, name: str, /) -> str | None:
        return self._rows.get(name)

    def set(self, name: str, place: str, /) -> None:
        self._rows.put(name, place)

    def replace(self, name: str, place: str, /, *, before: str | None) -> None:
        if self._rows.get(name) != before:
            raise Conflict(System.STORE, "the reader is at another place")
        self._rows.put(name, place)


class MemoryUploads(Uploads):
    """Images in transit; nobody but this process reads its memory."""

    def __init__(self, log: ChangeLog) -> None:
        self._rows: Table[RequestKey, Upload] = Table(log)

    def keep(self, upload: Upload, /) -> bool:
        if self._rows.get(upload.key) is None:
            self._rows.put(upload.key, upload)
        return True

    def get(self, key: RequestKey, /) -> Upload | None:
        return self._rows.get(key)

    def remove(self, key: RequestKey, /) -> None:
        self._rows.remove(key)

    def forget_before(self, at: datetime, /) -> int:
        old = [upload for upload in self._rows.all() if upload.since <= at]
        for upload in old:
            self._rows.remove(upload.key)
        return len(old)

    def oldest(self) -> datetime | None:
        return min((upload.since for upload in self._rows.all()), default=None)


class MemoryAnswers(Answers):
    """Idempotency keys of the HTTP API."""

    def __init__(self, log: ChangeLog) -> None:
        self._rows: Table[tuple[str, str], Answer] = Table(log)

    def begin(self, answer: Answer, /) -> Answer | None:
        stored = self._rows.get((answer.scope, answer.key))
        if stored is None:
            self._rows.put((answer.scope, answer.key), attrs.evolve(answer, state=AnswerState.RUNNING))
        return stored

    def finish(self, answer: Answer, /) -> None:
        self._rows.put((answer.scope, answer.key), attrs.evolve(answer, state=AnswerState.ANSWERED))

    def abandon(self, scope: str, key: str, /) -> None:
        stored = self._rows.get((scope, key))
        if stored is not None and stored.state is AnswerState.RUNNING:
            self._rows.remove((scope, key))

    def forget_before(self, at: datetime, /) -> int:
        old = [answer for answer in self._rows.all() if answer.since < at]
        for answer in old:
            self._rows.remove((answer.scope, answer.key))
        return len(old)
