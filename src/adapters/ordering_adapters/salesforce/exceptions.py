"""What the client library's exceptions mean: did the request ever leave, may it have been obeyed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from requests import exceptions as network
from simple_salesforce import exceptions as vendor
from urllib3.exceptions import NewConnectionError

from ordering_adapters.salesforce.errors import Failure, Meaning, Outcome, Retry, failure_in


_NOT_SENT: Final = Meaning(Outcome.UNAVAILABLE, Retry.SOON)
_NOT_SET_UP: Final = Meaning(Outcome.UNAVAILABLE, Retry.NEVER)
_DOUBT: Final = Meaning(Outcome.UNKNOWN, Retry.AFTER_LOOKING)

EXCEPTIONS: Final[Mapping[type[Exception], Meaning]] = MappingProxyType(
    {
        network.RequestException: _DOUBT,
        network.ConnectTimeout: _NOT_SENT,
        network.ReadTimeout: _DOUBT,
        network.Timeout: _DOUBT,
        network.ConnectionError: _DOUBT,
        network.ProxyError: _DOUBT,
        network.SSLError: _DOUBT,
        network.HTTPError: _DOUBT,
        network.InvalidJSONError: _DOUBT,
        network.JSONDecodeError: _DOUBT,
        network.ChunkedEncodingError: _DOUBT,
        network.ContentDecodingError: _DOUBT,
        network.StreamConsumedError: _DOUBT,
        network.RetryError: _DOUBT,
        network.TooManyRedirects: _DOUBT,
        network.URLRequired: _NOT_SET_UP,
        network.MissingSchema: _NOT_SET_UP,
        network.InvalidSchema: _NOT_SET_UP,
        network.InvalidURL: _NOT_SET_UP,
        network.InvalidProxyURL: _NOT_SET_UP,
        network.InvalidHeader: _NOT_SET_UP,
        network.UnrewindableBodyError: _NOT_SET_UP,
        vendor.SalesforceAuthenticationFailed: _NOT_SET_UP,
        vendor.SalesforceOperationError: _DOUBT,
        vendor.SalesforceBulkV2LoadError: _DOUBT,
        vendor.SalesforceBulkV2ExtractError: _DOUBT,
    }
)
"""Every exception that carries no answer of Salesforce; those that do are read by their codes."""


def failure_of(error: Exception) -> Failure | None:
    """Return what *error* means, or None when it is not about a call."""
    if isinstance(error, vendor.SalesforceError) and not isinstance(
        error, vendor.SalesforceAuthenticationFailed
    ):
        content: object = error.content
        found = failure_in(content, error.status)
        # An answer that names consequences alone does not say what became of the call.
        return found or Failure(code=f"HTTP_{error.status}", meaning=_DOUBT)
    for kind in type(error).__mro__:
        if kind in EXCEPTIONS:
            meaning = _NOT_SENT if _never_connected(error) else EXCEPTIONS[kind]
            return Failure(code=type(error).__name__, meaning=meaning)
    return None


def _never_connected(error: Exception) -> bool:
    """Whether there never was a connection, so that nothing can have been sent."""
    reasons = [getattr(argument, "reason", argument) for argument in error.args]
    return any(isinstance(reason, NewConnectionError) for reason in reasons)
