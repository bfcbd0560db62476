"""
How to reach the network, and everything of its API that only the partner's contract can confirm.

Freebit publishes no documents: paths, names of fields and codes stand here and nowhere else, and every one of
them is a setting (reference japan-telecom 3.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

import attrs

from ordering_adapters.sim_network.connection import base_of, check_address


class Function(StrEnum):
    """What is asked of the network."""

    LOGIN = "login"
    OPEN_ESIM = "open_esim"
    OPEN_CARD = "open_card"
    VOICE_OPTIONS = "voice_options"
    TERMINATE = "terminate"
    STATUS = "status"


PATHS: Final[Mapping[Function, str]] = MappingProxyType(
    {
        Function.LOGIN: "authOem/",
        Function.OPEN_ESIM: "mvno/esim/addAcnt/",
        Function.OPEN_CARD: "mvno/semiblack/addAcnt/",
        Function.VOICE_OPTIONS: "mvno/talkoption/changeOrder/",
        Function.TERMINATE: "master/cnclAcnt/",
        Function.STATUS: "",
    }
)
"""The path of each function; an empty one says that the network does not offer it."""


@attrs.frozen(kw_only=True)
class FreebitSettings:
    """
    One partner's access.

    *url* is the address beneath which *paths* lie, such as ``https://network.example/emptool/api/``.
    *reference_field* carries our order id in a line's request (empty: the contract has no such field), and
    *receipt_field* the network's own number of the request, in its answers and where the status path tells of
    lines (empty: not in both).
    *contract_line* is ``4G`` or ``5G``, *sim_kind_data* what a SIM without voice is called. *master_account*
    and *master_password* make lines under a master account of their own; without them lines are added to the
    partner's. *codes* are ours for the network's (`codes.CODES`), where the contract has others. *timeout*
    (seconds) is for one call, and has to stay below the policy's call time-out with *connect_timeout*.
    *key_age* is how long a login is used before the next one. *ca_file* replaces the system's authorities.

    Raises:
        ValueError: The address cannot be one, the secret would be sent in the clear, or the paths do not let
            a line be found without being able to name it.

    """

    url: str
    oem_id: str
    oem_key: str = attrs.field(repr=False)
    paths: Mapping[Function, str] = PATHS
    reference_field: str = "requestKey"
    receipt_field: str = "receiptNumber"
    contract_line: str = "5G"
    sim_kind_voice: str = "E0"
    sim_kind_data: str = "E2"
    master_account: str = ""
    master_password: str = attrs.field(default="", repr=False)
    codes: Mapping[str, str] = attrs.field(factory=dict[str, str])
    timeout: float = 20.0
    connect_timeout: float = 5.0
    concurrency: int = 4
    key_age: timedelta = timedelta(minutes=30)
    ca_file: Path | None = None

    def __attrs_post_init__(self) -> None:
        check_address(self.url)
        missing = [name for name in Function if name is not Function.STATUS and not self.paths.get(name)]
        if missing:
            raise ValueError(f"paths has to name: {', '.join(missing)}")
        if self.can_be_asked and not self.reference_field:
            raise ValueError("a status path needs reference_field: lines are asked for by our order id")
        if self.concurrency < 1:
            raise ValueError("concurrency has to be 1 or more")

    @property
    def base(self) -> str:
        """The address with one slash at its end."""
        return base_of(self.url)

    @property
    def can_be_asked(self) -> bool:
        """Whether the network says how lines stand."""
        return bool(self.paths.get(Function.STATUS))
