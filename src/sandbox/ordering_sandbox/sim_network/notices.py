"""Tells an operator what a device did with a profile: HandleDownloadProgressInfo of SGP.22 5.3.5."""

from __future__ import annotations

import urllib.error
import urllib.request
import uuid

from datetime import datetime
from typing import Final

from ordering_sandbox.json_values import JsonObject, render_json
from ordering_sandbox.sim_network.profiles import Profile


INSTALLED: Final = 4
"""The notification point of a profile that was installed; 1 to 3 come before it."""

_PATH: Final = "/gsma/rsp2/es2plus/handleDownloadProgressInfo"
_SECONDS: Final = 10


def notify(operator: str, profile: Profile, *, point: int, at: datetime, failed: str = "") -> int:
    """
    Post to the operator's address; return the status of its answer, 0 when there was none.

    *failed* is a reason code for a device that did not succeed at *point*.
    """
    status: JsonObject = {"status": "Executed-Success"}
    if failed:
        code: JsonObject = {"subjectCode": "8.2.10", "reasonCode": failed}
        status = {"status": "Failed", "statusCodeData": code}
    header: JsonObject = {
        "functionRequesterIdentifier": "1.3.6.1.4.1.99999.1",
        "functionCallIdentifier": uuid.uuid4().hex,
    }
    body = render_json(
        {
            "header": header,
            "eid": profile.eid,
            "iccid": profile.iccid,
            "profileType": profile.profile_type,
            "timestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "notificationPointId": point,
            "notificationPointStatus": status,
        }
    )
    headers = {"Content-Type": "application/json", "X-Admin-Protocol": "gsma/rsp/v2.2.0"}
    request = urllib.request.Request(operator.rstrip("/") + _PATH, data=body, headers=headers, method="POST")  # noqa: S310 - the address is the tester's own
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
            answered: int = answer.status
            return answered
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
