"""``/includes/api.php``: one address, the verb in a parameter, refusals of actions with status 200."""

from __future__ import annotations

import threading

from typing import Final

from ordering_sandbox.faults import FaultKind
from ordering_sandbox.json_values import JsonObject
from ordering_sandbox.web import HttpRequest, HttpResponse
from ordering_sandbox.whmcs.access import Denied, check_action, check_address, check_credentials
from ordering_sandbox.whmcs.actions.known import KNOWN, Action
from ordering_sandbox.whmcs.answers import rendered, shaped
from ordering_sandbox.whmcs.client_area import ClientArea
from ordering_sandbox.whmcs.failures import FAILURES
from ordering_sandbox.whmcs.form import parameters_of
from ordering_sandbox.whmcs.installation import Installation, Work
from ordering_sandbox.whmcs.parameters import Parameters, Refusal


API: Final = "/includes/api.php"
_ANSWERS: Final = frozenset({FaultKind.ANSWER})
_KINDS: Final = ("json", "xml", "nvp")
_UNKNOWN: Final = {
    "function": "API Function Not Found",
    "command": "Command Not Found",
    "invalid": 'Invalid API Action: "{}" is not a valid API action',
}


class Api:
    """Answers HTTP requests to the installation."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._client_area = ClientArea(installation)
        self._failed_logins = 0
        self._counting = threading.Lock()

    def forget_failed_logins(self) -> None:
        """Let a locked-out address call again."""
        with self._counting:
            self._failed_logins = 0

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; what a fault says stands instead of the answer, or around it."""
        faults = self._installation.faults.for_request(request, _ANSWERS)
        failures = [FAILURES[fault.failure] for fault in faults]
        lost = next((failure for failure in failures if not failure.performed), None)
        if lost is not None:
            return lost.response(None)
        response = self._answer(request)
        return failures[0].response(response) if failures else response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path.rstrip("/") != API:
            return self._client_area.answer(request)
        parameters = Parameters(parameters_of(request))
        switches = self._installation.switches
        name = parameters.text("action")
        status = 200
        try:
            answer = self._performed(request, parameters, name)
        except Refusal as refusal:
            answer = {"result": "error", "message": refusal.message}
        except Denied as denied:
            answer = {"result": "error", "message": denied.message}
            status = 200 if switches.refusals_as_200 else denied.status
            if denied.login:
                with self._counting:
                    self._failed_logins += 1
        # An answer with a status of its own, an invoice's, has no room for the other one.
        if switches.status_key and "status" not in answer:
            answer = {"status" if key == "result" else key: value for key, value in answer.items()}
        wanted = parameters.text("responsetype").lower()
        kind = wanted if wanted in _KINDS else switches.default_responsetype
        return rendered(status, name, answer, kind, switches.version)

    def _performed(self, request: HttpRequest, parameters: Parameters, name: str) -> JsonObject:
        if not name:
            raise Denied("Empty action request", status=400)
        with self._installation.work(request.base_url) as work:
            check_address(work, parameters, self._failed_logins)
            allowed = check_credentials(work, parameters)
            action = KNOWN.get(name.lower())
            if action is None:
                raise Refusal(_UNKNOWN[work.switches.unknown_action].format(name))
            check_action(work, action.name, allowed)
            return _done(work, parameters, action)


def call_name(request: HttpRequest) -> str:
    """Return what the call log calls *request*: an API call by its action, a page by its path."""
    if request.path.rstrip("/") != API:
        return request.path
    action = KNOWN.get(Parameters(parameters_of(request)).text("action").lower())
    return "unknown action" if action is None else action.name


def _done(work: Work, parameters: Parameters, action: Action) -> JsonObject:
    for fault in work.struck(action.name, FaultKind.ERROR):
        raise Refusal(fault.failure or "An unexpected error occurred")
    answer = action.handler(work, parameters)
    if answer.get("result") == "error":
        return answer
    return shaped(action.name, {"result": "success", **answer}, work.switches)
