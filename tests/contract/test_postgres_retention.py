"""Retention on PostgreSQL."""

from tests.contract.postgres_database import Databases
from tests.unit.storage.forgetting import forget_at_the_instant
from tests.unit.storage.restoring import working


def test_a_finished_order_is_forgotten_at_the_instant_and_an_open_one_never(postgres: Databases) -> None:
    with working(postgres.copied()) as world:
        forget_at_the_instant(world)
