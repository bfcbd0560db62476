"""A system whose settings name PostgreSQL keeps what it is told there, from one process to the next."""

from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.settings import Settings
from tests.contract.postgres_database import Databases
from tests.unit.application.shop import ESIM


def test_a_checkout_is_there_after_the_process_has_ended(postgres: Databases) -> None:
    settings = Settings(database=postgres.new())
    with open_ordering(settings) as ordering:
        session = ordering.begin_checkout(ESIM, customer=None)
    with open_ordering(settings) as ordering:
        assert ordering.checkout(session.id, customer=None) == session
    assert "postgres" not in repr(settings)
