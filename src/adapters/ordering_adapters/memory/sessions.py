"""Checkout sessions, each replaced only by who read its latest version."""

from __future__ import annotations

from datetime import datetime

import attrs

from ordering_adapters.memory.tables import ChangeLog, Table
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.identifiers import SessionId
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict
from ordering_core.ports.checkout_records import Sessions


class MemorySessions(Sessions):
    """Checkout sessions."""

    def __init__(self, log: ChangeLog) -> None:
        self._rows: Table[SessionId, CheckoutSession] = Table(log)

    def add(self, session: CheckoutSession, /) -> None:
        if self._rows.get(session.id):
            raise Conflict(System.STORE, "the checkout session exists already")
        self._rows.put(session.id, session)

    def get(self, session: SessionId, /) -> CheckoutSession | None:
        return self._rows.get(session)

    def replace(self, session: CheckoutSession, /, *, replacing: SessionId | None = None) -> CheckoutSession:
        old = session.id if replacing is None else replacing
        stored = self._rows.get(old)
        if stored is None or stored.version != session.version:
            raise Conflict(System.STORE, "the checkout session was changed meanwhile")
        if session.id != old:
            if self._rows.get(session.id):
                raise Conflict(System.STORE, "the new id of the checkout session is taken")
            self._rows.remove(old)
        kept = attrs.evolve(session, version=session.version + 1)
        self._rows.put(kept.id, kept)
        return kept

    def expired(self, at: datetime, /) -> tuple[SessionId, ...]:
        over = [row for row in self._rows.all() if row.expires_at <= at and not row.submitted]
        return tuple(row.id for row in sorted(over, key=lambda row: (row.expires_at, row.id)))

    def remove(self, session: SessionId, /) -> None:
        self._rows.remove(session)
