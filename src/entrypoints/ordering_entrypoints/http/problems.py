"""
What goes wrong, as a client is told: one shape for everything (RFC 9457), and one table of kinds.

A kind's name is stable and public; titles and sentences are for people and may improve.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ordering_core.domain.checkout import CheckoutIncomplete
from ordering_core.domain.violations import OrderRejected
from ordering_core.errors import (
    CatalogueFileError,
    CheckoutClosed,
    CheckoutExpired,
    Conflict,
    CursorTooOld,
    IllegalTransition,
    InvalidFile,
    NotFound,
    NothingToRetry,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from ordering_entrypoints.http.auth import NotAllowed, Unauthenticated
from ordering_entrypoints.http.bodies import UnsupportedMediaType
from ordering_entrypoints.http.idempotency import BadKey, KeyInUse, KeyReused
from ordering_entrypoints.http.machinery import NotReady
from ordering_entrypoints.wire import FieldError, MalformedJson, WireError


MEDIA_TYPE: Final = "application/problem+json"


@attrs.frozen(kw_only=True)
class Problem:
    """
    What went wrong, and the way out.

    *type* names the kind of problem, *instance* this one occurrence: quote it when asking for help. *errors*
    holds everything that is wrong with the request, each with a JSON pointer into it. *outstanding* is there
    for an incomplete checkout, *order* for one that became an order already.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[FieldError, ...] = ()
    outstanding: tuple[str, ...] | None = None
    order: str | None = None


@attrs.frozen
class Row:
    """One kind of problem: its status, its name, its title, and the sentence that tells the way out."""

    status: int
    name: str
    title: str
    detail: str


ROWS: Final[Mapping[type[Exception], Row]] = MappingProxyType(
    {
        # The request.
        MalformedJson: Row(400, "malformed-json", "The body is not JSON", "Correct its spelling."),
        BadKey: Row(
            400,
            "idempotency-key-unusable",
            "The Idempotency-Key cannot be used",
            "Make it 16 to 200 visible characters that nobody can guess, for example a random UUID.",
        ),
        Unauthenticated: Row(401, "unauthenticated", "You are not logged in", "Send a bearer token."),
        NotAllowed: Row(403, "not-allowed", "You are not allowed to do this", "Ask for the permission."),
        NotFound: Row(404, "not-found", "There is nothing here", "It does not exist, or it is not yours."),
        UnsupportedMediaType: Row(
            415, "unsupported-media-type", "The body is of another kind", "Convert it."
        ),
        WireError: Row(
            422, "request-invalid", "The request has the wrong form", "Correct what is listed in errors."
        ),
        OrderRejected: Row(
            422, "order-rejected", "The order is not valid", "Each of errors says what would make it valid."
        ),
        InvalidFile: Row(422, "file-invalid", "The file cannot be used", "Send another one."),
        KeyReused: Row(
            422,
            "idempotency-key-reused",
            "The Idempotency-Key belongs to another request",
            "Use a new key for a new request.",
        ),
        # The state of things.
        CheckoutIncomplete: Row(
            409, "checkout-incomplete", "Something is still required", "Do what is listed in errors."
        ),
        CheckoutClosed: Row(
            409,
            "checkout-closed",
            "This checkout was submitted",
            "It can no longer be changed; start a new one.",
        ),
        CheckoutExpired: Row(
            410, "checkout-expired", "This checkout has expired", "Configure the service again."
        ),
        CursorTooOld: Row(
            410,
            "cursor-too-old",
            "What followed this cursor was forgotten",
            "Read the order again, and follow it from the cursor that it shows.",
        ),
        IllegalTransition: Row(
            409, "illegal-transition", "The order is not in a state for this", "Look at the order again."
        ),
        NothingToRetry: Row(
            409, "nothing-to-retry", "No hold is open on this order", "Look at what it waits for."
        ),
        Conflict: Row(
            409, "conflict", "Somebody else changed it first", "Read it again; repeat what is still wanted."
        ),
        KeyInUse: Row(
            409,
            "request-running",
            "The same request is being worked on",
            "Wait a moment, and send it again under the same key.",
        ),
        # The systems behind.
        NotReady: Row(
            503,
            "not-ready",
            "This process cannot work now",
            "Ask another one; errors names what is not ready.",
        ),
        Unavailable: Row(
            503,
            "unavailable",
            "A system behind this service cannot be reached",
            "Nothing was done; try again later.",
        ),
        CatalogueFileError: Row(
            503,
            "catalogue-unusable",
            "The catalogue cannot be read",
            "We have to repair it; quote the instance to our support.",
        ),
        OutcomeUnknown: Row(
            502,
            "outcome-unknown",
            "A system behind this service did not say what it did",
            "It may have been done; look before you repeat it.",
        ),
        Refused: Row(
            502,
            "refused",
            "A system behind this service refuses",
            "Repeating it will not help; quote the instance to our support.",
        ),
    }
)
"""What becomes of everything that is raised on purpose; of a class and its parents the class counts."""

UNEXPECTED: Final = Row(
    500, "internal", "Something went wrong on our side", "It was recorded; quote the instance to our support."
)
"""What becomes of everything else."""


def row_of(error: Exception) -> Row:
    """Return the kind of problem that *error* is."""
    return next((ROWS[cls] for cls in type(error).__mro__ if cls in ROWS), UNEXPECTED)
