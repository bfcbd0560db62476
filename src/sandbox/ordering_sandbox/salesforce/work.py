"""One call's work on the org: its connection, who does it, when, and what it has changed so far."""

from __future__ import annotations

import sqlite3

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime

import attrs

from ordering_sandbox.faults import Switchboard
from ordering_sandbox.json_values import JsonObject
from ordering_sandbox.salesforce.database import Numbers, Row, savepoint
from ordering_sandbox.salesforce.instants import write_instant
from ordering_sandbox.salesforce.schema import Schema
from ordering_sandbox.salesforce.soql.cursors import Cursors
from ordering_sandbox.salesforce.switches import Switches


@attrs.frozen(kw_only=True)
class Change:
    """One row written; *before* None for a new one; *after* with IsDeleted for one deleted."""

    object: str
    id: str
    before: Row | None
    after: Row


@attrs.frozen(kw_only=True)
class Announcement:
    """An event somebody wants published on a topic of platform events."""

    object: str
    event_id: str
    user_id: str
    values: JsonObject = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Caller:
    """Who calls: *agent* works in the screens, *client* is from Sforce-Call-Options, *version* of the API."""

    user_id: str
    version: str = "66.0"
    agent: bool = False
    client: str = ""


class _Undone(Exception):
    """Leaves a part that is to be undone."""


@attrs.define
class Part:
    """A part of a call's work; *undone*, its end takes back what it did."""

    undone: bool = False

    def settle(self) -> None:
        """Leave in the way that was decided."""
        if self.undone:
            raise _Undone


def _stamp_of(work: Work) -> str:
    return write_instant(work.now)


@attrs.define(kw_only=True)
class Work:
    """
    What a call sees and does.

    *schema* is the org as the caller sees it, *stored* as the rows are; *now* is the one moment of all its
    stamps.
    """

    connection: sqlite3.Connection
    numbers: Numbers
    schema: Schema
    stored: Schema
    switches: Switches
    faults: Switchboard
    cursors: Cursors
    caller: Caller
    now: datetime
    changes: list[Change] = attrs.field(factory=list[Change])
    announcements: list[Announcement] = attrs.field(factory=list[Announcement])
    stamp: str = attrs.field(init=False, default=attrs.Factory(_stamp_of, takes_self=True))
    """The moment as rows keep it."""

    @property
    def may_edit_activated(self) -> bool:
        """Whether the caller may edit activated orders."""
        return self.caller.agent or self.switches.edit_activated_orders

    @contextmanager
    def part(self) -> Generator[Part]:
        """Undo what is done in here, announcements too, on an exception or when the part says so."""
        part = Part()
        changes, announcements = len(self.changes), len(self.announcements)
        try:
            with savepoint(self.connection):
                yield part
                part.settle()
        except BaseException as error:
            del self.changes[changes:]
            del self.announcements[announcements:]
            if not isinstance(error, _Undone):
                raise


def changed_names(change: Change) -> tuple[str, ...]:
    """Return the fields whose values a change changed."""
    before: Mapping[str, object] = change.before or {}
    return tuple(name for name, value in change.after.items() if before.get(name) != value)
