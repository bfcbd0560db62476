"""
The outside systems that may stay in this process beside a real org, if somebody asks for it by name.

What one of them does is made up: nobody is billed, no line is opened, and the order is told active. So a
process that lacks the settings of one must not begin to work on the orders of an org.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs


IN_MEMORY: Final = "ORDERING_IN_MEMORY"


class MemorySystem(StrEnum):
    """A system of which there is one in memory, by the group of its settings."""

    WHMCS = "whmcs"
    SIM = "sim"
    ES2PLUS = "es2plus"


@attrs.frozen(kw_only=True)
class MadeUp:
    """The *port* that one of them stands behind, what it makes up, and the settings of a real one."""

    port: str
    what: str
    settings: str


MADE_UP: Final[Mapping[MemorySystem, MadeUp]] = MappingProxyType(
    {
        MemorySystem.WHMCS: MadeUp(
            port="billing",
            what="orders of an org are billed in memory, that is, not at all",
            settings="ORDERING_WHMCS_URL, _IDENTIFIER and _SECRET",
        ),
        MemorySystem.SIM: MadeUp(
            port="lines",
            what="lines for orders of an org are opened in memory, that is, not at all",
            settings="ORDERING_SIM_URL, _OEM_ID and _OEM_KEY",
        ),
        MemorySystem.ES2PLUS: MadeUp(
            port="profiles",
            what="profiles of eSIMs for orders of an org are delivered in memory, that is, not at all",
            settings="ORDERING_ES2PLUS_URL and _REQUESTER (or no ORDERING_POLICY_ESIM_PROFILE_DELIVERY)",
        ),
    }
)


def way_out(system: MemorySystem) -> str:
    """Return what to set where *system* is missing."""
    return f"set {MADE_UP[system].settings}; or, for a trial, name {system} in {IN_MEMORY}"
