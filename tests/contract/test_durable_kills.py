"""Workers killed with SIGKILL at every step of an eSIM order: each effect once, and the order finished."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.durable_stage import Stage, open_stage
from tests.contract.durable_sweep import Kill, assert_once, bill_twice, kills_of, sweep
from tests.contract.provisioning import Kind, Ride
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess


KILLS = kills_of(Kind.ESIM)


@pytest.fixture(scope="module")
def stage(
    salesforce_process: SalesforceProcess,
    whmcs_process: WhmcsProcess,
    sim_network_process: SimNetworkProcess,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    directory = tmp_path_factory.mktemp("durable")
    url = f"sqlite:///{directory / 'ordering.db'}"
    with open_stage(
        salesforce_process, whmcs_process, sim_network_process, url=url, directory=directory
    ) as stage:
        yield stage


@pytest.fixture(scope="module")
def swept(stage: Stage) -> dict[Kill, Ride]:
    return sweep(stage, KILLS)


@pytest.mark.parametrize("kill", KILLS, ids=[kill.label for kill in KILLS])
def test_an_order_whose_worker_was_killed_is_finished_with_one_of_everything(
    stage: Stage, swept: dict[Kill, Ride], kill: Kill
) -> None:
    assert_once(stage, kill, swept[kill])


def test_a_worker_that_does_not_look_before_it_adds_bills_twice(stage: Stage) -> None:
    bill_twice(stage)
