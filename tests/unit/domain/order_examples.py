"""One order as Salesforce holds it, to be varied by the tests of what reading it means."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from ordering_core.domain.drafts import Draft, SimDraft
from ordering_core.domain.identifiers import AccountId, OrderId, RequestKey, SimCardId, Version
from ordering_core.domain.journal import CaseFile, Subject, SubjectKind
from ordering_core.domain.orders import ActivationFields, AssignedSim, OrderSnapshot


EMPTY: Final = ActivationFields()
KEY: Final = RequestKey("key-one")
DAY: Final = datetime(2026, 6, 10, 1, tzinfo=UTC)
LATER: Final = datetime(2026, 6, 20, 1, tzinfo=UTC)
NEW: Final = CaseFile(subject=Subject(SubjectKind.ORDER, "801-one"))
ESIM: Final = SimDraft(sim_type="eSIM")
CARD: Final = AssignedSim(id=SimCardId("a1"), iccid="8981100000000000006", product_number="AX0000000000001")


def fields(
    status: str | None = None,
    at: datetime | None = None,
    *,
    code: str | None = None,
    message: str | None = None,
) -> ActivationFields:
    return ActivationFields(status=status, scheduled_at=at, error_code=code, error_message=message)


def order(
    status: str | None = "Draft",
    activation: ActivationFields = EMPTY,
    *,
    draft: Draft = ESIM,
    sim: AssignedSim | None = None,
    key: RequestKey | None = KEY,
) -> OrderSnapshot:
    return OrderSnapshot(
        id=OrderId("801-one"),
        number="00000101",
        account=AccountId("001-one"),
        opportunity=None,
        order_type=draft.order_type,
        status=status,
        activation=activation,
        draft=draft,
        lines=(),
        request_key=key,
        sim=sim,
        effective_date=date(2026, 6, 3),
        created_at=datetime(2026, 6, 3, 1, tzinfo=UTC),
        version=Version("1"),
    )
