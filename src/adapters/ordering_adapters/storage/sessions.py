"""Checkout sessions, each replaced only by who read its latest version."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from sqlalchemy import bindparam, delete, false, insert, select, update

from ordering_adapters.storage import schema
from ordering_adapters.storage.converter import dump, load
from ordering_adapters.storage.statements import Statements
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.identifiers import SessionId
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict
from ordering_core.ports.checkout_records import Sessions


_T = schema.sessions.c
_C = schema.checkpoints.c

_CHANGED: Final = "the checkout session was changed meanwhile, or its new id is taken"

_ADD: Final = insert(schema.sessions)
_GET: Final = select(_T.payload).where(_T.id == bindparam("session"))
_REPLACE: Final = update(schema.sessions).where(
    _T.id == bindparam("stored_id"), _T.version == bindparam("stored_version")
)
_REPLACE_AND_LOOK: Final = _REPLACE.returning(
    select(_C.place).where(_C.name == bindparam("reader")).scalar_subquery().label("place")
)
_EXPIRED: Final = (
    select(_T.id)
    .where(_T.submitted == false(), _T.expires_at <= bindparam("at"))
    .order_by(_T.expires_at, _T.id)
)
_REMOVE: Final = delete(schema.sessions).where(_T.id == bindparam("session"))


class SqlSessions(Sessions):
    """Checkout sessions."""

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def add(self, session: CheckoutSession, /) -> None:
        self._run.write(
            _ADD, {"id": session.id, **_changing(session)}, conflict="the checkout session exists already"
        )

    def get(self, session: SessionId, /) -> CheckoutSession | None:
        row = self._run.row(_GET, {"session": session})
        return None if row is None else load(CheckoutSession, row.payload)

    def replace(self, session: CheckoutSession, /, *, replacing: SessionId | None = None) -> CheckoutSession:
        kept = attrs.evolve(session, version=session.version + 1)
        values = _stored(session, replacing or session.id) | _changing(kept)
        if replacing is not None:
            values["id"] = kept.id
        self._run.write_one(_REPLACE, values, conflict=_CHANGED)
        return kept

    def replace_and_look(self, session: CheckoutSession, reader: str) -> tuple[CheckoutSession, str | None]:
        """Keep *session* as `replace` does, and return it with the place of *reader*. Raises Conflict."""
        kept = attrs.evolve(session, version=session.version + 1)
        values = _stored(session, session.id) | _changing(kept)
        row = self._run.row(_REPLACE_AND_LOOK, {**values, "reader": reader})
        if row is None:
            raise Conflict(System.STORE, _CHANGED)
        return kept, row.place

    def expired(self, at: datetime, /) -> tuple[SessionId, ...]:
        return tuple(SessionId(row.id) for row in self._run.rows(_EXPIRED, {"at": at}))

    def remove(self, session: SessionId, /) -> None:
        self._run.write(_REMOVE, {"session": session})


def _stored(session: CheckoutSession, stored_id: SessionId) -> dict[str, object]:
    """Return what the stored session is found by, under *stored_id* and in the version of *session*."""
    return {"stored_id": stored_id, "stored_version": session.version}


def _changing(session: CheckoutSession) -> dict[str, object]:
    """Return all but the id, whose index would be written again though it says what it said before."""
    return {
        "version": session.version,
        "expires_at": session.expires_at,
        "submitted": session.submitted,
        "payload": dump(session),
    }
