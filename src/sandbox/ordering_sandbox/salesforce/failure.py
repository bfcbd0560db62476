"""One thing that a fault makes the org answer: a code with its message, a page of the edge, or nothing."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ordering_sandbox.salesforce.errors import ApiError, Refusal
from ordering_sandbox.web import HttpResponse


@attrs.frozen(kw_only=True)
class Failure:
    """One failure: with *html* a page of the edge, with a code that and its message, else no body at all."""

    status: int
    code: str = ""
    message: str = ""
    html: str = ""
    fields: tuple[str, ...] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def refusal(self) -> Refusal:
        """Return it as the refusal of a call or a record."""
        return Refusal(self.status, [ApiError(self.code, self.message, self.fields)] if self.code else [])

    def response(self) -> HttpResponse:
        """Return it as the answer to a call."""
        if self.html:
            return HttpResponse.of_html(self.status, self.html, self.headers)
        if not self.code:
            return HttpResponse(status=self.status, headers=dict(self.headers))
        error = ApiError(self.code, self.message, self.fields or None)
        return HttpResponse.of_json(self.status, [error.render()], self.headers)
