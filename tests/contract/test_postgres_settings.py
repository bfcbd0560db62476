"""A system whose settings name PostgreSQL keeps what it is told there, from one process to the next."""

import pytest

from ordering_adapters.storage import open_storage, seal_again
from ordering_core.errors import Refused
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START, placement, session
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.settings import Settings
from tests.contract.postgres_database import Databases
from tests.unit.application.shop import ESIM


KEYS = ("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",)


@pytest.mark.parametrize("keys", [(), KEYS])
def test_a_checkout_is_there_after_the_process_has_ended(postgres: Databases, keys: tuple[str, ...]) -> None:
    settings = Settings(database=postgres.new(), database_keys=keys)
    with open_ordering(settings) as ordering:
        session = ordering.begin_checkout(ESIM, customer=None)
    with open_ordering(settings) as ordering:
        assert ordering.checkout(session.id, customer=None) == session
    assert "postgres" not in repr(settings)
    assert "QUFB" not in repr(settings)


def test_everything_is_sealed_again_on_the_server(postgres: Databases) -> None:
    url = postgres.new()
    with open_storage(url, ManualClock(START)) as (store, _, _), store.transaction() as tx:
        tx.sessions.add(session())
        tx.requests.add(placement())
    with open_storage(url, ManualClock(START), keys=KEYS) as (store, _, _):
        assert seal_again(store.engine) == 2
        assert seal_again(store.engine) == 0
        with store.transaction() as tx:
            assert tx.sessions.get(session().id) == session()
    with pytest.raises(Refused, match="ORDERING_DATABASE_KEYS"), open_storage(url, ManualClock(START)):
        pass
