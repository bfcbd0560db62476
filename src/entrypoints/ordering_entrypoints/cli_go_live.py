"""`ordering adopt` as it is typed: which of its two acts is meant, and what each needs."""

from __future__ import annotations

import argparse
import getpass

from ordering_adapters.clock import SystemClock
from ordering_adapters.salesforce.go_live import SalesforceRecordsBefore
from ordering_adapters.whmcs import WhmcsProducts
from ordering_adapters.whmcs.go_live import WhmcsServicesBefore
from ordering_entrypoints.cli_adopt import adopt
from ordering_entrypoints.cli_adopt_map import read_map
from ordering_entrypoints.cli_adopt_order import provision
from ordering_entrypoints.cli_pausing import need_database
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.first_start import NOT_BEFORE
from ordering_entrypoints.salesforce_ports import salesforce_org
from ordering_entrypoints.settings import Settings, SettingsError
from ordering_entrypoints.terminal import Terminal, Unusable
from ordering_entrypoints.whmcs_ports import whmcs_api


def go_live(terminal: Terminal, settings: Settings, chosen: argparse.Namespace) -> int:
    """
    Adopt what is there, or take over one order, as *chosen*; return the exit status.

    Raises:
        Unusable: The arguments or the settings do not say all that is needed, or the map cannot be read.

        PortError: A system does not answer.

    """
    need_database(settings)
    if settings.salesforce is None or settings.whmcs is None:
        raise Unusable("there is nothing to adopt: set ORDERING_SALESFORCE_* and ORDERING_WHMCS_*")
    if settings.policy.provisioning_not_before is None:
        raise Unusable(
            f"set {NOT_BEFORE} to the instant of the go-live first: what was ordered before it is left alone"
        )
    if (chosen.map is None) == (chosen.provision is None):
        raise Unusable("name the file of the identity map, or one order with --provision ORDER")
    accepted = frozenset(chosen.accepted)
    identities = () if chosen.map is None else read_map(chosen.map)
    if chosen.provision is not None and not chosen.reason.strip():
        raise Unusable("taking an order over needs a reason: --reason TEXT says what was agreed or found")
    clock = SystemClock()
    with open_ordering(settings) as ordering, whmcs_api(settings.whmcs, clock=clock) as api:
        services = WhmcsServicesBefore(api, WhmcsProducts(api))
        if chosen.provision is not None:
            return provision(
                terminal,
                ordering,
                chosen.provision,
                services=services,
                by=chosen.by or getpass.getuser(),
                reason=chosen.reason,
                accepted=accepted,
                apply=chosen.apply,
                as_json=chosen.json,
            )
        try:
            org = salesforce_org(settings.salesforce, clock=clock, policy=settings.policy)
        except ValueError as error:
            raise SettingsError((f"ORDERING_SALESFORCE_*: {error}",)) from None
        return adopt(
            terminal,
            ordering,
            identities,
            records=SalesforceRecordsBefore(org),
            services=services,
            accepted=accepted,
            apply=chosen.apply,
            as_json=chosen.json,
        )
