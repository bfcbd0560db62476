"""
[ci] Workers killed with SIGKILL: an eSIM at every step on PostgreSQL, other orders at some on both databases.

Budget: five minutes. tests/contract/test_durable_kills.py has the eSIM at every step on SQLite.
"""

from __future__ import annotations

import itertools

from collections.abc import Iterator
from pathlib import Path

import pytest

from ordering_core.domain.journal import Step
from tests.contract.durable_stage import Kill, open_stage, sweep
from tests.contract.durable_worker import AFTER, BEFORE, MOMENTS, RECORDED
from tests.contract.postgres_database import Databases
from tests.contract.provisioning import Kind, assert_complete
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess


ESIM_STEPS = (
    Step.MARK_ACTIVATING,
    Step.ADD_BILLING_ORDER,
    Step.SUBMIT_LINE,
    Step.ACCEPT_BILLING_ORDER,
    Step.VERIFY_SERVICES,
    Step.COMPLETE,
)
ESIM = [
    Kill(kind=Kind.ESIM, step=step, moment=moment) for step, moment in itertools.product(ESIM_STEPS, MOMENTS)
]
OTHERS = [
    Kill(kind=kind, step=step, moment=moment)
    for kind, step, moment in (
        (Kind.INTERNET, Step.MARK_ACTIVATING, RECORDED),
        (Kind.INTERNET, Step.ADD_BILLING_ORDER, AFTER),
        (Kind.INTERNET, Step.COMPLETE, BEFORE),
        (Kind.VPN, Step.ADD_BILLING_ORDER, BEFORE),
        (Kind.VPN, Step.ACCEPT_BILLING_ORDER, RECORDED),
        (Kind.VPN, Step.OPEN_SHIPPING_CASE, AFTER),
        (Kind.CARD, Step.SUBMIT_LINE, AFTER),
        (Kind.CARD, Step.VERIFY_SERVICES, BEFORE),
        (Kind.CARD, Step.COMPLETE, RECORDED),
    )
]
"""Every kind with every moment, and with three of its steps."""


@pytest.fixture(scope="module")
def outside() -> Iterator[tuple[SalesforceProcess, WhmcsProcess, SimNetworkProcess]]:
    processes = SalesforceProcess(), WhmcsProcess(), SimNetworkProcess()
    yield processes
    for process in processes:
        process.close()


@pytest.mark.parametrize(
    ("database", "kills"),
    [("postgresql", ESIM), ("postgresql", OTHERS), ("sqlite", OTHERS)],
    ids=["esim-postgresql", "others-postgresql", "others-sqlite"],
)
def test_every_order_is_finished_with_one_of_everything(
    outside: tuple[SalesforceProcess, WhmcsProcess, SimNetworkProcess],
    postgres: Databases,
    tmp_path: Path,
    database: str,
    kills: list[Kill],
) -> None:
    url = postgres.new() if database == "postgresql" else f"sqlite:///{tmp_path / 'ordering.db'}"
    with open_stage(*outside, url=url, directory=tmp_path) as stage:
        for ride in sweep(stage, kills).values():
            assert_complete(stage.road, ride)
