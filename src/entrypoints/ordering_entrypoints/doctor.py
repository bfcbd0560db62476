"""
What keeps a system from working, or will: settings, database, work and pauses (DESIGN 6, Operate).

Looking changes nothing: not even an older database is upgraded.
"""

from __future__ import annotations

import os

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import attrs

from sqlalchemy import Engine

from ordering_adapters.storage import SqlStore, SqlWorkQueue, open_engine
from ordering_adapters.storage.migrate import is_current
from ordering_adapters.storage.sealing import check
from ordering_core.application.own_orders import polling_since, reconciled_at
from ordering_core.application.pausing import paused
from ordering_core.application.reconciliation import COMPARED
from ordering_core.application.retention import round_began
from ordering_core.domain.fallout import FindingCode, HoldCode
from ordering_core.domain.finding_runbooks import FINDING_RUNBOOKS
from ordering_core.domain.policy import MethodCheck, Policy
from ordering_core.domain.runbooks import RUNBOOKS
from ordering_core.errors import PortError
from ordering_core.ports.clock import Clock
from ordering_core.ports.order_records import Finding
from ordering_core.ports.store import Store
from ordering_core.ports.work_queue import WorkQueue
from ordering_entrypoints.cli_pausing import in_words
from ordering_entrypoints.doctor_rests import rests_found
from ordering_entrypoints.memory_systems import IN_MEMORY, MADE_UP, way_out
from ordering_entrypoints.settings import DATABASE, DATABASE_KEYS, Settings


