"""What an admin can do with this network beyond the common: hands in its office, and those of a device."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import attrs

from ordering_sandbox.admin import Action, record_in
from ordering_sandbox.calls import CallLog
from ordering_sandbox.json_values import Json, JsonObject, NotJson, flag_of, number_of, text_of
from ordering_sandbox.sim_network.completions import completion_file
from ordering_sandbox.sim_network.failures import FAILURES
from ordering_sandbox.sim_network.lines import rendered
from ordering_sandbox.sim_network.network import Line, LineState
from ordering_sandbox.sim_network.notices import INSTALLED, notify
from ordering_sandbox.sim_network.profiles import Profile, ProfileState
from ordering_sandbox.sim_network.refusals import COMPLETION_FAILURES, REFUSALS
from ordering_sandbox.sim_network.seed import add_cards, add_donors, add_profiles
from ordering_sandbox.sim_network.site import Site, State
from ordering_sandbox.web import HttpRequest


class NetworkAdmin:
    """The admin actions of one site."""

    def __init__(
        self, site: Site, calls: CallLog, fill: Callable[[JsonObject | None], None], operator: str
    ) -> None:
        """Act on *site*; *fill* plants a seed, or its own; *operator* is told what devices do, if named."""
        self._site = site
        self._calls = calls
        self._fill = fill
        self._operator = operator

    def actions(self) -> Mapping[tuple[str, str], Action]:
        """Return the actions by method and path."""
        return {
            ("GET", "switches"): lambda _request, _body: self._switches(),
            ("PUT", "switches"): self._set_switches,
            ("GET", "failures"): lambda _request, _body: sorted(FAILURES),
            ("GET", "codes"): lambda _request, _body: {
                "refusals": dict(REFUSALS),
                "completions": dict(COMPLETION_FAILURES),
            },
            ("GET", "lines"): self._lines,
            ("POST", "lines/complete"): self._complete,
            ("POST", "lines/fail"): self._fail,
            ("GET", "completions"): self._completions,
            ("POST", "stock"): self._stock,
            ("GET", "cards"): self._cards,
            ("GET", "profiles"): self._profiles,
            ("PUT", "profiles/stock"): self._limit_profiles,
            ("POST", "profiles/install"): self._install,
            ("PUT", "operator"): self._set_operator,
            ("POST", "reset"): self._reset,
        }

    def _switches(self) -> JsonObject:
        return attrs.asdict(self._site.switches)

    def _set_switches(self, _request: HttpRequest, body: Json) -> Json:
        self._site.switches = self._site.switches.changed(record_in(body))
        return self._switches()

    def _lines(self, request: HttpRequest, _body: Json) -> Json:
        """Return the lines, all or those of ``?requestKey=``, as the network's staff see them."""
        key = request.query_values().get("requestKey", "")
        with self._site.open() as (state, _):
            return rendered(state.network.found(request_key=key))

    def _complete(self, _request: HttpRequest, body: Json) -> Json:
        """Open now what was accepted under ``requestKey``."""
        return self._settled(record_in(body), "")

    def _fail(self, _request: HttpRequest, body: Json) -> Json:
        """Fail now with ``code`` what was accepted under ``requestKey``."""
        record = record_in(body)
        code = text_of(record, "code")
        if not code:
            raise NotJson("code has to be named")
        return self._settled(record, code)

    def _settled(self, record: JsonObject, failure: str) -> Json:
        with self._site.open() as (state, now):
            accepted = _accepted(state, text_of(record, "requestKey"))
            for line in accepted:
                state.network.settle(line, now, failure)
            return rendered(accepted)

    def _completions(self, request: HttpRequest, _body: Json) -> Json:
        """Return the file of completions since ``?since=`` as its bytes in hexadecimal."""
        since = request.query_values().get("since", "")
        try:
            after = datetime.fromisoformat(since) if since else None
        except ValueError:
            raise NotJson("since has to be a moment, such as 2026-11-21T09:00:00+09:00") from None
        if after is not None and after.tzinfo is None:
            raise NotJson("since needs an offset from UTC")
        encoding = self._site.switches.completion_encoding
        with self._site.open() as (state, _):
            content = completion_file(state.network.lines, since=after, encoding=encoding)
        return {"name": "completions.csv", "encoding": encoding, "hex": content.hex()}

    def _stock(self, _request: HttpRequest, body: Json) -> Json:
        """Put ``cards`` and ``profiles`` into the stock, and make ``donors`` known, as a seed names them."""
        record = record_in(body)
        with self._site.open() as (state, _):
            add_cards(state.network, record)
            add_donors(state.network, record)
            add_profiles(state.profiles, record)
        return None

    def _cards(self, _request: HttpRequest, _body: Json) -> Json:
        with self._site.open() as (state, _):
            return [attrs.asdict(card) for card in state.network.cards.values()]

    def _profiles(self, request: HttpRequest, _body: Json) -> Json:
        """Return the profiles that were ordered; ``?all=1`` those in stock too."""
        everything = bool(request.query_values().get("all"))
        with self._site.open() as (state, _):
            return [
                attrs.asdict(profile, value_serializer=lambda _profile, _field, value: str(value))
                for profile in state.profiles.profiles.values()
                if everything or profile.state is not ProfileState.AVAILABLE
            ]

    def _limit_profiles(self, _request: HttpRequest, body: Json) -> Json:
        """Leave ``left`` available profiles of ``profileType``; the others are made unavailable."""
        record = record_in(body)
        kind, left = text_of(record, "profileType"), int(number_of(record, "left", 0))
        with self._site.open() as (state, _):
            free = [
                profile
                for profile in state.profiles.profiles.values()
                if profile.profile_type == kind and profile.state is ProfileState.AVAILABLE
            ]
            for profile in free[left:]:
                profile.free(ProfileState.UNAVAILABLE)
            return {"left": min(left, len(free))}

    def _install(self, _request: HttpRequest, body: Json) -> Json:
        """Let the device of ``eid`` install its released profile, or fail with a reason code ``failed``."""
        record = record_in(body)
        failed = text_of(record, "failed")
        with self._site.open() as (state, now):
            profile = _released(state, text_of(record, "eid"))
            if not failed:
                profile.state = ProfileState.INSTALLED
        told = 0
        if self._operator and flag_of(record, "tell", default=True):
            told = notify(self._operator, profile, point=INSTALLED, at=now, failed=failed)
        return {"iccid": profile.iccid, "operator_answered": told}

    def _set_operator(self, _request: HttpRequest, body: Json) -> Json:
        """Tell the operator at ``address`` from now on what devices do; empty: nobody."""
        self._operator = text_of(record_in(body), "address")
        return None

    def _reset(self, _request: HttpRequest, body: Json) -> Json:
        """Go back to the seed, or to the one in the body."""
        self._site.faults.clear()
        self._site.clock.reset()
        self._calls.clear()
        self._fill(None if body is None else record_in(body))
        return None


def _accepted(state: State, request_key: str) -> list[Line]:
    found = [
        line
        for line in state.network.found(request_key=request_key)
        if line.state is LineState.ACCEPTED and request_key
    ]
    if not found:
        raise NotJson("no line was accepted under this requestKey and is not settled yet")
    return found


def _released(state: State, eid: str) -> Profile:
    for profile in state.profiles.profiles.values():
        if eid and profile.eid == eid and profile.state is ProfileState.RELEASED:
            return profile
    raise NotJson("no profile is released for this EID")
