"""
The sandbox's mobile network as one more partner of it uses it, over its public API, and as its staff sees it.

Nothing here is the adapter's: what the demo shows of the network is what another client finds there.
"""

from __future__ import annotations

import json

from collections.abc import Mapping
from typing import Final, TypeVar

import attrs

from cattrs import Converter

from ordering_core.domain.identifiers import OrderId
from ordering_entrypoints.demo_client import Refusal
from ordering_entrypoints.demo_stand_in import SharedClock, StandIn
from ordering_entrypoints.sandboxes import Ready


SUCCESS: Final = "100"

_API: Final = "emptool/api"

_T = TypeVar("_T")


@attrs.frozen(kw_only=True)
class _Status:
    message: str


@attrs.frozen(kw_only=True)
class _Answer:
    result: str = attrs.field(alias="resultCode")
    status: _Status


@attrs.frozen(kw_only=True)
class _Key:
    key: str = attrs.field(alias="authKey", repr=False)


@attrs.frozen(kw_only=True)
class NetworkLine:
    """A line there: the network's own number of the request, how it stands, and its device if it has one."""

    receipt: str = attrs.field(alias="receiptNumber")
    state: str
    eid: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class _Lines:
    lines: list[NetworkLine] = attrs.field(alias="responseDatas")


@attrs.frozen(kw_only=True)
class _Profile:
    state: str
    eid: str = attrs.field(repr=False)


_READER: Final = Converter(use_alias=True)
"""Reads answers in the network's own names, which are the aliases of ours."""


class DemoNetwork(StandIn):
    """
    The network that *ready* tells of; as a context it is closed on leaving.

    Its clock goes with *clock*. Every method raises Refusal, with its own words, when it refuses, and
    Unusable when it is gone.
    """

    def __init__(self, ready: Ready, clock: SharedClock) -> None:
        super().__init__("the mobile network", ready, clock)
        self._login = {"oemId": ready["oem_id"], "oemKey": ready["oem_key"]}

    def lines_of(self, order: OrderId, /) -> list[NetworkLine]:
        """Return every line there that names *order*, however it came about, oldest first."""
        login = self._ask("authOem/", self._login, _Key)
        asked = {"authKey": login.key, "requestKey": str(order)}
        return self._ask("mvno/getDetail/", asked, _Lines).lines

    def profiles_for(self, line: NetworkLine, /) -> list[str]:
        """Return how every profile stands that was ordered for the device of *line*."""
        answer: object = self._reached(lambda: self._admin.get("profiles")).raise_for_status().json()
        ordered = _READER.structure(answer, list[_Profile])
        return [profile.state for profile in ordered if line.eid and profile.eid == line.eid]

    def _ask(self, function: str, fields: Mapping[str, str], wanted: type[_T]) -> _T:
        """Call *function*, and read what is *wanted* of the answer."""
        form = {"json": json.dumps(fields)}
        answer: object = self._reached(lambda: self._api.post(f"{_API}/{function}", data=form)).json()
        outcome = _READER.structure(answer, _Answer)
        if outcome.result != SUCCESS:
            raise Refusal(f"the mobile network: {function}: {outcome.status.message}")
        return _READER.structure(answer, wanted)