class State(StrEnum):
    """How one look came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@attrs.frozen(kw_only=True)
class Found:
    """What was looked at, how it is, what was seen, and the way out, empty when nothing is to be done."""

    where: str
    state: State
    what: str
    remedy: str = ""


STUCK: Final = timedelta(minutes=5)
"""How long due work may wait: far longer than the sweep needs to find it (DESIGN 6)."""

LATE: Final = timedelta(days=2)
"""How long one round of retention may take: enough for 280,000 finished orders."""

MOST_NAMED: Final = 5

RUNBOOK_PAGE: Final = "docs/runbooks.md"

_DATABASE: Final = "database"
_WORK: Final = "work"
_SETTINGS: Final = "settings"
_RETENTION: Final = "retention"


def settings_found(settings: Settings) -> Iterator[Found]:
    """Yield the settings that weaken the system."""
    for is_weak, what, remedy in _weak(settings):
        if is_weak:
            yield Found(where=_SETTINGS, state=State.WARNING, what=what, remedy=remedy)
    for file in settings.exposed:
        yield Found(
            where=_SETTINGS,
            state=State.WARNING,
            what=f"others on this machine may read the secret in {file}",
            remedy=f"chmod o-rwx {file}",
        )
    for system in settings.made_up:
        is_asked = system in settings.in_memory
        yield Found(
            where=_SETTINGS,
            state=State.WARNING if is_asked else State.FAILED,
            what=MADE_UP[system].what,
            remedy=f"set {MADE_UP[system].settings}, and take {system} out of {IN_MEMORY}"
            if is_asked
            else way_out(system),
        )


def _weak(settings: Settings) -> Iterable[tuple[bool, str, str]]:
    policy, org = settings.policy, settings.salesforce
    return (
        (
            policy.identity_method_check is MethodCheck.WARN,
            "an unlawful way of verifying an identity stops no activation",
            "set ORDERING_POLICY_IDENTITY_METHOD_CHECK=enforce, or remove it",
        ),
        (
            org is not None and policy.provisioning_not_before is None,
            "approved orders from before ordering was used would be provisioned",
            "set ORDERING_POLICY_PROVISIONING_NOT_BEFORE to the instant of the first start",
        ),
        (
            org is not None and org.plain_address is not None,
            "the org is a stand-in on this machine, spoken to without TLS",
            "remove ORDERING_SALESFORCE_PLAIN_ADDRESS where customers order",
        ),
        (
            org is not None and settings.database is not None and not settings.database_keys,
            "the image of a card is kept by nobody until Salesforce has it: who dies with one has lost it",
            "set ORDERING_DATABASE_KEYS (openssl rand -base64 32); no image is written without",
        ),
        (
            settings.mail is None,
            "no mail is sent to customers: what they would be told is a line of the log",
            "set ORDERING_MAIL_HOST and _SENDER",
        ),
        (
            settings.http.tokens is None,
            "no customer can log in to the API: no tokens are set up",
            "set ORDERING_TOKENS_ISSUER, _AUDIENCE and a key",
        ),
    )


def store_found(settings: Settings, clock: Clock) -> Iterator[Found]:
    """Yield how the database is, and the work that it tells of."""
    if settings.database is None:
        yield Found(
            where=_DATABASE,
            state=State.FAILED if settings.salesforce or settings.whmcs else State.WARNING,
            what="nothing is kept: what was billed is forgotten with the process",
            remedy=f"set {DATABASE}=sqlite:///FILE",
        )
        return
    try:
        engine = open_engine(settings.database, keys=settings.database_keys)
    except ValueError as error:
        yield _failed(str(error))
        return
    try:
        yield from _opened(engine, settings.policy, clock)
    except PortError as error:
        yield _failed(error.reason or "it cannot be read now")
    finally:
        engine.dispose()


def _opened(engine: Engine, policy: Policy, clock: Clock) -> Iterator[Found]:
    if not _is_there(engine) and not _can_be_made(engine):
        yield _failed(f"its file cannot be made: {engine.url.database} is in no directory we may write to")
        return
    if not _is_there(engine) or not is_current(engine):
        yield Found(
            where=_DATABASE,
            state=State.WARNING,
            what="its tables are missing, or of an older version",
            remedy="start ordering serve once: it makes or upgrades them. Back it up before.",
        )
        return
    check(engine)
    yield Found(where=_DATABASE, state=State.OK, what="its tables are of this version")
    store = SqlStore(engine, clock)
    for sentence in in_words(paused(store), policy):
        what, _, remedy = sentence.partition("; ")
        yield Found(where="paused", state=State.WARNING, what=what, remedy=remedy)
    at = clock.now()
    problems = list(work_found(store, SqlWorkQueue(store), policy=policy, at=at))
    yield from problems or [Found(where=_WORK, state=State.OK, what="nothing is stuck")]


def _is_there(engine: Engine) -> bool:
    """Tell whether there is something to open; opening a file that is not there would make it."""
    file = engine.url.database
    return engine.dialect.name != "sqlite" or (file is not None and Path(file).exists())


def _can_be_made(engine: Engine) -> bool:
    """Tell whether the file of *engine* has a directory to be made in."""
    folder = Path(engine.url.database or "").absolute().parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def work_found(store: Store, queue: WorkQueue, *, policy: Policy, at: datetime) -> Iterator[Found]:
    """Yield the work that nobody does, and what waits too long for a person."""
    with store.transaction() as tx:
        placing = tx.requests.unresolved(at - STUCK)
        findings = tx.findings.all_open()
        polled, tried = reconciled_at(tx), polling_since(tx)
        forgetting, card = round_began(tx), tx.uploads.oldest()
    rests = rests_found(store, due_before=at - STUCK, policy=policy, at=at)
    due = queue.next_due()
    running = "see that ordering serve (or ordering worker) runs, and what it logs"
    if due is not None and due <= at - STUCK:
        yield _stuck(f"work that was due at {due:%d %b %H:%M} UTC was not begun", running)
    if placing:
        yield _stuck(f"{len(placing)} submitted orders are still being placed", running)
    if rests.overdue:
        yield _stuck(f"{len(rests.overdue)} orders should have gone on: {_listed(rests.overdue)}", running)
    if polled is not None and polled <= at - STUCK:
        yield _stuck(f"changed orders were last looked for at {polled:%d %b %H:%M} UTC", running)
    if polled is None and tried is not None and tried <= at - STUCK:
        yield _stuck(f"changed orders were never looked for, since {tried:%d %b %H:%M} UTC", running)
    yield from _kept_too_long(forgetting, card, at)
    if rests.forgotten:
        days = policy.holds_self_clear.days
        what = f"{len(rests.forgotten)} holds are older than {days} days: {_listed(rests.forgotten)}"
        yield Found(
            where="holds", state=State.WARNING, what=what, remedy="ordering show ORDER says whose each is"
        )
    yield from map(_urgent, (found for found in findings if found.urgent))
    yield from _differences(found for found in findings if found.code in COMPARED)
    for order, code in rests.urgent:
        yield _urgent_hold(order, code)


def _kept_too_long(forgetting: datetime | None, card: datetime | None, at: datetime) -> Iterator[Found]:
    """Yield what should have left us: a card, for Salesforce, and everything that is forgotten in time."""
    if card is not None and card <= at - STUCK:
        yield _stuck(
            f"the image of a card waits for Salesforce since {card:%d %b %H:%M} UTC",
            "see that Salesforce takes files (ordering salesforce check), and that ordering works",
        )
    if forgetting is not None and forgetting <= at - LATE:
        yield Found(
            where=_RETENTION,
            state=State.WARNING,
            what=f"a round of forgetting has not ended since {forgetting:%d %b %H:%M} UTC",
            remedy="see that ordering serve (or ordering worker) runs, and what it logs of retention",
        )


def _listed(names: Iterable[str]) -> str:
    keys = sorted(names)
    more = ["…"] if len(keys) > MOST_NAMED else []
    return ", ".join(keys[:MOST_NAMED] + more)


def _urgent(found: Finding) -> Found:
    runbook = FINDING_RUNBOOKS[found.code]
    what = f"{found.subject}: {runbook.title}"
    return Found(where="urgent", state=State.FAILED, what=what, remedy=" ".join(runbook.steps))


def _differences(findings: Iterable[Finding]) -> Iterator[Found]:
    """Yield what a comparison of active orders has found, each kind once."""
    orders: defaultdict[FindingCode, list[str]] = defaultdict(list)
    for found in findings:
        orders[found.code].append(found.subject)
    for code, subjects in orders.items():
        what = f"{FINDING_RUNBOOKS[code].title}: {_listed(subjects)}"
        remedy = f"ordering show ORDER says what differs; {RUNBOOK_PAGE} what to do"
        yield Found(where=code.value, state=State.WARNING, what=what, remedy=remedy)


def _urgent_hold(order: str, code: HoldCode) -> Found:
    runbook = RUNBOOKS[code]
    what = f"{order}: {runbook.title}"
    return Found(where="urgent", state=State.FAILED, what=what, remedy=" ".join(runbook.steps))


def _stuck(what: str, remedy: str) -> Found:
    return Found(where=_WORK, state=State.FAILED, what=what, remedy=remedy)


def _failed(what: str) -> Found:
    remedy = f"correct {DATABASE} or {DATABASE_KEYS}, or see that the database can be reached"
    return Found(where=_DATABASE, state=State.FAILED, what=what, remedy=remedy)
