"""Retention on SQLite."""

from pathlib import Path

from tests.unit.storage.forgetting import forget_at_the_instant
from tests.unit.storage.restoring import working


def test_a_finished_order_is_forgotten_at_the_instant_and_an_open_one_never(tmp_path: Path) -> None:
    with working(tmp_path / "ordering.db") as world:
        forget_at_the_instant(world)
