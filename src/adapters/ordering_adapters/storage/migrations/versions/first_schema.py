"""The first schema."""

from typing import Final

import sqlalchemy as sa

from alembic import op


revision: Final = "0001"
down_revision: Final = None
branch_labels: Final = None
depends_on: Final = None

WORD: Final = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT: Final = sa.BigInteger()


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "oc_accounts",
        sa.Column("id", WORD, nullable=False),
        sa.Column("refreshed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_oc_accounts"),
    )
    op.create_table(
        "oc_answers",
        sa.Column("scope", WORD, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("fingerprint", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reference", WORD, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_oc_answers"),
    )
    op.create_index("ix_oc_answers_since", "oc_answers", ["since"])
    op.create_table(
        "oc_case_files",
        sa.Column("kind", WORD, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_oc_case_files"),
    )
    op.create_index("ix_oc_case_files_finished", "oc_case_files", ["finished"])
    op.create_table(
        "oc_checkpoints",
        sa.Column("name", WORD, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_oc_checkpoints"),
    )
    op.create_table(
        "oc_decisions",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("order_id", WORD, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_oc_decisions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_oc_decisions_order_id_id", "oc_decisions", ["order_id", "id"])
    op.create_table(
        "oc_events",
        sa.Column("cursor", NUMBER, nullable=False),
        sa.Column("order_id", WORD, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("cursor", name="pk_oc_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_oc_events_order_id_cursor", "oc_events", ["order_id", "cursor"])
    op.create_table(
        "oc_findings",
        sa.Column("code", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", "subject", name="pk_oc_findings"),
    )
    op.create_table(
        "oc_identities",
        sa.Column("customer", WORD, nullable=False),
        sa.Column("account", WORD, nullable=False),
        sa.Column("client", sa.BigInteger(), nullable=False),
        sa.Column("customer_number", WORD, nullable=False),
        sa.PrimaryKeyConstraint("customer", name="pk_oc_identities"),
        sa.UniqueConstraint("account", name="uq_oc_identities_account"),
        sa.UniqueConstraint("client", name="uq_oc_identities_client"),
    )
    op.create_table(
        "oc_journal",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("step", WORD, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("mark", WORD, nullable=False),
        sa.Column("runner", WORD, nullable=False),
        sa.Column("intent_at", INSTANT, nullable=False),
        sa.Column("settles_at", INSTANT, nullable=False),
        sa.Column("outcome", WORD),
        sa.Column("settled_at", INSTANT),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_oc_journal"),
        sa.UniqueConstraint("kind", "key", "step", "attempt", name="uq_oc_journal_kind_key_step_attempt"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ux_oc_journal_open",
        "oc_journal",
        ["kind", "key", "step"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "oc_orders",
        sa.Column("id", WORD, nullable=False),
        sa.Column("account", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("order_type", WORD, nullable=False),
        sa.Column("number", WORD, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_oc_orders"),
    )
    op.create_index("ix_oc_orders_account_created_at_id", "oc_orders", ["account", "created_at", "id"])
    op.create_index("ix_oc_orders_account_state", "oc_orders", ["account", "state"])
    op.create_table(
        "oc_placements",
        sa.Column("key", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("runner", WORD, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("settles_at", INSTANT, nullable=False),
        sa.Column("live_opportunity", WORD),
        sa.Column("placed", WORD),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_oc_placements"),
        sa.UniqueConstraint("live_opportunity", name="uq_oc_placements_live_opportunity"),
        sa.UniqueConstraint("placed", name="uq_oc_placements_placed"),
    )
    op.create_index("ix_oc_placements_state_settles_at", "oc_placements", ["state", "settles_at"])
    op.create_table(
        "oc_sessions",
        sa.Column("id", WORD, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("submitted", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_oc_sessions"),
    )
    op.create_index("ix_oc_sessions_submitted_expires_at", "oc_sessions", ["submitted", "expires_at"])
    op.create_table(
        "oc_triggers",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("cause", WORD, nullable=False),
        sa.Column("due", INSTANT),
        sa.PrimaryKeyConstraint("number", name="pk_oc_triggers"),
        sa.UniqueConstraint("kind", "key", "cause", name="uq_oc_triggers_kind_key_cause"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_oc_triggers_due_number", "oc_triggers", ["due", "number"])
