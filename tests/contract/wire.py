"""
The wire between our adapters and the sandboxes: every call in its order, and something around one of them.

A tap is on the adapters' own clients, so that the hands of agents and admins are not counted.
"""

from __future__ import annotations

import time

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

import attrs
import httpx

from requests import PreparedRequest, Response, Session

from ordering_adapters.salesforce.org import SalesforceOrg


NOWHERE: Final = "http://127.0.0.1:1"
"""Where nobody listens: a call to it is refused by the operating system."""

SALESFORCE: Final = "salesforce"
WHMCS: Final = "whmcs"
NETWORK: Final = "sim_network"


@attrs.frozen(kw_only=True)
class WireCall:
    """One call: to whom, and what the sandbox's call log names it."""

    system: str
    name: str


@attrs.define
class Tap:
    """Counts calls from `begin` on; at the call *number*, or at each, it does *before* and *after*."""

    calls: list[WireCall] = attrs.field(factory=list[WireCall])
    number: int | None = None
    before: Callable[[WireCall], None] | None = None
    after: Callable[[], None] | None = None
    nowhere: bool = False
    patience: float | None = None
    counting: bool = False

    def begin(
        self,
        number: int | None = None,
        *,
        before: Callable[[WireCall], None] | None = None,
        after: Callable[[], None] | None = None,
        nowhere: bool = False,
        patience: float | None = None,
    ) -> None:
        """
        Count from now on, beginning with 0.

        Just before call *number* is sent *before* runs, just after its answer has come *after*; without a
        number at every call. Call *number* goes *nowhere*, or is given up after *patience* seconds.
        """
        self.calls.clear()
        self.number, self.before, self.after = number, before, after
        self.nowhere, self.patience, self.counting = nowhere, patience, True

    @property
    def struck(self) -> bool:
        """Whether the call that was waited for was made."""
        return self.number is not None and len(self.calls) > self.number

    def sends(self, call: WireCall) -> bool:
        """Count *call*; return whether it is the one that was waited for."""
        if not self.counting:
            return False
        self.calls.append(call)
        if self.number not in {None, len(self.calls) - 1}:
            return False
        if self.before is not None:
            self.before(call)
        return True

    def answered(self) -> None:
        """Do what follows the answer to the call that was waited for."""
        if self.after is not None:
            self.after()

    def count(self, system: str) -> int:
        """Return how many calls were made to *system*."""
        return sum(call.system == system for call in self.calls)


def tap_http(client: httpx.Client, system: str, tap: Tap) -> None:
    """Put *tap* onto a client of WHMCS or of the SIM network."""
    theirs: set[int] = set()

    def send(request: httpx.Request) -> None:
        if not tap.sends(WireCall(system=system, name=_name_of(request))):
            return
        theirs.add(id(request))
        if tap.nowhere:
            request.url = httpx.URL(NOWHERE).join(request.url.raw_path.decode())
        if tap.patience is not None:
            request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), tap.patience)

    def answer(response: httpx.Response) -> None:
        if id(response.request) in theirs:
            theirs.clear()
            tap.answered()

    client.event_hooks = {"request": [send], "response": [answer]}


def tap_org(org: SalesforceOrg, tap: Tap) -> None:
    """Put *tap* onto the sessions that *org* makes from now on; calls for tokens do not count."""
    transport = org.transport
    make = transport.session

    @wraps(make)
    def session() -> Session:
        made = make()
        adapter = made.get_adapter("https://")
        send = adapter.send

        def tapped(request: PreparedRequest, **how: object) -> Response:
            path = urlsplit(request.url or "").path
            if not path.startswith("/services/data") or not tap.sends(
                WireCall(system=SALESFORCE, name=path.rpartition("/")[2])
            ):
                return send(request, **how)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - handed on as it came
            plain, patience = vars(adapter)["_plain"], transport.read_timeout
            if tap.nowhere:
                vars(adapter)["_plain"] = urlsplit(NOWHERE)
            if tap.patience is not None:
                transport.read_timeout = tap.patience
            try:
                answer = send(request, **how)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - handed on as it came
            finally:
                vars(adapter)["_plain"] = plain
                transport.read_timeout = patience
            tap.answered()
            return answer

        vars(adapter)["send"] = tapped
        return made

    vars(transport)["session"] = session


def wait_for(condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """Wait until *condition* holds, which what is under way on the wire will bring about."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it has not come"
        time.sleep(0.02)


def _name_of(request: httpx.Request) -> str:
    """Return the action of a call to WHMCS, the path of one to the network."""
    form: Mapping[str, list[str]] = parse_qs(request.content.decode("utf-8", "replace"))
    return form["action"][0] if "action" in form else urlunsplit(("", "", request.url.path, "", ""))
