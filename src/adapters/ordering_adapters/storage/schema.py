"""
The tables, one schema for every database (DESIGN 5, Storage; 6, The journal is the truth).

A column is what is searched, sorted or guarded by; everything else of a record is its *payload*, sealed
where it holds personal data. Every question that is asked again and again has an index, so that no answer
takes longer because more is stored.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from ordering_adapters.storage.sealed import Sealed


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


REVISION: Final = "0004"
"""The revision of these tables: that of the latest migration."""

VERSION_TABLE: Final = "oc_schema"
"""The table that says which migrations were run."""


class Instant(TypeDecorator[datetime]):
    """An aware instant as the number of microseconds since 1970: exact, and sorted alike everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the number to store."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the instant that was stored, in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


def word() -> String:
    """Return the type of ids, keys and codes; they are sorted by code point on every database."""
    return String().with_variant(String(collation="C"), "postgresql")


def number() -> BigInteger:
    """Return the type of numbers that the database gives; SQLite gives them to INTEGER alone."""
    return BigInteger().with_variant(Integer, "sqlite")


metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

sessions: Final = Table(
    "oc_sessions",
    metadata,
    Column("id", word(), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("submitted", Boolean, nullable=False),
    Column("payload", Sealed, nullable=False),
    Index(None, "submitted", "expires_at"),
)

placements: Final = Table(
    "oc_placements",
    metadata,
    Column("key", word(), primary_key=True),
    Column("state", word(), nullable=False),
    Column("runner", word(), nullable=False),
    Column("since", Instant, nullable=False),
    Column("settles_at", Instant, nullable=False),
    # Empty once the placement is refused: only a live one owns its Opportunity (DESIGN 3.11).
    Column("live_opportunity", word(), unique=True),
    Column("placed", word(), unique=True),
    Column("payload", Sealed, nullable=False),
    Index(None, "state", "settles_at"),
)

journal: Final = Table(
    "oc_journal",
    metadata,
    Column("id", number(), primary_key=True),
    Column("kind", word(), nullable=False),
    Column("key", word(), nullable=False),
    Column("step", word(), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("mark", word(), nullable=False),
    Column("runner", word(), nullable=False),
    Column("intent_at", Instant, nullable=False),
    Column("settles_at", Instant, nullable=False),
    Column("outcome", word()),
    Column("settled_at", Instant),
    Column("evidence", Text, nullable=False),
    UniqueConstraint("kind", "key", "step", "attempt"),
    sqlite_autoincrement=True,
)
Index(
    "ux_oc_journal_open",
    journal.c.kind,
    journal.c.key,
    journal.c.step,
    unique=True,
    sqlite_where=journal.c.outcome.is_(None),
    postgresql_where=journal.c.outcome.is_(None),
)

case_files: Final = Table(
    "oc_case_files",
    metadata,
    Column("kind", word(), nullable=False),
    Column("key", word(), nullable=False),
    Column("version", Integer, nullable=False),
    Column("finished", Boolean, nullable=False),
    Column("payload", Sealed, nullable=False),
    # Until when the sweep has nothing to do with it.
    Column("rests_until", Instant, nullable=False, server_default="0"),
    PrimaryKeyConstraint("kind", "key"),
    Index(None, "finished", "rests_until", "kind", "key"),
)

orders: Final = Table(
    "oc_orders",
    metadata,
    Column("id", word(), primary_key=True),
    Column("account", word(), nullable=False),
    Column("state", word(), nullable=False),
    Column("order_type", word(), nullable=False),
    # As it is compared: in lower case.
    Column("number", word(), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("payload", Sealed, nullable=False),
    Index(None, "account", "created_at", "id"),
    Index(None, "account", "state"),
)

accounts: Final = Table(
    "oc_accounts",
    metadata,
    Column("id", word(), primary_key=True),
    Column("refreshed_at", Instant, nullable=False),
)

events: Final = Table(
    "oc_events",
    metadata,
    Column("cursor", number(), primary_key=True),
    Column("order_id", word(), nullable=False),
    Column("payload", Text, nullable=False),
    Index(None, "order_id", "cursor"),
    sqlite_autoincrement=True,
)

# Up to which cursor an order's events were forgotten.
forgotten: Final = Table(
    "oc_forgotten",
    metadata,
    Column("order_id", word(), primary_key=True),
    Column("cursor", BigInteger, nullable=False, index=True),
)

decisions: Final = Table(
    "oc_decisions",
    metadata,
    Column("id", number(), primary_key=True),
    Column("order_id", word(), nullable=False),
    Column("payload", Sealed, nullable=False),
    Index(None, "order_id", "id"),
    sqlite_autoincrement=True,
)

findings: Final = Table(
    "oc_findings",
    metadata,
    Column("code", word(), nullable=False),
    Column("subject", word(), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("since", Instant, nullable=False),
    Column("payload", Text, nullable=False),
    PrimaryKeyConstraint("code", "subject"),
)

identities: Final = Table(
    "oc_identities",
    metadata,
    Column("customer", word(), primary_key=True),
    Column("account", word(), nullable=False, unique=True),
    Column("client", BigInteger, nullable=False, unique=True),
    Column("customer_number", word(), nullable=False),
)

checkpoints: Final = Table(
    "oc_checkpoints",
    metadata,
    Column("name", word(), primary_key=True),
    Column("place", Text, nullable=False),
)

answers: Final = Table(
    "oc_answers",
    metadata,
    Column("scope", word(), nullable=False),
    Column("key", word(), nullable=False),
    Column("fingerprint", word(), nullable=False),
    Column("state", word(), nullable=False),
    Column("since", Instant, nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("reference", word(), nullable=False),
    PrimaryKeyConstraint("scope", "key"),
)

triggers: Final = Table(
    "oc_triggers",
    metadata,
    Column("number", number(), primary_key=True),
    Column("kind", word(), nullable=False),
    Column("key", word(), nullable=False),
    Column("cause", word(), nullable=False),
    # Empty once it has run; the row stays, so that its cause triggers the subject once.
    Column("due", Instant),
    UniqueConstraint("kind", "key", "cause"),
    Index(None, "due", "number"),
    sqlite_autoincrement=True,
)

# Images on their way to Salesforce; a row is there only where it is sealed.
uploads: Final = Table(
    "oc_uploads",
    metadata,
    Column("key", word(), primary_key=True),
    Column("since", Instant, nullable=False, index=True),
    Column("payload", Sealed, nullable=False),
)

lines: Final = Table(
    "oc_lines",
    metadata,
    Column("number", number(), primary_key=True),
    Column("id", word(), nullable=False, unique=True),
    Column("mark", word(), nullable=False),
    # Of its EID or card, from which neither can be read off; empty when it was not submitted from here.
    Column("sim", word(), nullable=False),
    Column("payload", Sealed, nullable=False),
    Index(None, "mark", "number"),
    Index(None, "sim", "number"),
    sqlite_autoincrement=True,
)

completions: Final = Table(
    "oc_completions",
    metadata,
    Column("number", number(), primary_key=True),
    # A digest of everything that was said.
    Column("key", word(), nullable=False, unique=True),
    Column("order_id", word()),
    Column("line", word(), nullable=False),
    Column("payload", Sealed, nullable=False),
    Index(None, "order_id", "line", "number"),
    sqlite_autoincrement=True,
)

profiles: Final = Table(
    "oc_profiles",
    metadata,
    Column("mark", word(), primary_key=True),
    # A digest: an ICCID is personal, and what is searched for is not sealed.
    Column("iccid", word(), unique=True),
    Column("version", Integer, nullable=False),
    Column("payload", Sealed, nullable=False),
)
