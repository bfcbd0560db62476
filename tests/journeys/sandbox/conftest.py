from collections.abc import Iterator

import pytest

from tests.journeys.sandbox.running import RunningOrg, Subscriber, running_org, subscribed


@pytest.fixture(scope="session")
def one_org() -> Iterator[RunningOrg]:
    """Return the org that all tests of a worker share."""
    with running_org() as org:
        yield org


@pytest.fixture
def org(one_org: RunningOrg) -> RunningOrg:
    """Return an org as its seed left it."""
    one_org.admin("POST", "reset")
    one_org.log_in()
    one_org.admin("DELETE", "calls")
    return one_org


@pytest.fixture
def subscriber(org: RunningOrg) -> Iterator[Subscriber]:
    """Return a client of *org*'s event bus."""
    with subscribed(org) as opened:
        yield opened
