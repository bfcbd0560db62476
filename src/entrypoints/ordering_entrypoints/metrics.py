"""
What a process counts and measures, as Prometheus reads it (docs/operate.md lists it).

Labels hold names of ours and nothing of a customer's: a route is its template, an operation a name of an
interface. Reading asks nobody outside, and our own store no more often than every quarter of a minute.
"""

from __future__ import annotations

import logging
import platform

from collections.abc import Callable, Iterator
from importlib.metadata import version
from threading import Lock
from time import monotonic, time
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ordering_core.application.pausing import Pause
from ordering_core.errors import PortError
from ordering_entrypoints.backlog import Backlog
from ordering_entrypoints.http.redaction import log_event
from ordering_entrypoints.observing import Allowance, ClockAhead, Observer


CHARSET: Final = "charset=utf-8"

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST.removesuffix(f"; {CHARSET}")
"""What `Metrics.text` is, but for its `CHARSET`, which a framework adds."""

COUNTED_EVERY: Final = 15.0
"""Seconds for which a backlog that was counted is shown: several may read, and reading is not free."""

_QUICK: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0)

_LOG: Final = logging.getLogger(__name__)


class Metrics(Observer):
    """The figures of one process; any number of threads may report and read."""

    def __init__(self) -> None:
        """Begin at zero, with what is known of the process itself."""
        disable_created_metrics()  # type: ignore[no-untyped-call] # it says nothing of its types
        self.registry: Final = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        Info("ordering_build", "The version that runs.", registry=self.registry).info(
            {"version": version("ordering-core"), "python": platform.python_version()}
        )
        self._requests = Counter(
            "ordering_http_requests_total",
            "Requests answered; a stream counts when it begins.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._request_seconds = Histogram(
            "ordering_http_request_seconds",
            "How long requests took.",
            ["method", "route"],
            buckets=_QUICK,
            registry=self.registry,
        )
        self._calls = Counter(
            "ordering_upstream_calls_total",
            "Calls to other systems and transactions of the database.",
            ["system", "operation", "outcome"],
            registry=self.registry,
        )
        self._call_seconds = Histogram(
            "ordering_upstream_call_seconds",
            "How long they took, waiting for their turn included.",
            ["system", "operation"],
            buckets=_QUICK,
            registry=self.registry,
        )
        self._runs = Counter(
            "ordering_runs_total",
            "Runs of what was due.",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self._run_seconds = Histogram(
            "ordering_run_seconds", "How long runs took.", ["kind"], buckets=_SLOW, registry=self.registry
        )
        self._duty_failures = Counter(
            "ordering_duty_failures_total",
            "Times that a sweep, a poll or a look for due work could not be done.",
            ["duty"],
            registry=self.registry,
        )
        self._duty_done = Gauge(
            "ordering_duty_last_success_timestamp_seconds",
            "When this process last did it.",
            ["duty"],
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Return everything in the form that Prometheus reads."""
        return generate_latest(self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Hear of one request that was answered; *route* is its template."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(method, route).observe(seconds)

    def called(self, system: str, operation: str, outcome: str, seconds: float) -> None:
        """Count a call."""
        self._calls.labels(system, operation, outcome).inc()
        self._call_seconds.labels(system, operation).observe(seconds)

    def ran(self, kind: str, outcome: str, seconds: float) -> None:
        """Count a run."""
        self._runs.labels(kind, outcome).inc()
        self._run_seconds.labels(kind).observe(seconds)

    def duty_done(self, duty: str, *, well: bool) -> None:
        """Remember when a duty was done, or count that it was not."""
        if well:
            self._duty_done.labels(duty).set(time())
        else:
            self._duty_failures.labels(duty).inc()

    def knows_allowance(self, allowance: Allowance) -> None:
        """Show what the org said in its last answer of the calls that are left."""
        self.registry.register(_AllowanceFigures(allowance))

    def knows_clock(self, ahead: ClockAhead) -> None:
        """Show how far this machine's clock is ahead of Salesforce's."""
        self.registry.register(_ClockFigure(ahead))

    def shows_streams(self, streams: Callable[[], int]) -> None:
        """Show how many clients follow an order live, as *streams* counts them."""
        gauge = Gauge("ordering_live_clients", "Clients that follow an order live.", registry=self.registry)
        gauge.set_function(streams)

    def shows_backlog(self, count: Callable[[], Backlog]) -> None:
        """Show what is left to do, as *count* finds it."""
        self.registry.register(_BacklogFigures(count))


class _AllowanceFigures(Collector):
    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance

    def collect(self) -> Iterator[Metric]:
        """Yield the allowance, nothing before the first answer."""
        known = self._allowance()
        if known is not None:
            yield _gauge("ordering_salesforce_api_calls_used", "API calls of the org in 24 hours.", known[0])
            yield _gauge("ordering_salesforce_api_calls_allowed", "How many there may be.", known[1])

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: there may be nothing to show."""
        return iter(())


class _ClockFigure(Collector):
    def __init__(self, ahead: ClockAhead) -> None:
        self._ahead = ahead

    def collect(self) -> Iterator[Metric]:
        """Yield it, nothing before the first answer."""
        seconds = self._ahead()
        if seconds is not None:
            what = "How far this process's clock is ahead of Salesforce's, to a second."
            yield _gauge("ordering_salesforce_clock_ahead_seconds", what, seconds)

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: there may be nothing to show."""
        return iter(())


class _BacklogFigures(Collector):
    """The backlog, counted at most once in a while."""

    def __init__(self, count: Callable[[], Backlog]) -> None:
        self._count = count
        self._lock = Lock()
        self._counted: tuple[float, Backlog | None] | None = None

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: registering asks no store."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Yield the figures, or only that the store cannot be asked."""
        found = self._found()
        yield _gauge("ordering_store_up", "Whether the store could be asked.", int(found is not None))
        if found is not None:
            yield from _figures(found)

    def _found(self) -> Backlog | None:
        with self._lock:
            now = monotonic()
            if self._counted is not None and now - self._counted[0] < COUNTED_EVERY:
                return self._counted[1]
            try:
                found = self._count()
            except PortError as error:
                log_event(
                    _LOG,
                    logging.WARNING,
                    "what is left to do could not be counted",
                    {"system": error.system, "error": type(error).__name__},
                )
                found = None
            self._counted = (now, found)
            return found


def _figures(found: Backlog) -> Iterator[Metric]:
    holds = GaugeMetricFamily(
        "ordering_holds", "Orders on hold, by why and for whom.", labels=["code", "owner"]
    )
    for (code, owner), number in sorted(found.holds.items()):
        holds.add_metric([code, owner], number)
    yield holds
    findings = GaugeMetricFamily("ordering_findings", "Open findings.", labels=["code", "urgent"])
    for (code, urgent), number in sorted(found.findings.items()):
        findings.add_metric([code, str(urgent).lower()], number)
    yield findings
    paused = GaugeMetricFamily("ordering_paused", "What is paused, observing included.", labels=["what"])
    for each in Pause:
        paused.add_metric([each.value], int(each in found.paused))
    yield paused
    yield _gauge("ordering_unfinished", "Orders and other subjects that are not finished.", found.unfinished)
    yield _gauge("ordering_placings_overdue", "Submits whose outcome is not known yet.", found.placing)
    if found.due is not None:
        yield _gauge("ordering_due_triggers", "Triggers that are due.", found.due)
    waits = (found.at - found.oldest).total_seconds() if found.oldest else 0.0
    yield _gauge("ordering_due_oldest_seconds", "How long the first of them has been due.", waits)
    if found.polled is not None:
        lag = (found.at - found.polled).total_seconds()
        what = "How long ago the last poll of changed orders began that read everything."
        yield _gauge("ordering_poll_lag_seconds", what, lag)


def _gauge(name: str, what: str, value: float) -> Metric:
    gauge = GaugeMetricFamily(name, what)
    gauge.add_metric([], value)
    return gauge
