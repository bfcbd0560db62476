"""
ES2+ of SGP.22: an operator orders, confirms, releases and cancels profiles (sections 5.3 and 6).

A functional failure is a status 200 whose header says Failed; the caller's function call identifier is only
repeated to nobody, so a call that is sent twice is done twice.
"""

from __future__ import annotations

import re

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ordering_sandbox.json_values import Json, JsonObject, NotJson, expect_object, parse_object
from ordering_sandbox.sim_network.profiles import CANCELLABLE, ORDERED, Profile, ProfileState, ProfileStock
from ordering_sandbox.sim_network.site import Site
from ordering_sandbox.web import HttpRequest, HttpResponse


PREFIX: Final = "/gsma/rsp2/es2plus/"
_PROTOCOL: Final = "gsma/rsp/v2.2.0"
_PROTOCOLS: Final = re.compile(r"gsma/rsp/v2\.\d+(\.\d+)?")
_ICCID: Final = re.compile(r"[0-9]{19}[0-9F]?")
_EID: Final = re.compile(r"[0-9]{32}")
_MATCHING_ID: Final = re.compile(r"[0-9A-Z-]*")


class FunctionFailed(Exception):
    """A function failed; subject and reason codes of SGP.22 5.2.6."""

    def __init__(self, subject: str, reason: str, message: str) -> None:
        super().__init__(subject, reason, message)
        self.subject = subject
        self.reason = reason
        self.message = message


class ProfileApi:
    """Answers ES2+ for one site."""

    def __init__(self, site: Site, *, address: str) -> None:
        """Answer for *site*, whose SM-DP+ devices reach at *address*."""
        self._site = site
        self._address = address
        self._functions: Mapping[str, Callable[[ProfileStock, JsonObject], JsonObject]] = MappingProxyType(
            {
                "downloadOrder": _download,
                "confirmOrder": self._confirm,
                "cancelOrder": _cancel,
                "releaseProfile": self._release,
            }
        )

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; the protocol's header goes both ways."""
        function = self._functions.get(request.path.removeprefix(PREFIX))
        if function is None or not request.path.startswith(PREFIX):
            return HttpResponse.of_html(404, "<html><body>Not Found</body></html>")
        if request.method != "POST":
            return HttpResponse.of_html(405, "<html><body>Method Not Allowed</body></html>")
        if not _PROTOCOLS.fullmatch(request.headers.get("x-admin-protocol", "")):
            return HttpResponse.of_html(400, "<html><body>X-Admin-Protocol</body></html>")
        if request.content_type != "application/json":
            return HttpResponse.of_html(415, "<html><body>Content-Type</body></html>")
        try:
            answered = self._performed(function, request)
            status: JsonObject = {"status": "Executed-Success"}
        except FunctionFailed as failed:
            answered = {}
            code: JsonObject = {
                "subjectCode": failed.subject,
                "reasonCode": failed.reason,
                "message": failed.message,
            }
            status = {"status": "Failed", "statusCodeData": code}
        header: JsonObject = {"functionExecutionStatus": status}
        return HttpResponse.of_json(
            200,
            {"header": header, **answered},
            {"Content-Type": "application/json", "X-Admin-Protocol": _PROTOCOL},
        )

    def _performed(
        self, function: Callable[[ProfileStock, JsonObject], JsonObject], request: HttpRequest
    ) -> JsonObject:
        try:
            record = parse_object(request.body)
            header = expect_object(record.get("header"))
        except NotJson:
            raise FunctionFailed("1.6", "2.1", "the request cannot be read") from None
        for name in ("functionRequesterIdentifier", "functionCallIdentifier"):
            if not isinstance(header.get(name), str) or not header[name]:
                raise FunctionFailed("1.6", "2.2", name)
        with self._site.open() as (state, _):
            return function(state.profiles, record)

    def _confirm(self, stock: ProfileStock, record: JsonObject) -> JsonObject:
        profile = _known(stock, record)
        release = record.get("releaseFlag")
        if not isinstance(release, bool):
            raise FunctionFailed("8.2.1", "2.2", "releaseFlag")
        if profile.state not in ORDERED:
            raise FunctionFailed("8.2.1", "1.2", "the profile was confirmed already, or never ordered")
        eid = _text(record, "eid", _EID, "8.1.1")
        if eid and profile.eid not in ("", eid):
            raise FunctionFailed("8.1.1", "3.10", "the profile is linked to another EID")
        if record.get("smdsAddress"):
            raise FunctionFailed("8.9", "5.1", "no SM-DS is reached from here")
        matching_id = _text(record, "matchingId", _MATCHING_ID, "8.2.6")
        bound = stock.bound(matching_id)
        if bound is not None and bound is not profile:
            raise FunctionFailed("8.2.6", "3.3", "the matching id is in use")
        if matching_id == "" and record.get("matchingId") is not None and not (eid or profile.eid):
            raise FunctionFailed("8.1.1", "2.2", "an empty matching id needs an EID")
        profile.eid = eid or profile.eid
        asked = record.get("matchingId")
        profile.matching_id = stock.new_matching_id() if asked is None else matching_id
        profile.confirmation_code = _text(record, "confirmationCode")
        profile.state = ProfileState.CONFIRMED
        if release:
            self._released(profile)
        bound_eid: JsonObject = {"eid": profile.eid} if profile.eid else {}
        return {"matchingId": profile.matching_id, "smdpAddress": self._address, **bound_eid}

    def _release(self, stock: ProfileStock, record: JsonObject) -> JsonObject:
        profile = _known(stock, record)
        if profile.state is ProfileState.CONFIRMED:
            self._released(profile)
        elif profile.state is not ProfileState.RELEASED:
            raise FunctionFailed("8.2.1", "3.5", f"the profile is {profile.state}")
        return {}

    def _released(self, profile: Profile) -> None:
        profile.state = (
            ProfileState.INSTALLED if self._site.switches.release_activates else ProfileState.RELEASED
        )


