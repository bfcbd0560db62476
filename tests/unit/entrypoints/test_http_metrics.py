"""The figures of a process: what they count, who may read them, what that costs, and what is not in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, event

from ordering_adapters.storage import SqlStore
from ordering_core.application.pausing import Pause
from ordering_core.domain.fallout import FindingCode, HoldCode
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.errors import Conflict, OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.order_records import Finding
from ordering_core.testing.contracts.samples import placement
from ordering_core.testing.world import Fault
from ordering_entrypoints import metrics as figures
from ordering_entrypoints.backlog import count_backlog
from ordering_entrypoints.container import open_stored
from ordering_entrypoints.http import create_app
from ordering_entrypoints.http.auth import new_service_key
from ordering_entrypoints.http.machinery import Machinery
from ordering_entrypoints.http.principals import Permission, Role
from ordering_entrypoints.http.settings import MetricsAccess, ServiceKey
from ordering_entrypoints.metrics import CONTENT_TYPE, Metrics
from ordering_entrypoints.observing import calls_to, observed_duty, observed_run, outcome_of
from ordering_entrypoints.settings import Settings
from tests.unit.application.shop import World, new_world, place
from tests.unit.entrypoints.api import SETTINGS, Api
from tests.unit.entrypoints.test_http_redaction import SENTINELS, live_a_life


Labels = frozenset[tuple[str, str]]

KEY, DIGEST = new_service_key()
SCRAPER = ServiceKey(name="prometheus", sha256=DIGEST, permissions=frozenset({Permission.METRICS}))


def samples(text: str) -> dict[tuple[str, Labels], float]:
    """Return every figure in *text* by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return samples(metrics.text().decode()).get((name, frozenset(labels.items())))


class Measured(Api):
    """An API whose figures are kept."""

    def __init__(self, access: MetricsAccess = MetricsAccess.KEY) -> None:
        super().__init__()
        self.metrics = Metrics()
        self.machinery = Machinery(
            figures=lambda: (self.metrics.text(), CONTENT_TYPE), answered=self.metrics.answered
        )
        settings = attrs.evolve(SETTINGS, metrics=access, service_keys=(*SETTINGS.service_keys, SCRAPER))
        self.app = create_app(self.world.ordering, settings=settings, machinery=self.machinery)
        self.client = TestClient(self.app)


def test_requests_are_counted_by_template_method_and_status_and_never_by_path() -> None:
    api = Measured()
    session = api.begin()
    for _ in range(3):
        api.call("GET", session)
    api.call("GET", "/checkout-sessions/8019999999")
    route = "/api/checkout-sessions/{session_id}"
    count = "ordering_http_requests_total"
    assert value(api.metrics, count, method="GET", route=route, status="200") == 3
    assert value(api.metrics, count, method="GET", route=route, status="404") == 1
    assert value(api.metrics, "ordering_http_request_seconds_count", method="GET", route=route) == 4
    assert session.rpartition("/")[2] not in api.metrics.text().decode()


@pytest.mark.parametrize(
    ("access", "header", "status"),
    [
        (MetricsAccess.KEY, {"Authorization": f"Bearer {KEY}"}, 200),
        (MetricsAccess.KEY, {}, 401),
        (MetricsAccess.KEY, {"Authorization": "Bearer osk_guessed"}, 401),
        (MetricsAccess.OPEN, {}, 200),
        (MetricsAccess.OFF, {"Authorization": f"Bearer {KEY}"}, 404),
    ],
)
def test_who_may_read_them_is_a_setting(access: MetricsAccess, header: dict[str, str], status: int) -> None:
    answer = Measured(access).client.get("/metrics", headers=header)
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"] == CONTENT_TYPE_LATEST
        assert answer.headers["cache-control"] == "no-store"
        assert "ordering_build_info" in answer.text


@pytest.mark.parametrize(
    ("role", "status"), [(Role.CUSTOMER, 403), (Role.AGENT, 403), (Role.OPERATOR, 200), (Role.ADMIN, 200)]
)
def test_of_those_who_log_in_operators_may_read_them(role: Role, status: int) -> None:
    api = Measured()
    assert api.client.get("/metrics", headers=api.token("jane", role)).status_code == status


def test_without_figures_there_is_no_such_route() -> None:
    assert Api().client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (None, "ok"),
        (Refused, "refused"),
        (Conflict, "conflict"),
        (Unavailable, "unavailable"),
        (OutcomeUnknown, "unknown"),
        (RuntimeError, "failed"),
    ],
)
def test_calls_are_counted_by_system_operation_and_outcome(error: type[Exception] | None, word: str) -> None:
    metrics = Metrics()
    calls_to("whmcs", metrics)("AddOrder", error, 0.2)
    assert outcome_of(error) == word
    assert (
        value(metrics, "ordering_upstream_calls_total", system="whmcs", operation="AddOrder", outcome=word)
        == 1
    )
    assert value(metrics, "ordering_upstream_call_seconds_sum", system="whmcs", operation="AddOrder") == 0.2


