"""The org: its schema, rows, switches and clock, and the two ways in: reading and writing."""

from __future__ import annotations

import sqlite3
import time

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from ordering_sandbox.clock import SandboxClock
from ordering_sandbox.faults import FaultKind, Switchboard
from ordering_sandbox.json_values import Json, JsonObject, parse_json, render_json
from ordering_sandbox.salesforce.content_objects import CONTENT_OBJECTS
from ordering_sandbox.salesforce.customer_objects import CUSTOMER_OBJECTS
from ordering_sandbox.salesforce.database import Database
from ordering_sandbox.salesforce.order_objects import ORDER_OBJECTS
from ordering_sandbox.salesforce.portal_fields import PORTAL_OBJECTS, with_custom_fields
from ordering_sandbox.salesforce.schema import Schema
from ordering_sandbox.salesforce.soql.cursors import Cursors
from ordering_sandbox.salesforce.state_codes import with_codes
from ordering_sandbox.salesforce.switches import Switches, override_fields, parse_overrides
from ordering_sandbox.salesforce.work import Announcement, Caller, Work


STORED_SCHEMA: Final = Schema(
    (
        *(with_custom_fields(kind) for kind in (*CUSTOMER_OBJECTS, *ORDER_OBJECTS, *CONTENT_OBJECTS)),
        *PORTAL_OBJECTS,
    )
)
"""The org as its rows are."""

_EARLY: Final = frozenset({FaultKind.EARLY_EVENTS})

Announce = Callable[[Sequence[Announcement]], None]
"""Sends events."""


class Org:
    """One Salesforce org."""

    def __init__(self, path: Path, *, clock: SandboxClock, faults: Switchboard) -> None:
        """Open the org that *path* holds, or a new one without rows."""
        self.clock = clock
        self.faults = faults
        self.database = Database(path, STORED_SCHEMA)
        self.cursors = Cursors()
        self.switches = Switches()
        self.schema = STORED_SCHEMA
        self.on_announced: Announce = _nobody
        self.on_committed: Callable[[Work], None] = _nothing
        self.load_settings()

    @contextmanager
    def reading(self, caller: Caller) -> Generator[Work]:
        """Look at the last committed state."""
        with self.database.reading() as connection:
            yield self._work(connection, caller)

    @contextmanager
    def writing(self, caller: Caller) -> Generator[Work]:
        """Change the org: all of it on leaving, nothing when an exception leaves it; then events go out."""
        with self.database.turn():
            with self.database.writing() as connection:
                work = self._work(connection, caller)
                yield work
                if work.announcements:
                    self._announce_early(work)
            if work.announcements:
                self.on_announced(work.announcements)
            if work.changes:
                self.on_committed(work)

    def load_settings(self) -> None:
        """Take over switches, field overrides and lists of values from the database."""
        with self.database.reading() as connection:
            settings = _settings(connection)
            self.switches = Switches().changed(_object(settings.get("switches")))
            schema = override_fields(STORED_SCHEMA, parse_overrides(settings.get("fields", {})))
            if self.switches.state_country_picklists:
                schema = with_codes(schema)
            self.schema = _with_lists(schema, connection)

    def save_setting(self, name: str, value: Json) -> None:
        """Keep a setting and go by it."""
        with self.database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO sandbox_setting VALUES (?, ?)", (name, render_json(value).decode())
            )
        self.load_settings()

    def setting(self, name: str) -> JsonObject:
        """Return a setting as it was kept."""
        with self.database.reading() as connection:
            return _object(_settings(connection).get(name))

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _announce_early(self, work: Work) -> None:
        """Send events out of the open transaction, and stay in it for as long as a fault says."""
        targets = {announcement.object for announcement in work.announcements}
        faults = [fault for target in targets for fault in self.faults.for_target(target, _EARLY)]
        if not (faults or self.switches.publish_immediately):
            return
        self.on_announced(work.announcements)
        work.announcements.clear()
        time.sleep(max((fault.seconds for fault in faults), default=0.0))

    def _work(self, connection: sqlite3.Connection, caller: Caller) -> Work:
        return Work(
            connection=connection,
            numbers=self.database.numbers,
            schema=self.schema,
            stored=STORED_SCHEMA,
            switches=self.switches,
            faults=self.faults,
            cursors=self.cursors,
            caller=caller,
            now=self.clock.now(),
        )


def _nobody(announcements: Sequence[Announcement]) -> None:
    """Nobody listens."""


def _nothing(work: Work) -> None:
    """Nobody watches."""


def _settings(connection: sqlite3.Connection) -> Mapping[str, Json]:
    rows = connection.execute("SELECT name, value FROM sandbox_setting")
    return {str(name): parse_json(str(value)) for name, value in rows}


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, Mapping) else {}


def _with_lists(schema: Schema, connection: sqlite3.Connection) -> Schema:
    """Return *schema* with the statuses and stages that the org's lists name."""
    lists = {("Order", "Status"): "OrderStatus", ("Opportunity", "StageName"): "OpportunityStage"}
    kinds = {kind.name: kind for kind in schema.objects}
    for (object_name, field_name), source in lists.items():
        rows = connection.execute(
            f'SELECT "ApiName" FROM "{source}" WHERE "IsDeleted" = 0 ORDER BY "SortOrder"'
        )
        values = tuple(str(row[0]) for row in rows)
        kind = kinds[object_name]
        kinds[object_name] = attrs.evolve(
            kind,
            fields=tuple(
                attrs.evolve(field, values=values) if field.name == field_name else field
                for field in kind.fields
            ),
        )
    return Schema(tuple(kinds.values()))
