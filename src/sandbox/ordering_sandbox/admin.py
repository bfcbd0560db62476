"""The admin endpoint that every stand-in has: its clock, its faults, its calls (DESIGN 9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from ordering_sandbox.calls import CallLog
from ordering_sandbox.clock import SandboxClock
from ordering_sandbox.faults import Switchboard
from ordering_sandbox.json_values import Json, JsonObject, NotJson, flag_of, number_of, parse_json, text_of
from ordering_sandbox.web import HttpRequest, HttpResponse


Action: TypeAlias = Callable[[HttpRequest, Json], Json]
"""Does what an admin asks; the body's JSON in, the answer's out."""

_PREFIX: Final = "/admin/"


class AdminEndpoint:
    """Answers ``/admin/…``; a stand-in adds its own actions to the common ones."""

    def __init__(
        self,
        *,
        clock: SandboxClock,
        faults: Switchboard,
        calls: CallLog,
        actions: Mapping[tuple[str, str], Action],
    ) -> None:
        """Offer *actions*, keyed by method and path after ``/admin/``, beside the common ones."""
        self._clock = clock
        self._faults = faults
        self._calls = calls
        self._actions: Mapping[tuple[str, str], Action] = {
            ("GET", "clock"): lambda _request, _body: self._time(),
            ("PUT", "clock"): self._set_clock,
            ("GET", "faults"): lambda _request, _body: faults.render(),
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): lambda _request, _body: faults.clear(),
            ("GET", "calls"): lambda _request, _body: calls.render(),
            ("DELETE", "calls"): lambda _request, _body: calls.clear(),
            **actions,
        }

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request: 200 with JSON, 400 with what is wrong, 404 with what there is."""
        key = (request.method, request.path.removeprefix(_PREFIX).strip("/"))
        action = self._actions.get(key)
        if action is None:
            known: Json = [f"{method} {_PREFIX}{path}" for method, path in sorted(self._actions)]
            return HttpResponse.of_json(404, {"error": "there is no such action", "actions": known})
        try:
            body = parse_json(request.body) if request.body else None
            return HttpResponse.of_json(200, action(request, body))
        except NotJson as error:
            return HttpResponse.of_json(400, {"error": error.message})

    def _time(self) -> Json:
        return {"now": self._clock.now().isoformat(), "stopped": self._clock.stopped}

    def _set_clock(self, _request: HttpRequest, body: Json) -> Json:
        """Set the clock to ``at``, or move it by ``advance_seconds``; ``stopped`` lets it stand."""
        record = record_in(body)
        stopped = flag_of(record, "stopped", default=self._clock.stopped)
        at = text_of(record, "at")
        try:
            moment = datetime.fromisoformat(at) if at else self._clock.now()
        except ValueError:
            raise NotJson("at has to be a moment, such as 2026-11-21T09:00:00+09:00") from None
        if moment.tzinfo is None:
            raise NotJson("at needs an offset from UTC")
        self._clock.set(moment, stopped=stopped)
        self._clock.advance(timedelta(seconds=number_of(record, "advance_seconds", 0)))
        return self._time()

    def _add_fault(self, _request: HttpRequest, body: Json) -> Json:
        return {"id": self._faults.switch_on(record_in(body)).id}


def record_in(body: Json) -> JsonObject:
    """
    Return the body of a request, which has to be an object; none is an empty one.

    Raises:
        NotJson: It is something else.

    """
    if body is None:
        return {}
    if not isinstance(body, Mapping):
        raise NotJson("an object was expected")
    return body
