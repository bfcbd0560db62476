"""`ordering salesforce check`: what an org lacks, and the way out of each."""

from __future__ import annotations

from typing import Final, Self

import attrs

from ordering_adapters.clock import SystemClock
from ordering_adapters.salesforce import SalesforceOrg
from ordering_adapters.salesforce.check import EventCheck, OrgCheck, check_org, with_events
from ordering_adapters.salesforce.org_problems import OrgProblem
from ordering_entrypoints.salesforce_ports import salesforce_org
from ordering_entrypoints.salesforce_settings import SalesforceVariables
from ordering_entrypoints.settings import Settings, SettingsError
from ordering_entrypoints.terminal import Terminal, Unusable
from ordering_entrypoints.wire import to_json


_FAILED: Final = 1


@attrs.frozen(kw_only=True)
class OrgProblemView:
    """One thing that is wrong with an org; *gravity* is error, warning or degraded."""

    gravity: str
    code: str
    where: str
    what: str
    remedy: str

    @classmethod
    def of(cls, problem: OrgProblem) -> Self:
        """Show *problem*."""
        return cls(
            gravity=problem.gravity,
            code=problem.code,
            where=problem.where,
            what=problem.what,
            remedy=problem.remedy,
        )


@attrs.frozen(kw_only=True)
class AllowanceView:
    """The org's API calls of the last 24 hours."""

    used: int
    total: int


@attrs.frozen(kw_only=True)
class OrgCheckView:
    """What a check found; *event_seconds* is how long an event took, None when none was sent or none came."""

    passed: bool
    objects: int
    fields: int
    allowance: AllowanceView | None
    event_seconds: float | None
    problems: tuple[OrgProblemView, ...]


def check_salesforce(
    terminal: Terminal, settings: Settings, *, events_within: float | None, as_json: bool
) -> int:
    """
    Check the org of *settings*; with *events_within* (seconds) also whether events arrive.

    Returns 1 when ordering cannot work with the org as it is, else 0.

    Raises:
        Unusable: The settings name no org.

        SettingsError: They cannot be used.

        Unavailable: The org cannot be asked.

    """
    if settings.salesforce is None:
        raise Unusable(
            "no Salesforce org is set up; set ORDERING_SALESFORCE_DOMAIN, _CLIENT_ID, _CLIENT_SECRET and"
            " _PRICE_BOOK (docs/configuration.md)"
        )
    try:
        org = salesforce_org(settings.salesforce, clock=SystemClock(), policy=settings.policy)
    except ValueError as error:
        raise SettingsError((f"ORDERING_SALESFORCE_*: {error}",)) from None
    found = check_org(org, initial=settings.policy.initial_order_status)
    events = EventCheck()
    if events_within is not None:
        events = _watch(org, settings.salesforce, within=events_within)
        found = with_events(found, events)
    if as_json:
        terminal.say(to_json(_view(found, events)))
    else:
        _show(terminal, found, events)
    return 0 if found.passed else _FAILED


def _watch(org: SalesforceOrg, variables: SalesforceVariables, *, within: float) -> EventCheck:
    try:
        from ordering_adapters.salesforce.check_events import check_events  # noqa: PLC0415 - an extra
        from ordering_entrypoints.salesforce_bus import bus_settings  # noqa: PLC0415 - an extra
    except ImportError:
        raise Unusable("--events needs ordering-core[events] to be installed") from None
    return check_events(org, bus_settings(variables), within=within)


def _view(found: OrgCheck, events: EventCheck) -> OrgCheckView:
    calls = found.allowance
    return OrgCheckView(
        passed=found.passed,
        objects=found.objects,
        fields=found.fields,
        allowance=AllowanceView(used=calls.used, total=calls.total) if calls else None,
        event_seconds=None if events.seconds is None else round(events.seconds, 3),
        problems=tuple(map(OrgProblemView.of, found.problems)),
    )


def _show(terminal: Terminal, found: OrgCheck, events: EventCheck) -> None:
    if found.problems:
        terminal.table(
            ("", "where", "what is wrong", "way out"),
            [(problem.gravity, problem.where, problem.what, problem.remedy) for problem in found.problems],
        )
        terminal.say()
    if events.seconds is not None:
        terminal.say(f"An event arrived {events.seconds:.1f} s after it was published.")
    if found.allowance is not None:
        calls = found.allowance
        terminal.say(f"API calls of the last 24 hours: {calls.used:,} of {calls.total:,}.")
    looked_at = f"{found.objects} objects and {found.fields} fields looked at"
    if not found.passed:
        terminal.say(f"The org is not ready for ordering yet; {looked_at}.")
    elif found.problems:
        terminal.say(f"The org is ready for ordering, with what is said above; {looked_at}.")
    else:
        terminal.say(f"The org is ready for ordering: nothing is missing; {looked_at}.")
