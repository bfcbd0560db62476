"""What is kept beside orders: decisions, findings, the identity map, readers' places, idempotency keys."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Executable, Table, bindparam, delete, insert, select, update

from ordering_adapters.storage import schema
from ordering_adapters.storage.converter import dump, load
from ordering_adapters.storage.prepared import Found
from ordering_adapters.storage.statements import Statements, upsert
from ordering_core.domain.customers import Identity
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.identifiers import AccountId, ClientId, CustomerId, OrderId
from ordering_core.ports.checkout_records import Answer, Answers, AnswerState
from ordering_core.ports.order_records import Decision, Decisions, Finding, Findings
from ordering_core.ports.store import Checkpoints, Identities


_D = schema.decisions.c
_F = schema.findings.c
_I = schema.identities.c
_C = schema.checkpoints.c
_A = schema.answers.c

_DECIDE: Final = insert(schema.decisions)
_DECIDED: Final = select(_D.payload).where(_D.order_id == bindparam("order")).order_by(_D.id)
_CLOSE: Final = delete(schema.findings).where(
    _F.code == bindparam("of_code"), _F.subject == bindparam("of_subject")
)
_CLOSE_ALL: Final = delete(schema.findings).where(
    _F.code.in_(bindparam("of_codes", expanding=True)), _F.subject == bindparam("of_subject")
)
_OF_CODE: Final = select(_F.payload).where(_F.code == bindparam("of_code")).order_by(_F.since, _F.subject)
_THAT_OF: Final = _OF_CODE.where(_F.subject == bindparam("of_subject"))
_ALL_OPEN: Final = select(_F.payload).order_by(_F.urgent.desc(), _F.since, _F.code, _F.subject)
_OF_CUSTOMER: Final = select(schema.identities).where(_I.customer == bindparam("id"))
_OF_ACCOUNT: Final = select(schema.identities).where(_I.account == bindparam("id"))
_OF_CLIENT: Final = select(schema.identities).where(_I.client == bindparam("id"))
_PLACE: Final = select(_C.place).where(_C.name == bindparam("reader"))
_MOVE: Final = (
    update(schema.checkpoints)
    .where(_C.name == bindparam("reader"), _C.place == bindparam("before"))
    .values(place=bindparam("next_place"))
)
_IS_OF: Final = (_A.scope == bindparam("of_scope")) & (_A.key == bindparam("of_key"))
_ANSWER: Final = select(schema.answers).where(_IS_OF)
_ABANDON: Final = delete(schema.answers).where(_IS_OF, _A.state == AnswerState.RUNNING)
_FORGET: Final = delete(schema.answers).where(_A.since < bindparam("at"))


@cache
def _unless_there(table: Table, dialect: str) -> Executable:
    return upsert(table, dialect).on_conflict_do_nothing()


@cache
def _map(dialect: str) -> Executable:
    new = upsert(schema.identities, dialect)
    return new.on_conflict_do_update(
        index_elements=[_I.customer],
        set_={"customer_number": new.excluded.customer_number},
        where=(_I.account == new.excluded.account) & (_I.client == new.excluded.client),
    )


@cache
def _reach(dialect: str) -> Executable:
    new = upsert(schema.checkpoints, dialect)
    return new.on_conflict_do_update(index_elements=[_C.name], set_={"place": new.excluded.place})


@cache
def _finish(dialect: str) -> Executable:
    new = upsert(schema.answers, dialect)
    return new.on_conflict_do_update(
        index_elements=[_A.scope, _A.key],
        set_={
            column.name: column for column in new.excluded if column.name not in {_A.scope.name, _A.key.name}
        },
    )


class SqlDecisions(Decisions):
    """Decisions about orders, kept for ever."""

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def record(self, decision: Decision, /) -> None:
        self._run.write(_DECIDE, {"order_id": decision.order, "payload": dump(decision)})

    def of(self, order: OrderId, /) -> tuple[Decision, ...]:
        return tuple(load(Decision, row.payload) for row in self._run.rows(_DECIDED, {"order": order}))


class SqlFindings(Findings):
    """Open findings, one per code and subject."""

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def open(self, finding: Finding, /) -> bool:
        new = {
            "code": finding.code,
            "subject": finding.subject,
            "urgent": finding.urgent,
            "since": finding.since,
            "payload": dump(finding),
        }
        return self._run.write(_unless_there(schema.findings, self._run.dialect), new) == 1

    def close(self, code: FindingCode, subject: str, /) -> None:
        self._run.write(_CLOSE, {"of_code": code, "of_subject": subject})

    def close_all(self, codes: Collection[FindingCode], subject: str, /) -> None:
        self._run.write(_CLOSE_ALL, {"of_codes": sorted(codes), "of_subject": subject})

    def of(self, code: FindingCode, subject: str | None = None, /) -> tuple[Finding, ...]:
        asked = {"of_code": code}
        rows = (
            self._run.rows(_OF_CODE, asked)
            if subject is None
            else self._run.rows(_THAT_OF, {**asked, "of_subject": subject})
        )
        return tuple(load(Finding, row.payload) for row in rows)

    def all_open(self) -> tuple[Finding, ...]:
        return tuple(load(Finding, row.payload) for row in self._run.rows(_ALL_OPEN))


class SqlIdentities(Identities):
    """The map portal user - Account - WHMCS client, one to one to one."""

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def put(self, identity: Identity, /) -> None:
        self._run.write_one(
            _map(self._run.dialect),
            {
                "customer": identity.customer,
                "account": identity.account,
                "client": identity.client,
                "customer_number": identity.customer_number,
            },
            conflict="the customer, account or client is mapped differently already",
        )

    def of_customer(self, customer: CustomerId, /) -> Identity | None:
        return read_identity(self._run.row(_OF_CUSTOMER, {"id": customer}))

    def of_account(self, account: AccountId, /) -> Identity | None:
        return read_identity(self._run.row(_OF_ACCOUNT, {"id": account}))

    def of_client(self, client: ClientId, /) -> Identity | None:
        return read_identity(self._run.row(_OF_CLIENT, {"id": client}))


class SqlCheckpoints(Checkpoints):
    """How far named readers have come."""

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def get(self, name: str, /) -> str | None:
        row = self._run.row(_PLACE, {"reader": name})
        return None if row is None else row.place

    def set(self, name: str, place: str, /) -> None:
        self._run.write(_reach(self._run.dialect), {"name": name, "place": place})

    def replace(self, name: str, place: str, /, *, before: str | None) -> None:
        conflict = "the reader is at another place"
        if before is None:
            first = {"name": name, "place": place}
            self._run.write_one(
                _unless_there(schema.checkpoints, self._run.dialect), first, conflict=conflict
            )
        else:
            moved = {"reader": name, "before": before, "next_place": place}
            self._run.write_one(_MOVE, moved, conflict=conflict)


class SqlAnswers(Answers):
    """Idempotency keys of the HTTP API."""

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def begin(self, answer: Answer, /) -> Answer | None:
        new = _row(answer, AnswerState.RUNNING)
        if self._run.write(_unless_there(schema.answers, self._run.dialect), new):
            return None
        row = self._run.row(_ANSWER, {"of_scope": answer.scope, "of_key": answer.key})
        return None if row is None else _answer(row)

    def finish(self, answer: Answer, /) -> None:
        self._run.write(_finish(self._run.dialect), _row(answer, AnswerState.ANSWERED))

    def abandon(self, scope: str, key: str, /) -> None:
        self._run.write(_ABANDON, {"of_scope": scope, "of_key": key})

    def forget_before(self, at: datetime, /) -> int:
        return self._run.write(_FORGET, {"at": at})


def read_identity(row: Found | None) -> Identity | None:
    """Return the mapping of a row; None without a row, or when the row has none."""
    if row is None or row.customer is None:
        return None
    return Identity(
        customer=CustomerId(row.customer),
        account=AccountId(row.account),
        client=ClientId(row.client),
        customer_number=row.customer_number,
    )


def _row(answer: Answer, state: AnswerState) -> dict[str, object]:
    return {
        "scope": answer.scope,
        "key": answer.key,
        "fingerprint": answer.fingerprint,
        "state": state,
        "since": answer.since,
        "status": answer.status,
        "reference": answer.reference,
    }


def _answer(row: Found) -> Answer:
    return Answer(
        scope=row.scope,
        key=row.key,
        fingerprint=row.fingerprint,
        state=AnswerState(row.state),
        since=row.since,
        status=row.status,
        reference=row.reference,
    )
