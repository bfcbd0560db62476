"""
What a checkout needs of several tables, read with one statement each time.

A customer waits for every statement, and where the database is another machine that is most of what they wait
for.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, literal, select

from ordering_adapters.storage import schema
from ordering_adapters.storage.converter import load
from ordering_adapters.storage.journal import read_row
from ordering_adapters.storage.records import read_identity
from ordering_adapters.storage.statements import Statements
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.identifiers import CustomerId, OrderId, SessionId
from ordering_core.domain.journal import CaseFile, SubjectKind
from ordering_core.ports.checkout_records import Placement
from ordering_core.ports.order_records import ProjectedOrder
from ordering_core.ports.store import PlacingFile, Visit


_S = schema.sessions.c
_I = schema.identities.c
_J = schema.journal.c
_P = schema.placements.c
_F = schema.case_files.c
_O = schema.orders.c

_ONE_ROW: Final = select(literal(1).label("one")).subquery()
"""Joined with what may not be there."""

_VISIT: Final = (
    select(_S.payload.label("session_payload"), schema.identities, schema.journal)
    .select_from(_ONE_ROW)
    .join(schema.sessions, _S.id == bindparam("session"), isouter=True)
    .join(schema.identities, _I.customer == bindparam("of_customer"), isouter=True)
    .join(schema.journal, (_J.kind == SubjectKind.ELIGIBILITY.value) & (_J.key == _I.account), isouter=True)
    .order_by(_J.id)
)
_PLACING_FILE: Final = select(
    select(_P.payload).where(_P.key == bindparam("request")).scalar_subquery().label("placement"),
    select(_F.payload)
    .where(_F.kind == SubjectKind.ORDER.value, _F.key == bindparam("order"))
    .scalar_subquery()
    .label("case_file"),
    select(_O.payload).where(_O.id == bindparam("order")).scalar_subquery().label("projected"),
)


def read_visit(run: Statements, session: SessionId, customer: CustomerId | None) -> Visit:
    """Return what is known of *customer*'s visit to *session*."""
    rows = run.rows(_VISIT, {"session": session, "of_customer": customer})
    first = rows[0]
    found = None if first.session_payload is None else load(CheckoutSession, first.session_payload)
    return found, read_identity(first), tuple(read_row(row) for row in rows if row.id is not None)


def read_placing_file(run: Statements, placement: Placement, order: OrderId) -> PlacingFile:
    """Return *placement* as it is stored, and what is kept of *order*."""
    row = run.row(_PLACING_FILE, {"request": placement.key, "order": order})
    if row is None:
        return None, None, None
    return (
        None if row.placement is None else load(Placement, row.placement),
        None if row.case_file is None else load(CaseFile, row.case_file),
        None if row.projected is None else load(ProjectedOrder, row.projected),
    )