def test_a_transaction_that_the_business_rolled_back_is_no_failure_of_the_database() -> None:
    metrics = Metrics()
    calls_to("database", metrics)("transaction", ValueError, 0.1)
    labels = {"system": "database", "operation": "transaction", "outcome": "rolled_back"}
    assert value(metrics, "ordering_upstream_calls_total", **labels) == 1


def test_runs_and_duties_are_counted_whether_they_fail_or_not() -> None:
    world, metrics = new_world(), Metrics()
    order = place(world, world.new_customer())
    world.work_queue.run_due(world.clock.now(), observed_run(world.ordering.run, metrics))
    assert (value(metrics, "ordering_runs_total", kind="order", outcome="ok") or 0) >= 1
    assert order not in metrics.text().decode()
    world.faults.set("orders.changed_since", Fault.DOWN)
    poll = observed_duty("poll", world.ordering.reconcile, metrics)
    poll()
    assert value(metrics, "ordering_duty_failures_total", duty="poll") == 1
    assert value(metrics, "ordering_duty_last_success_timestamp_seconds", duty="poll") is None
    poll()
    assert (value(metrics, "ordering_duty_last_success_timestamp_seconds", duty="poll") or 0) > 1e9


def with_backlog(world: World) -> Metrics:
    metrics = Metrics()
    metrics.shows_backlog(lambda: count_backlog(world.ordering, world.work_queue))
    return metrics


def held(world: World) -> None:
    """Leave an order on hold: its customer removed the payment method since."""
    customer = world.new_customer()
    order = place(world, customer)
    world.agent.approve(order)
    world.agent.remove_payment_methods(world.client_of(customer))
    world.run_due()


def test_holds_are_counted_by_code_and_owner() -> None:
    world = new_world()
    held(world)
    metrics = with_backlog(world)
    code = HoldCode.PAYMENT_METHOD_MISSING.value
    assert value(metrics, "ordering_holds", code=code, owner="customer") == 1
    assert value(metrics, "ordering_unfinished") == 1
    assert value(metrics, "ordering_store_up") == 1


def test_a_poll_is_behind_by_the_time_since_the_last_that_read_everything_or_since_the_first_try() -> None:
    world = new_world()
    assert value(with_backlog(world), "ordering_poll_lag_seconds") is None
    for minutes in (0, 7, 14):
        world.faults.set("orders.changed_since", Fault.DOWN)
        with pytest.raises(Unavailable):
            world.ordering.reconcile()
        assert value(with_backlog(world), "ordering_poll_lag_seconds") == minutes * 60
        world.clock.advance(timedelta(minutes=7))
    world.ordering.reconcile()
    assert value(with_backlog(world), "ordering_poll_lag_seconds") == 0


def test_submits_of_unknown_outcome_are_counted_once_they_may_be_looked_for() -> None:
    world = new_world()
    assert value(with_backlog(world), "ordering_placings_overdue") == 0
    with world.store.transaction() as tx:
        for name in ("one", "two"):
            tx.requests.add(attrs.evolve(placement(name), since=world.clock.now()))
    world.clock.advance(timedelta(hours=1))
    assert value(with_backlog(world), "ordering_placings_overdue") == 2


def test_open_findings_are_counted_by_code_and_urgency() -> None:
    world = new_world()
    since = world.clock.now()
    found = [
        Finding(code=FindingCode.LINKS_DIFFER, subject="801-one", since=since),
        Finding(code=FindingCode.LINKS_DIFFER, subject="801-two", since=since),
        Finding(code=FindingCode.LINE_ACTIVE_ORDER_CANCELLED, subject="801-one", since=since, urgent=True),
    ]
    for count, each in enumerate(found):
        assert sum(_findings(world).values()) == count
        with world.store.transaction() as tx:
            tx.findings.open(each)
    assert _findings(world) == {
        (FindingCode.LINKS_DIFFER.value, "false"): 2,
        (FindingCode.LINE_ACTIVE_ORDER_CANCELLED.value, "true"): 1,
    }
    with world.store.transaction() as tx:
        tx.findings.close(FindingCode.LINKS_DIFFER, "801-one")
    assert _findings(world)[FindingCode.LINKS_DIFFER.value, "false"] == 1


def _findings(world: World) -> dict[tuple[str, str], float]:
    shown = samples(with_backlog(world).text().decode())
    of = {dict(labels)["code"]: dict(labels) for name, labels in shown if name == "ordering_findings"}
    return {
        (code, labels["urgent"]): shown["ordering_findings", frozenset(labels.items())]
        for code, labels in of.items()
    }