def _download(stock: ProfileStock, record: JsonObject) -> JsonObject:
    eid = _text(record, "eid", _EID, "8.1.1")
    iccid = _text(record, "iccid", _ICCID, "8.2.1")
    kind = _text(record, "profileType")
    if iccid:
        profile = _known(stock, record)
        if kind and profile.profile_type != kind:
            raise FunctionFailed("8.2.5", "3.8", "the ICCID is of another profile type")
        if profile.state is not ProfileState.AVAILABLE:
            raise FunctionFailed("8.2.1", "3.3", "the profile is in use")
    elif kind:
        if not stock.has_type(kind):
            raise FunctionFailed("8.2.5", "3.9", "the profile type is unknown")
        found = stock.available(kind)
        if found is None:
            raise FunctionFailed("8.2.5", "3.7", "no more profiles of this type")
        profile = found
    else:
        raise FunctionFailed("8.2.1", "2.3", "iccid or profileType")
    profile.eid = eid
    profile.state = ProfileState.LINKED if eid else ProfileState.ALLOCATED
    return {"iccid": profile.iccid}


def _cancel(stock: ProfileStock, record: JsonObject) -> JsonObject:
    profile = _known(stock, record)
    final = record.get("finalProfileStatusIndicator")
    if final not in (ProfileState.AVAILABLE, ProfileState.UNAVAILABLE):
        raise FunctionFailed("8.2.1", "2.2", "finalProfileStatusIndicator")
    if profile.state in (ProfileState.DOWNLOADED, ProfileState.INSTALLED):
        raise FunctionFailed("8.2.1", "3.3", "the profile was downloaded already")
    if profile.state not in CANCELLABLE:
        raise FunctionFailed("8.2.1", "1.2", f"the profile is {profile.state}")
    if profile.eid and record.get("eid") != profile.eid:
        raise FunctionFailed("8.2.1", "3.10", "the EID is not the one of the order")
    if profile.matching_id and record.get("matchingId") != profile.matching_id:
        raise FunctionFailed("8.2.6", "3.10", "the matching id is not the one of the order")
    profile.free(ProfileState(final))
    return {}


def _known(stock: ProfileStock, record: JsonObject) -> Profile:
    iccid = _text(record, "iccid", _ICCID, "8.2.1")
    if not iccid:
        raise FunctionFailed("8.2.1", "2.2", "iccid")
    profile = stock.find(iccid)
    if profile is None:
        raise FunctionFailed("8.2.1", "3.9", "the ICCID is unknown")
    return profile


def _text(record: JsonObject, name: str, pattern: re.Pattern[str] | None = None, subject: str = "1.6") -> str:
    value: Json = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or (pattern is not None and not pattern.fullmatch(value)):
        raise FunctionFailed(subject, "2.1", name)
    return value
