"""What stands between a client and the network, and fails without anybody's mistake, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ordering_sandbox.web import HttpResponse


@attrs.frozen(kw_only=True)
class Failure:
    """One failure: its page, and whether the call is *performed* all the same."""

    status: int = 200
    html: str = ""
    performed: bool = False
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def response(self) -> HttpResponse:
        """Return what the client gets."""
        return HttpResponse.of_html(self.status, self.html, self.headers)


_MAINTENANCE: Final = "<html><body>メンテナンス中です</body></html>"
_BUSY: Final = "<html><body>Service Unavailable</body></html>"
_REFUSED: Final = '{"resultCode": "400", "status": {"statusCode": "356", "message": "unsupported pattern"}}'

_SYSTEM_ERROR: Final = '{"resultCode":"900","status":{"statusCode":"900","message":"system error"}}'

_NOT_ALLOWED: Final = (
    '{"header": {"functionExecutionStatus": {"status": "Failed", "statusCodeData": '
    '{"subjectCode": "8.2.1", "reasonCode": "1.2", "message": "not allowed to this function requester"}}}}'
)

FAILURES: Final[Mapping[str, Failure]] = MappingProxyType(
    {
        "HTML": Failure(html=_MAINTENANCE),
        "HTML_AFTER_COMMIT": Failure(html=_MAINTENANCE, performed=True),
        "EMPTY_AFTER_COMMIT": Failure(performed=True),
        "REFUSED": Failure(html=_REFUSED),
        "PROFILE_NOT_ALLOWED": Failure(html=_NOT_ALLOWED),
        "TOO_MANY_REQUESTS": Failure(status=429, html=_BUSY, headers={"Retry-After": "1"}),
        "SERVER_ERROR": Failure(status=500, html=_BUSY),
        "SERVER_ERROR_AFTER_COMMIT": Failure(status=500, html=_BUSY, performed=True),
        "SYSTEM_ERROR_AFTER_COMMIT": Failure(status=500, html=_SYSTEM_ERROR, performed=True),
        "SERVICE_UNAVAILABLE": Failure(status=503, html=_BUSY, headers={"Retry-After": "1"}),
        "GATEWAY_TIMEOUT_AFTER_COMMIT": Failure(status=504, html=_BUSY, performed=True),
    }
)
"""Every failure by its name."""
