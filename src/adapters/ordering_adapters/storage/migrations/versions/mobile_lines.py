"""Lines and profiles of the mobile network, and what completed them."""

from typing import Final

import sqlalchemy as sa

from alembic import op


revision: Final = "0002"
down_revision: Final = "0001"
branch_labels: Final = None
depends_on: Final = None

WORD: Final = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make their tables."""
    op.create_table(
        "oc_lines",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", WORD, nullable=False),
        sa.Column("mark", WORD, nullable=False),
        sa.Column("sim", WORD, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_oc_lines"),
        sa.UniqueConstraint("id", name="uq_oc_lines_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_oc_lines_mark_number", "oc_lines", ["mark", "number"])
    op.create_index("ix_oc_lines_sim_number", "oc_lines", ["sim", "number"])
    op.create_table(
        "oc_completions",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("order_id", WORD),
        sa.Column("line", WORD, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_oc_completions"),
        sa.UniqueConstraint("key", name="uq_oc_completions_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_oc_completions_order_id_line_number", "oc_completions", ["order_id", "line", "number"]
    )
    op.create_table(
        "oc_profiles",
        sa.Column("mark", WORD, nullable=False),
        sa.Column("iccid", WORD),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_oc_profiles"),
        sa.UniqueConstraint("iccid", name="uq_oc_profiles_iccid"),
    )
