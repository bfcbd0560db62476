"""Images in transit, and how far the events of orders were forgotten."""

from typing import Final

import sqlalchemy as sa

from alembic import op


revision: Final = "0003"
down_revision: Final = "0002"
branch_labels: Final = None
depends_on: Final = None

WORD: Final = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make their tables."""
    op.create_table(
        "oc_uploads",
        sa.Column("key", WORD, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_oc_uploads"),
    )
    op.create_index("ix_oc_uploads_since", "oc_uploads", ["since"])
    op.create_table(
        "oc_forgotten",
        sa.Column("order_id", WORD, nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_oc_forgotten"),
    )
    op.create_index("ix_oc_forgotten_cursor", "oc_forgotten", ["cursor"])
