"""How long a case file rests, so that the sweep passes over those that wait."""

from typing import Final

import sqlalchemy as sa

from alembic import op


revision: Final = "0004"
down_revision: Final = "0003"
branch_labels: Final = None
depends_on: Final = None

WORD: Final = sa.String().with_variant(sa.String(collation="C"), "postgresql")

_BEFORE: Final = "oc_case_files_before"


def upgrade() -> None:
    """Add the column: of what is there the sweep looks at everything, until it is kept again."""
    op.drop_index("ix_oc_case_files_finished", "oc_case_files")
    if op.get_context().dialect.name == "sqlite":
        _make_anew()
    else:
        op.add_column("oc_case_files", _rests_until())
    op.create_index(
        "ix_oc_case_files_finished_rests_until_kind_key",
        "oc_case_files",
        ["finished", "rests_until", "kind", "key"],
    )


def _rests_until() -> sa.Column[int]:
    return sa.Column("rests_until", sa.BigInteger(), server_default="0", nullable=False)


def _make_anew() -> None:
    """Make the table as it is made where there was none: SQLite adds columns behind the constraints."""
    op.rename_table("oc_case_files", _BEFORE)
    op.create_table(
        "oc_case_files",
        sa.Column("kind", WORD, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        _rests_until(),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_oc_case_files"),
    )
    columns = ["kind", "key", "version", "finished", "payload"]
    made, before = (sa.table(name, *map(sa.column, columns)) for name in ("oc_case_files", _BEFORE))
    op.execute(sa.insert(made).from_select(columns, sa.select(before)))
    op.drop_table(_BEFORE)
