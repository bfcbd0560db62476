"""A mobile network without sockets, and requests that it takes."""

import json

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from ordering_sandbox.clock import SandboxClock
from ordering_sandbox.faults import Switchboard
from ordering_sandbox.json_values import JsonObject, expect_list, expect_object, parse_object
from ordering_sandbox.sim_network.es2plus import ProfileApi
from ordering_sandbox.sim_network.freebit import LineApi
from ordering_sandbox.sim_network.seed import add_donors, planted, read_seed
from ordering_sandbox.sim_network.site import Site
from ordering_sandbox.web import HttpRequest, HttpResponse


EID: Final = "89049032000001000000012345678954"
NOON: Final = datetime(2026, 4, 8, 3, 0, tzinfo=UTC)
"""12:00 in Japan, a Wednesday."""

PORT: Final = {
    "reserveNumber": "1234567890",
    "reserveExpireDate": "20260422",
    "lastnameKanji": "髙橋",
    "firstnameKanji": "さくら",
    "lastnameZenKana": "タカハシ",
    "firstnameZenKana": "サクラ",
    "gender": "W",
    "birthday": "19900228",
}


class NetworkInHand:
    """One network, its clock standing at noon."""

    def __init__(self, **switches: object) -> None:
        self.clock = SandboxClock()
        self.clock.set(NOON, stopped=True)
        self.site = Site(clock=self.clock, faults=Switchboard())
        self.site.refill(*planted({**read_seed(None), "switches": json.loads(json.dumps(switches))}))
        self._lines = LineApi(self.site)
        self._profiles = ProfileApi(self.site, address="smdp.example")
        self._key = ""

    def plant(self, **stock: object) -> None:
        """Put into the stock, or make known, what a seed could name."""
        with self.site.open() as (state, _):
            record = json.loads(json.dumps(stock))
            add_donors(state.network, record)

    def post(self, path: str, record: JsonObject) -> JsonObject:
        """Send the form and return what the network says."""
        answered = self._lines.answer(
            HttpRequest(
                method="POST",
                path=f"/emptool/api/{path}",
                raw_path=path,
                headers={"content-type": "application/x-www-form-urlencoded"},
                body=urlencode({"json": json.dumps(record)}).encode(),
            )
        )
        assert answered.status == 200, answered.body
        return parse_object(answered.body)

    def call(self, path: str, **record: object) -> JsonObject:
        """Send the form with a key of ours."""
        if not self._key:
            said = self.post("authOem/", {"oemId": "sandbox-oem", "oemKey": "sandbox-oem-key"})
            self._key = str(said["authKey"])
        return self.post(path, json.loads(json.dumps({"authKey": self._key, **record})))

    def code(self, path: str, **record: object) -> str:
        """Send the form with a key of ours; return the network's code for what became of it."""
        status = self.call(path, **record)["status"]
        assert isinstance(status, dict)
        return str(status["statusCode"])

    def lines(self, key: str = "801") -> list[dict[str, object]]:
        """Return the lines of a request key as the network shows them to whoever logs in now."""
        self._key = ""
        found = self.call("mvno/getDetail/", requestKey=key)["responseDatas"]
        return [dict(expect_object(line)) for line in expect_list(found)]

    def es2(self, function: str, **record: object) -> tuple[str, JsonObject]:
        """Call a function of ES2+; return its subject and reason code, or success, with its answer."""
        answered = self.es2_response(function, record)
        assert answered.status == 200, answered.body
        body = parse_object(answered.body)
        status = json.loads(answered.body)["header"]["functionExecutionStatus"]
        code = status.get("statusCodeData")
        return (f"{code['subjectCode']}/{code['reasonCode']}" if code else status["status"]), body

    def es2_response(
        self, function: str, record: dict[str, object], protocol: str = "gsma/rsp/v2.2.0"
    ) -> HttpResponse:
        """Call a function of ES2+ and return what comes over the wire."""
        header = {"functionRequesterIdentifier": "1.3.6.1.4.1.1", "functionCallIdentifier": "1"}
        return self._profiles.answer(
            HttpRequest(
                method="POST",
                path=f"/gsma/rsp2/es2plus/{function}",
                raw_path=function,
                headers={"content-type": "application/json", "x-admin-protocol": protocol},
                body=json.dumps({"header": header, **record}).encode(),
            )
        )


def esim(**changed: object) -> dict[str, object]:
    """Return an eSIM line with a new number, as the form takes it."""
    return {
        "createType": "add",
        "addKind": "N",
        "eid": EID,
        "simKind": "E0",
        "contractLine": "5G",
        "aladinOperated": "20",
        "planCode": "PASI_10G",
        "requestKey": "801",
        **changed,
    }


def ported(**changed: object) -> dict[str, object]:
    """Return an eSIM line with a number that is brought along; *changed* are data of the port."""
    return esim(addKind="M", account="09012345678", mnp={**PORT, **changed})