def test_due_work_is_told_by_its_age() -> None:
    world = new_world()
    place(world, world.new_customer())
    world.run_due()
    assert value(with_backlog(world), "ordering_due_oldest_seconds") == 0
    world.agent.approve(place(world, world.new_customer()))
    world.clock.advance(timedelta(minutes=7))
    assert value(with_backlog(world), "ordering_due_oldest_seconds") >= 420  # type: ignore[operator] # None fails too


@pytest.mark.parametrize("what", list(Pause))
def test_what_is_paused_shows(what: Pause) -> None:
    world = new_world()
    world.ordering.pause(what)
    shown = {each: value(with_backlog(world), "ordering_paused", what=each.value) for each in Pause}
    assert shown == {each: float(each is what) for each in Pause}


def test_a_store_that_cannot_be_asked_shows_and_the_rest_goes_on() -> None:
    world = new_world()
    world.faults.set("store.transaction", Fault.DOWN)
    metrics = with_backlog(world)
    assert value(metrics, "ordering_store_up") == 0
    assert value(metrics, "ordering_unfinished") is None


def test_what_was_counted_a_moment_ago_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world, moment = new_world(), [100.0]
    monkeypatch.setattr(figures, "monotonic", lambda: moment[0])
    metrics = with_backlog(world)
    assert value(metrics, "ordering_unfinished") == 0
    held(world)
    moment[0] += figures.COUNTED_EVERY - 0.1
    assert value(metrics, "ordering_unfinished") == 0
    moment[0] += 0.1
    assert value(metrics, "ordering_unfinished") == 1


def test_how_far_our_clock_is_ahead_shows_once_salesforce_has_told_the_time() -> None:
    metrics, said = Metrics(), list[float]()
    metrics.knows_clock(lambda: said[-1] if said else None)
    assert value(metrics, "ordering_salesforce_clock_ahead_seconds") is None
    said.append(-601.5)
    assert value(metrics, "ordering_salesforce_clock_ahead_seconds") == -601.5


def test_the_allowance_shows_once_salesforce_has_said_it() -> None:
    metrics, said = Metrics(), list[tuple[int, int]]()
    metrics.knows_allowance(lambda: said[-1] if said else None)
    assert value(metrics, "ordering_salesforce_api_calls_used") is None
    said.append((12, 15_000))
    assert value(metrics, "ordering_salesforce_api_calls_used") == 12
    assert value(metrics, "ordering_salesforce_api_calls_allowed") == 15_000


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Collect what is asked of *engine*."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_reading_costs_few_statements_of_a_database_and_none_the_second_time(tmp_path: Path) -> None:
    metrics = Metrics()
    settings = Settings(database=f"sqlite:///{tmp_path / 'ordering.db'}")
    with open_stored(settings, observer=metrics) as (ordering, storage):
        assert storage is not None
        store, queue, _ = storage
        assert isinstance(store, SqlStore)
        metrics.shows_backlog(lambda: count_backlog(ordering, queue))
        with store.transaction() as tx:
            tx.trigger(Subject(SubjectKind.ORDER, "801"), cause="a", at=ordering.clock.now())
            tx.trigger(
                Subject(SubjectKind.ORDER, "801"), cause="b", at=ordering.clock.now() + timedelta(days=1)
            )
        with statements(store.engine) as seen:
            assert value(metrics, "ordering_due_triggers") == 1
            assert 1 <= len(seen) <= 8
            seen.clear()
            assert value(metrics, "ordering_due_triggers") == 1
            assert seen == []
    labels = {"system": "database", "operation": "transaction", "outcome": "ok"}
    assert (value(metrics, "ordering_upstream_calls_total", **labels) or 0) >= 1


def test_no_personal_data_reaches_a_figure() -> None:
    api = Measured()
    live_a_life(api)
    text = api.metrics.text().decode()
    assert [sentinel for sentinel in SENTINELS if sentinel in text] == []
    assert text.count("ordering_http_requests_total{") > 20


@given(
    st.sampled_from(SENTINELS),
    st.sampled_from(["/api/orders/", "/api/checkout-sessions/", "/nowhere/", "/api/"]),
)
def test_whatever_a_path_names_makes_no_series_of_its_own(personal: str, before: str) -> None:
    _API.client.get(f"{before}{personal}")
    routes = {
        dict(labels)["route"]
        for name, labels in samples(_API.metrics.text().decode())
        if name == "ordering_http_requests_total"
    }
    assert routes <= {"/api/orders/{order_id}", "/api/checkout-sessions/{session_id}"}


_API = Measured()
