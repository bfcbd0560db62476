"""
What has to be said before orders of an org that is in use are provisioned: which of them came before us.

An org has approved orders that another system takes care of, and nothing in them has to say so (DESIGN 3.18).
"""

from __future__ import annotations

from typing import Final

from ordering_core.domain.policy import Mode
from ordering_entrypoints.settings import Settings, SettingsError


NOT_BEFORE: Final = "ORDERING_POLICY_PROVISIONING_NOT_BEFORE"

MISSING: Final = (
    "is missing: set it to the instant of the first start; approved orders of the org from before it are"
    " shown, and never provisioned"
)


def need_first_instant(settings: Settings) -> None:
    """
    Refuse to work on the orders of a real org while nobody has said from which instant on they are ours.

    A stand-in on this machine has none before us, and while it is observed nothing is done to any.

    Raises:
        SettingsError: It is not said.

    """
    org, policy = settings.salesforce, settings.policy
    is_real = org is not None and org.plain_address is None
    if is_real and policy.mode is Mode.LIVE and policy.provisioning_not_before is None:
        raise SettingsError((f"{NOT_BEFORE} {MISSING}",))
