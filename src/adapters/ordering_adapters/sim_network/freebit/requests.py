"""What is sent to open a line: an eSIM (PA05-41) or a card that was made with its number."""

from __future__ import annotations

from typing import Final

from ordering_adapters.sim_network.freebit.api import Sent
from ordering_adapters.sim_network.freebit.settings import FreebitSettings
from ordering_adapters.sim_network.freebit.texts import porting_fields
from ordering_core.domain.lines import LineRequest
from ordering_core.domain.values import CardNumber, Eid, LineNumber
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused


ON: Final = "10"
OFF: Final = "20"
_NEW_NUMBER: Final = "N"
_PORT: Final = "M"
_NOT_OPERATED: Final = "20"
"""ALADIN, the carrier's own order system, is not operated by us."""


def esim_request(request: LineRequest, eid: Eid, settings: FreebitSettings) -> Sent:
    """
    Return the fields of an eSIM line.

    Raises:
        Refused: A name cannot be written as the carrier takes it.

    """
    ported = {} if request.porting is None else {"account": request.porting.phone_number.value}
    return {
        **_master(settings),
        **_common(request, settings),
        "eid": eid.value,
        "contractLine": settings.contract_line,
        "aladinOperated": _NOT_OPERATED,
        **ported,
    }


def card_request(request: LineRequest, card: CardNumber, settings: FreebitSettings) -> Sent:
    """
    Return the fields of a card's line: with the number it was made with, or with the ported one.

    Raises:
        Refused: The card's number is not known, or a name cannot be written as the carrier takes it.

    """
    number = number_sent(request)
    if number is None:
        raise Refused(System.SIM_NETWORK, "CARD_NUMBER_MISSING", "the card has no phone number")
    return {**_common(request, settings), "productNumber": card.value, "account": number.value}


def number_sent(request: LineRequest) -> LineNumber | None:
    """Return the number that the line is asked for: the one that moves, or the card's; None for a new one."""
    if request.porting is not None:
        return LineNumber(request.porting.phone_number.value)
    return request.number if request.card is not None else None


def _common(request: LineRequest, settings: FreebitSettings) -> Sent:
    reference = {settings.reference_field: str(request.mark)} if settings.reference_field else {}
    port = {} if request.porting is None else {"mnp": porting_fields(request.porting)}
    return {
        **reference,
        "addKind": _NEW_NUMBER if request.porting is None else _PORT,
        "simKind": settings.sim_kind_voice if request.voice else settings.sim_kind_data,
        "planCode": request.network_plan,
        **port,
    }


def _master(settings: FreebitSettings) -> Sent:
    if not settings.master_account:
        return {"createType": "add"}
    return {
        "createType": "new",
        "masterAccount": settings.master_account,
        "masterPassword": settings.master_password,
    }
