"""
The bodies that requests have, as the OpenAPI document shows them.

They are written down here because reading is stricter than a framework's (`ordering_entrypoints.wire`). A
test holds their fields equal to those of the drafts, and sends every example.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from litestar.openapi.spec import Discriminator, Example, OpenAPIMediaType, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from ordering_core.domain.vocabulary import (
    AccessMode,
    ActivationType,
    Gender,
    InstallmentPlan,
    OrderType,
    SimType,
    VpnRegion,
)
from ordering_entrypoints.http import examples
from ordering_entrypoints.http.bodies import DOCUMENT_PART, JSON, MULTIPART
from ordering_entrypoints.wire.completions import MOST


def _optional(description: str, *, format: OpenAPIFormat | None = None) -> Schema:  # noqa: A002 - OpenAPI's word
    return Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL], format=format, description=description)


def _text(description: str) -> Schema:
    return Schema(type=OpenAPIType.STRING, description=description)


def _flag(description: str) -> Schema:
    return Schema(type=OpenAPIType.BOOLEAN, default=False, description=description)


def _choice(description: str, words: Iterable[StrEnum]) -> Schema:
    return Schema(
        type=[OpenAPIType.STRING, OpenAPIType.NULL],
        enum=[*(word.value for word in words), None],
        description=description,
    )


def _object(properties: Mapping[str, Schema], *, required: tuple[str, ...] = (), title: str = "") -> Schema:
    """Return an object that has *properties* and no others."""
    return Schema(
        type=OpenAPIType.OBJECT,
        title=title or None,
        properties=dict(properties),
        required=list(required) or None,
        additional_properties=False,
    )


def _draft(order_type: OrderType, properties: Mapping[str, Schema]) -> Schema:
    return _object(
        {
            "type": Schema(type=OpenAPIType.STRING, const=order_type.value),
            "skus": Schema(
                type=OpenAPIType.ARRAY,
                items=Schema(type=OpenAPIType.STRING),
                description="One plan, and everything that comes with it or is chosen beside it",
            ),
            **properties,
        },
        required=("type",),
        title=order_type.value,
    )


_PORTING: Final = _object(
    {
        "reservation_number": _optional("The ten digits of the MNP reservation"),
        "reservation_expires_on": _optional("The last day of the reservation", format=OpenAPIFormat.DATE),
        "phone_number": _optional("The mobile number to bring along"),
        "mvno_account_number": _optional("The account at the present carrier, if it is an MVNO"),
        "last_name": _optional("As the present carrier has it"),
        "first_name": _optional("As the present carrier has it"),
        "last_name_katakana": _optional("The reading, in katakana"),
        "first_name_katakana": _optional("The reading, in katakana"),
        "gender": _choice("As the present carrier has it", Gender),
        "birth_date": _optional("As the present carrier has it", format=OpenAPIFormat.DATE),
    },
    title="A number to bring along (MNP)",
)

DRAFT_SCHEMAS: Final[Mapping[OrderType, Schema]] = {
    OrderType.INTERNET: _draft(
        OrderType.INTERNET,
        {
            "access_mode": _choice("How the line connects", AccessMode),
            "installation": _choice("How the installation is paid", InstallmentPlan),
            "weekend_install": _flag("Installation on a weekend or holiday; needs its item"),
            "hikari_denwa": _flag("Home phone; needs its item"),
            "router_notice_acknowledged": _flag("The notice about routers of the Platinum tier was read"),
            "notes": _text("Anything our team should know"),
        },
    ),
    OrderType.SIM: _draft(
        OrderType.SIM,
        {
            "sim_type": _choice("How the SIM comes", SimType),
            "eid": _optional("The 32 digits of the device's eSIM; for an eSIM only"),
            "activation_type": _choice("When to activate", ActivationType),
            "scheduled_on": _optional(
                "The day of a scheduled activation in Japan", format=OpenAPIFormat.DATE
            ),
            "voice_mail": _flag("Needs its item, and a plan with voice"),
            "call_waiting": _flag("Needs its item, and a plan with voice"),
            "porting": Schema(one_of=[_PORTING, Schema(type=OpenAPIType.NULL)]),
        },
    ),
    OrderType.VPN: _draft(OrderType.VPN, {"region": _choice("Where the router comes out", VpnRegion)}),
}
"""Every kind of draft."""

ADDRESS_SCHEMA: Final = _object(
    {
        "postal_code": _text("Seven digits, with or without hyphen"),
        "prefecture": _text("In Japanese or roman letters"),
        "city": _text("City, and ward if it has wards"),
        "town_and_number": _text("Town, block and number"),
        "building": _text("Of an apartment"),
        "room": _text("Of an apartment"),
    },
    title="Address",
)
"""An address as typed."""


def _json_body(schema: Schema, named: Mapping[str, object]) -> RequestBody:
    return RequestBody(
        required=True,
        content={
            JSON: OpenAPIMediaType(
                schema=schema, examples={name: Example(value=value) for name, value in named.items()}
            )
        },
    )


DRAFT: Final = _json_body(
    Schema(one_of=list(DRAFT_SCHEMAS.values()), discriminator=Discriminator(property_name="type")),
    examples.DRAFTS,
)
"""The body of every route that takes a configuration."""

ADDRESS: Final = _json_body(
    _object({"address": ADDRESS_SCHEMA}, required=("address",)), {"apartment": examples.ADDRESS}
)
"""The body that carries an address."""

REASON: Final = _json_body(
    _object({"reason": _text("Why you try again")}, required=("reason",)), {"reason": examples.REASON}
)
"""The body that gives a reason."""

COMPLETIONS: Final = RequestBody(
    required=True,
    content={
        JSON: OpenAPIMediaType(
            schema=Schema(
                type=OpenAPIType.ARRAY,
                max_items=MOST,
                items=_object(
                    {
                        "order": _optional("The order's id in Salesforce, as it was sent to the network"),
                        "line": _optional("The network's number of the request"),
                        "eid": _optional("The EID it was for"),
                        "card": _optional("The card it was for"),
                        "number": _optional("The phone number of the open line"),
                        "result": Schema(type=OpenAPIType.STRING, enum=["open", "failed"]),
                        "code": _optional("Why it failed: the network's code, or ours"),
                        "when": _optional("The network's text for the moment"),
                    },
                    required=("result",),
                ),
            ),
            examples={"example": Example(value=examples.COMPLETIONS)},
        )
    },
)
"""The body that says what became of lines."""

CARD: Final = RequestBody(
    required=True,
    content={
        MULTIPART: OpenAPIMediaType(
            schema=_object(
                {
                    DOCUMENT_PART: Schema(
                        type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="JPEG, PNG or HEIC"
                    )
                },
                required=(DOCUMENT_PART,),
            )
        )
    },
)
"""A form with one image."""
