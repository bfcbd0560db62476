"""What a process is told of its mobile network (``ORDERING_SIM_…``) and SM-DP+ (``ORDERING_ES2PLUS_…``)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

import attrs

from ordering_core.domain.policy import Policy


SHORTEST_KEY: Final = 20
"""Characters of the key in the path that an SM-DP+ tells of devices under."""


class ContractLine(StrEnum):
    """What lines are contracted as."""

    FIVE_G = "5G"
    FOUR_G = "4G"


@attrs.frozen(kw_only=True)
class SimVariables:
    """
    One partner's access to the network: where it is, who we are there, and what its contract says.

    *url* is the address beneath which its functions lie. *status_path* is where it says how lines stand, None
    if it does not. *contract_file* is a TOML file with ``[paths]``, ``[fields]``, ``[codes]`` and
    ``[completions]``. *timeout* is for one call, logging in included.
    """

    url: str
    oem_id: str
    oem_key: str = attrs.field(repr=False)
    status_path: str | None = None
    contract_file: Path | None = None
    contract_line: ContractLine = ContractLine.FIVE_G
    master_account: str | None = None
    master_password: str | None = attrs.field(default=None, repr=False)
    key_age: timedelta = timedelta(minutes=30)
    timeout: timedelta = timedelta(seconds=20)
    connect_timeout: timedelta = timedelta(seconds=5)
    concurrency: int = 4
    ca_file: Path | None = None

    def problem_with(self, policy: Policy) -> str | None:
        """Return why *policy* does not go with this network, or None."""
        if self.timeout > policy.call_timeout:
            return _too_long("ORDERING_SIM_TIMEOUT")
        return None


@attrs.frozen(kw_only=True)
class Es2PlusVariables:
    """
    One SM-DP+: where it is, who we are there, and which profiles are ours.

    *iccids* is ``type=first+count``, several with ``;`` between: the profiles we choose from. *progress_key*
    is the last part of the address that the SM-DP+ tells of devices at; None takes no such calls.

    Raises:
        ValueError: The key in that address could be guessed.

    """

    url: str
    requester: str
    version: str = "2.2.0"
    smdp_address: str | None = None
    iccids: str | None = None
    progress_key: str | None = attrs.field(default=None, repr=False)
    timeout: timedelta = timedelta(seconds=20)
    connect_timeout: timedelta = timedelta(seconds=5)
    concurrency: int = 4
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def __attrs_post_init__(self) -> None:
        if self.progress_key is not None and len(self.progress_key) < SHORTEST_KEY:
            raise ValueError(
                f"the progress key needs {SHORTEST_KEY} characters or more, or it can be guessed"
            )

    def problem_with(self, policy: Policy) -> str | None:
        """Return why *policy* does not go with this SM-DP+, or None."""
        if not policy.esim_profile_delivery:
            return (
                "ORDERING_POLICY_ESIM_PROFILE_DELIVERY has to be true, or no profile is ever reserved there"
            )
        if self.timeout > policy.call_timeout:
            return _too_long("ORDERING_ES2PLUS_TIMEOUT")
        return None


def _too_long(name: str) -> str:
    return (
        f"{name} has to be at most ORDERING_POLICY_CALL_TIMEOUT, or a call could arrive after others were "
        "told it cannot"
    )
