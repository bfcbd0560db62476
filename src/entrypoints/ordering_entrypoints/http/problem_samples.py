"""One of every problem, for the OpenAPI document and for the tests: what is shown is what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from litestar.exceptions import TooManyRequestsException, ValidationException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from ordering_core.domain.checkout import CheckoutIncomplete, Requirement
from ordering_core.domain.violations import OrderRejected, Violation
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
from ordering_entrypoints.http.bodies import JSON, UnsupportedMediaType
from ordering_entrypoints.http.idempotency import BadKey, KeyInUse, KeyReused
from ordering_entrypoints.http.machinery import NotReady
from ordering_entrypoints.http.principals import Permission
from ordering_entrypoints.wire import FieldError, MalformedJson, WireError


SAMPLES: Final[Mapping[type[Exception], Exception]] = {
    type(sample): sample
    for sample in (
        BadKey(),
        CatalogueFileError("catalogue.toml", ("[sim.SIM-DATA-5GB] has no price; add one",)),
        CheckoutClosed("801000000000005AAA"),
        CheckoutExpired(),
        CheckoutIncomplete([Requirement.ADDRESS, Requirement.IDENTITY]),
        Conflict("store"),
        CursorTooOld(120),
        IllegalTransition("Activated", "delivered"),
        InvalidFile(
            "FILE_NOT_AN_IMAGE", "the file is no JPEG, PNG or HEIC image; please send a photo of the card"
        ),
        KeyInUse(),
        KeyReused(),
        MalformedJson("Expecting ',' delimiter, line 3 column 5."),
        NotAllowed(Permission.RETRY),
        NotFound("order"),
        NotReady({"store": "store: Unavailable"}),
        NothingToRetry(),
        OrderRejected(
            [
                Violation(
                    code="eid_check_digits",
                    rule="an_esim_has_the_eid_of_its_device",
                    pointer="/eid",
                    message="The check digits of the EID do not match: a digit is wrong or two are swapped.",
                    message_ja="EIDのチェックディジットが一致しません。",
                    remedy="Digits 3 and 4 look swapped; compare them with the device's settings.",
                )
            ]
        ),
        OutcomeUnknown("Salesforce"),
        Refused("Salesforce", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        RequestEntityTooLarge(),
        TooManyRequestsException(headers={"RateLimit-Reset": "20"}),
        Unauthenticated(given=False),
        Unavailable("WHMCS"),
        UnsupportedMediaType(JSON),
        ValidationException(extra=[{"key": "limit", "source": "query", "message": ""}]),
        WireError(
            [
                FieldError(
                    code="field_unknown",
                    pointer="/wekend_install",
                    message="There is no such field.",
                    remedy="Leave it out, or correct its spelling.",
                )
            ]
        ),
    )
}
"""By its class, each exception that a request may end with."""
