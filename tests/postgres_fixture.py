"""The PostgreSQL server of a test run, for every suite; started by the first test that asks for it."""

import os

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.contract.postgres_database import SERVER, Databases
from tests.contract.postgres_server import shared_server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Yield the databases of this process, on the server that is named or on one for all of this run."""
    run = tmp_path_factory.getbasetemp()
    with ExitStack() as held:
        if named := os.environ.get(SERVER):
            databases = Databases(named)
            held.callback(databases.remove)
        else:
            is_worker = "PYTEST_XDIST_WORKER" in os.environ
            # Databases of a server that is thrown away go with it.
            databases = Databases(held.enter_context(shared_server(run.parent if is_worker else run)))
        yield databases
