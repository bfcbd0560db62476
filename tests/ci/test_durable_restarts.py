"""
[ci] A wait of 60 days outlives 20 restarts, and ends at the opening of the window on its day, once.

Days pass in a file that tells all processes the time, three at each restart. Budget: a minute and a half.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import attrs
import pytest

from dbos import DBOSClient, DBOSPortableJSONSerializer

from ordering_adapters.work_queue.engine import APPLICATION, RUN
from ordering_core import WaitUntil
from ordering_core.application.record import order_subject
from ordering_core.domain.calendar import JST, business_date
from ordering_core.domain.journal import Outcome, Step, Subject, SubjectKind
from ordering_entrypoints.worker import runs_url
from tests.contract.durable_stage import LOOK, PATIENCE, Stage, open_stage
from tests.contract.postgres_database import Databases
from tests.contract.provisioning import Ride, assert_complete
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import WEDNESDAY
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.unit.application.shop import ESIM


RESTARTS: Final = 20
AT_EACH: Final = timedelta(days=3)
WAIT: Final = RESTARTS * AT_EACH
MOMENT: Final = timedelta(seconds=1)
NOBODY: Final = Subject(SubjectKind.ELIGIBILITY, "nobody's")
"""Whom neither the sweep nor the poll triggers."""


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    url = f"sqlite:///{tmp_path / 'ordering.db'}"
    if request.param == "postgresql":
        databases = request.getfixturevalue("postgres")
        assert isinstance(databases, Databases)
        url = databases.new()
    with (
        closing(SalesforceProcess()) as salesforce,
        closing(WhmcsProcess()) as whmcs,
        closing(SimNetworkProcess()) as network,
        open_stage(salesforce, whmcs, network, url=url, directory=tmp_path) as stage,
    ):
        yield stage


def let_it_look(stage: Stage, runs: Path, cause: str) -> None:
    """Return once the worker has run everything that is due, and what the sweep and the poll found."""
    stage.world.ordering.sweep()
    stage.world.ordering.reconcile()
    before = runs.read_text(encoding="utf-8").count(NOBODY.key)
    with stage.world.store.transaction() as tx:
        tx.trigger(NOBODY, cause=cause)
    began = monotonic()
    while (
        runs.read_text(encoding="utf-8").count(NOBODY.key) == before
        or stage.outbox.first(stage.world.clock.now(), without=()) is not None
    ):
        assert monotonic() - began < PATIENCE, "the worker does nothing"
        sleep(LOOK)


def let_the_engine_forget(stage: Stage) -> None:
    """Return once the engine has nothing in hand or in store: what waits is a row of ours alone."""
    client = DBOSClient(
        system_database_url=runs_url(stage.url),
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
    )
    began = monotonic()
    try:
        while any(
            run.name == RUN for run in client.list_workflows(status=["ENQUEUED", "DELAYED", "PENDING"])
        ):
            assert monotonic() - began < PATIENCE, "a run waits in the engine"
            sleep(LOOK)
    finally:
        client.destroy()


def assert_waits(stage: Stage, ride: Ride) -> None:
    """Hold that the order waits for its day, and that nothing of it is there yet."""
    kept = stage.case_file(ride.order)
    assert kept is not None
    assert isinstance(kept.rest, WaitUntil)
    assert {*stage.done_steps(ride.order)} == {Step.MARK_SCHEDULED, Step.NOTIFY}
    assert stage.road.bills(ride.order) == []
    assert stage.road.lines(ride.order) == []


def test_a_wait_of_60_days_over_20_restarts_ends_on_its_day_at_the_opening_of_the_window(
    stage: Stage, tmp_path: Path
) -> None:
    clock = stage.world.clock
    clock.move_to(WEDNESDAY + timedelta(hours=23))  # the next day at nine
    day = business_date(clock.now()) + WAIT
    ride = stage.placed(draft=attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=day))
    opening = WEDNESDAY + timedelta(days=1) + WAIT
    assert (opening.astimezone(JST).date(), opening.astimezone(JST).hour) == (day, 10)
    runs = tmp_path / "runs"
    runs.touch()
    with stage.working(stage.job("one", runs=str(runs))):
        let_it_look(stage, runs, "approved")
        assert_waits(stage, ride)
        let_the_engine_forget(stage)
    clock.move_to(opening - WAIT - MOMENT)
    for restart in range(RESTARTS):
        clock.advance(AT_EACH)
        with stage.working(stage.job("one", runs=str(runs))):
            let_it_look(stage, runs, f"restart {restart}")
            assert_waits(stage, ride)
            if restart == RESTARTS - 1:
                assert clock.now() == opening - MOMENT
                stage.pass_time_until(lambda: stage.is_done(ride.order))
    assert_on_its_day(stage, ride, opening)


def assert_on_its_day(stage: Stage, ride: Ride, opening: object) -> None:
    with stage.world.store.transaction() as tx:
        rows = tx.journal.rows(order_subject(ride.order))
    [bill] = [row for row in rows if row.step is Step.ADD_BILLING_ORDER]
    [line] = [row for row in rows if row.step is Step.SUBMIT_LINE]
    assert bill.outcome is line.outcome is Outcome.DONE
    assert bill.intent_at == line.intent_at == opening
    assert_complete(stage.road, ride)
