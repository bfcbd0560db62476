"""`ordering doctor`: everything that keeps the system from working, or will, and the way out of each."""

from __future__ import annotations

import ssl

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import attrs
import httpx

from ordering_adapters.clock import SystemClock
from ordering_adapters.whmcs.checking import Wanted, check_installation
from ordering_core.domain.catalogue import Catalogue
from ordering_core.domain.vocabulary import System
from ordering_core.errors import PortError
from ordering_core.ports.clock import Clock
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.doctor import Found, State, settings_found, store_found
from ordering_entrypoints.settings import Settings, SettingsError
from ordering_entrypoints.terminal import Terminal
from ordering_entrypoints.whmcs_ports import whmcs_api
from ordering_entrypoints.wire import to_json


_FAILED: Final = 1

CLOCKS_APART: Final = timedelta(seconds=30)
"""How far clocks may differ: a signed login is good for minutes, dates of Japan turn at midnight."""

_PATIENCE: Final = 10.0
"""Seconds that a system is given to tell its time."""


@attrs.frozen(kw_only=True)
class DoctorView:
    """Everything that was found, in the order in which it was looked at."""

    passed: bool
    found: tuple[Found, ...]


def doctor(terminal: Terminal, settings: Settings, *, as_json: bool) -> int:
    """Look at everything that *settings* name and say how it is; return 1 when something failed, else 0."""
    clock = SystemClock()
    found = (
        *settings_found(settings),
        *store_found(settings, clock),
        *_salesforce(settings, clock),
        *_whmcs(settings, clock),
        *_networks(settings, clock),
        *_clocks(settings, clock),
    )
    passed = all(each.state is not State.FAILED for each in found)
    if as_json:
        terminal.say(to_json(DoctorView(passed=passed, found=found)))
    else:
        terminal.table(
            ("where", "state", "what was seen", "way out"),
            [(each.where, each.state, each.what, each.remedy) for each in found],
        )
        terminal.say("\nThe system can work." if passed else "\nThe system cannot work as it is; see above.")
    return 0 if passed else _FAILED


def _salesforce(settings: Settings, clock: Clock) -> Iterator[Found]:
    """Yield what `ordering salesforce check` finds."""
    if settings.salesforce is None:
        return
    where, check = System.SALESFORCE.value, "ordering salesforce check says more"
    try:
        from ordering_adapters.salesforce.check import check_org  # noqa: PLC0415 - an extra
        from ordering_adapters.salesforce.org_problems import Gravity  # noqa: PLC0415 - an extra
        from ordering_entrypoints.salesforce_ports import salesforce_org  # noqa: PLC0415 - an extra
    except ImportError:
        install = "install ordering-core[salesforce]"
        yield Found(where=where, state=State.FAILED, what="its adapter is not installed", remedy=install)
        return
    try:
        org = salesforce_org(settings.salesforce, clock=clock, policy=settings.policy)
        found = check_org(org, initial=settings.policy.initial_order_status)
    except (PortError, ValueError) as error:
        yield Found(where=where, state=State.FAILED, what=str(error), remedy=check)
        return
    for problem in found.problems:
        state = State.FAILED if problem.gravity is Gravity.ERROR else State.WARNING
        what = f"{problem.where}: {problem.what}"
        yield Found(where=where, state=state, what=what, remedy=problem.remedy)
    if found.passed:
        calls = found.allowance
        spent = f"; {calls.used:,} of {calls.total:,} API calls in 24 hours" if calls else ""
        yield Found(where=where, state=State.OK, what=f"the org is ready for ordering{spent}")


def _whmcs(settings: Settings, clock: Clock) -> Iterator[Found]:
    """Yield what keeps the catalogue from being read, and what `ordering whmcs check` finds."""
    where, check = System.WHMCS.value, "ordering whmcs check says more"
    catalogue = _catalogue(settings)
    if isinstance(catalogue, Found):
        yield catalogue
        return
    if settings.whmcs is None:
        return
    wanted = Wanted(
        catalogue=catalogue,
        gateway=settings.policy.whmcs_gateway,
        mark_proved=settings.policy.billing_mark_proved,
        prove_with=None,
    )
    try:
        with whmcs_api(settings.whmcs, clock=clock) as api:
            found = tuple(check_installation(api, wanted))
    except (PortError, ValueError) as error:
        yield Found(where=where, state=State.FAILED, what=str(error), remedy=check)
        return
    for each in found:
        state = State(each.state.value)
        if state is not State.OK:
            what = f"{each.name}: {each.detail}"
            yield Found(where=where, state=state, what=what, remedy=each.remedy or check)
    if all(each.state.value != State.FAILED for each in found):
        yield Found(where=where, state=State.OK, what="the installation is set up for ordering")


def _catalogue(settings: Settings) -> Catalogue | Found:
    """Return what is sold, or what keeps us from knowing it, and so from looking for it in WHMCS."""
    try:
        looking = attrs.evolve(settings, database=None, in_memory=settings.made_up)
        with open_ordering(looking) as ordering:
            return ordering.catalogue.all()
    except SettingsError as error:
        what = "; ".join(error.problems)
        return Found(where="settings", state=State.FAILED, what=what, remedy="correct them")
    except (PortError, ValueError) as error:
        return Found(
            where="catalogue",
            state=State.FAILED,
            what=f"it cannot be read, nor compared with WHMCS: {error}",
            remedy="correct ORDERING_CATALOGUE, or what is said of Salesforce",
        )


def _networks(settings: Settings, clock: Clock) -> Iterator[Found]:
    """Yield whether the mobile network and the SM-DP+ answer, and who signs tokens."""
    from ordering_entrypoints import doctor_networks as networks  # noqa: PLC0415 - for those who have them

    if settings.sim is not None:
        yield from networks.network_found(settings.sim, clock)
    if settings.es2plus is not None:
        yield from networks.profiles_found(settings.es2plus)
    if settings.http.tokens is not None:
        yield from networks.signers_found(settings.http.tokens)


def _clocks(settings: Settings, clock: Clock) -> Iterator[Found]:
    """Yield whose clock differs from this machine's; who cannot be reached was told of before."""
    org, billing = settings.salesforce, settings.whmcs
    if org is not None:
        yield from _clock(
            System.SALESFORCE, org.plain_address or f"https://{org.domain}/", org.ca_file, clock
        )
    if billing is not None:
        yield from _clock(System.WHMCS, billing.url, billing.ca_file, clock)


def _clock(system: System, address: str, ca_file: Path | None, clock: Clock) -> Iterator[Found]:
    try:
        verify = ssl.create_default_context(cafile=ca_file) if ca_file else True
        answer = httpx.head(address, timeout=_PATIENCE, verify=verify)
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (httpx.HTTPError, OSError, KeyError, ValueError):
        return
    apart = abs(clock.now() - theirs)
    if apart > CLOCKS_APART:
        yield Found(
            where="clock",
            state=State.FAILED,
            what=f"it is {apart.total_seconds():.0f} s from {system}'s",
            remedy="set this machine's clock by NTP",
        )
    else:
        yield Found(where="clock", state=State.OK, what=f"it agrees with {system}'s")
