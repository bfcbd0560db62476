"""What stands between a client and WHMCS, and fails without anybody's mistake, by name (reference 1, 7)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ordering_sandbox.web import HttpResponse


@attrs.frozen(kw_only=True)
class Failure:
    """One failure: its page, and whether the call is *performed*; at status 0 the answer follows it."""

    status: int = 200
    html: str = ""
    performed: bool = False
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def response(self, answered: HttpResponse | None) -> HttpResponse:
        """Return what the client gets instead of *answered*, or around it."""
        if answered is None or self.status != _AROUND:
            return HttpResponse.of_html(self.status, self.html, self.headers)
        return attrs.evolve(answered, body=self.html.encode() + answered.body)


_AROUND: Final = 0
_MAINTENANCE: Final = (
    "<html><head><title>Down for Maintenance</title></head>"
    "<body>We are currently performing maintenance and will be back shortly.</body></html>"
)
_PROXY: Final = "<html><head><title>504 Gateway Time-out</title></head><body>nginx</body></html>"
_BUSY: Final = (
    "<html><head><title>503 Service Temporarily Unavailable</title></head><body>nginx</body></html>"
)
_FATAL: Final = "<h1>Oops!</h1><p>Something went wrong and we couldn't process your request.</p>"
_NOTICE: Final = (
    '<br />\n<b>Warning</b>:  Undefined array key "promo" in <b>/var/www/includes/hooks/portal.php</b>'
    " on line <b>17</b><br />\n"
)

FAILURES: Final[Mapping[str, Failure]] = MappingProxyType(
    {
        "HTML": Failure(html=_MAINTENANCE),
        "HTML_AFTER_COMMIT": Failure(html=_MAINTENANCE, performed=True),
        "EMPTY_AFTER_COMMIT": Failure(html="", performed=True),
        "PHP_NOTICE": Failure(status=_AROUND, html=_NOTICE, performed=True),
        "TOO_MANY_REQUESTS": Failure(
            status=429, html="<html><body>Too many requests</body></html>", headers={"Retry-After": "1"}
        ),
        "SERVER_ERROR": Failure(status=500, html=_FATAL),
        "SERVER_ERROR_AFTER_COMMIT": Failure(status=500, html=_FATAL, performed=True),
        "BAD_GATEWAY": Failure(status=502, html=_PROXY.replace("504 Gateway Time-out", "502 Bad Gateway")),
        "SERVICE_UNAVAILABLE": Failure(status=503, html=_BUSY, headers={"Retry-After": "1"}),
        "GATEWAY_TIMEOUT": Failure(status=504, html=_PROXY),
        "GATEWAY_TIMEOUT_AFTER_COMMIT": Failure(status=504, html=_PROXY, performed=True),
    }
)
"""Every failure by its name."""
