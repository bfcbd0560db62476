"""`ordering whmcs check`: is the installation set up for us, and what is to be done if not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from ordering_adapters.clock import SystemClock
from ordering_adapters.whmcs.checked import Checked, State
from ordering_adapters.whmcs.checking import Wanted, check_installation
from ordering_core.application.ordering import Ordering
from ordering_core.domain.identifiers import ClientId
from ordering_entrypoints.settings import Settings, SettingsError
from ordering_entrypoints.terminal import Terminal, Unusable
from ordering_entrypoints.whmcs_ports import whmcs_api
from ordering_entrypoints.wire import to_json


_FAILED: Final = 1


@attrs.frozen(kw_only=True)
class CheckedView:
    """One check; *state* is ok, warning or failed, *remedy* empty when nothing is to be done."""

    name: str
    state: str
    detail: str
    remedy: str


@attrs.frozen(kw_only=True)
class WhmcsCheckView:
    """Every check, in the order in which they were made."""

    passed: bool
    checks: tuple[CheckedView, ...]


def check(
    terminal: Terminal, settings: Settings, ordering: Ordering, *, prove: int | None, as_json: bool
) -> int:
    """
    Check the installation of *settings*; *prove* is the id of a test client that the mark is proved with.

    Returns 1 when something has to be done before orders can be billed, else 0.

    Raises:
        Unusable: The settings name no installation.

        SettingsError: They cannot be used.

    """
    if settings.whmcs is None:
        raise Unusable(
            "no WHMCS is set up; set ORDERING_WHMCS_URL, ORDERING_WHMCS_IDENTIFIER and ORDERING_WHMCS_SECRET"
        )
    wanted = Wanted(
        catalogue=ordering.catalogue.all(),
        gateway=settings.policy.whmcs_gateway,
        mark_proved=settings.policy.billing_mark_proved,
        prove_with=None if prove is None else ClientId(prove),
    )
    try:
        with whmcs_api(settings.whmcs, clock=SystemClock()) as api:
            found = tuple(check_installation(api, wanted))
    except ValueError as error:
        raise SettingsError((f"ORDERING_WHMCS_*: {error}",)) from None
    passed = all(checked.state is not State.FAILED for checked in found)
    if as_json:
        terminal.say(to_json(WhmcsCheckView(passed=passed, checks=tuple(map(_view, found)))))
    else:
        _show(terminal, found, passed=passed)
    return 0 if passed else _FAILED


def _view(checked: Checked) -> CheckedView:
    return CheckedView(
        name=checked.name, state=checked.state.value, detail=checked.detail, remedy=checked.remedy
    )


def _show(terminal: Terminal, found: Sequence[Checked], *, passed: bool) -> None:
    terminal.table(
        ("check", "state", "what was seen"),
        [(checked.name, checked.state, checked.detail) for checked in found],
    )
    remedies: dict[str, list[str]] = {}
    for checked in found:
        if checked.remedy:
            remedies.setdefault(checked.remedy, []).append(checked.name)
    for remedy, names in remedies.items():
        terminal.say(f"\n{', '.join(names)}:\n  {remedy}")
    terminal.say("\nWHMCS is set up." if passed else "\nWHMCS is not set up yet; see above.")
