"""
What a customer typed, before any rule has looked at it.

A draft is the seed's cart: SKUs plus the fields of the configuration wizard. Its texts are kept as they came
(or as Salesforce holds them), so that every gate, from the wizard to provisioning, runs the same rules on the
same shape.
"""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

import attrs

from ordering_core.domain.identifiers import Sku
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import OrderType


@attrs.frozen(kw_only=True, slots=False)
class PortingDraft:
    """A wish to bring a phone number along (MNP), as typed (seed "Number Porting"; DESIGN 3.9)."""

    reservation_number: str | None = attrs.field(default=None, repr=False)
    reservation_expires_on: date | None = None
    phone_number: str | None = attrs.field(default=None, repr=False)
    mvno_account_number: str | None = attrs.field(default=None, repr=False)
    last_name: str | None = attrs.field(default=None, repr=False)
    first_name: str | None = attrs.field(default=None, repr=False)
    last_name_katakana: str | None = attrs.field(default=None, repr=False)
    first_name_katakana: str | None = attrs.field(default=None, repr=False)
    gender: str | None = attrs.field(default=None, repr=False)
    birth_date: date | None = attrs.field(default=None, repr=False)

    __repr__ = shown


@attrs.frozen(kw_only=True)
class InternetDraft:
    """An Internet service as configured (seed "Internet Configuration")."""

    skus: tuple[Sku, ...] = ()
    access_mode: str | None = None
    installation: str | None = None
    weekend_install: bool = False
    hikari_denwa: bool = False
    router_notice_acknowledged: bool = False
    notes: str = attrs.field(default="", repr=False)

    __repr__ = shown

    @property
    def order_type(self) -> OrderType:
        """Internet."""
        return OrderType.INTERNET


@attrs.frozen(kw_only=True, slots=False)
class SimDraft:
    """A SIM or eSIM as configured (seed "SIM / eSIM Configuration"); *porting* is None without MNP."""

    skus: tuple[Sku, ...] = ()
    sim_type: str | None = None
    eid: str | None = attrs.field(default=None, repr=False)
    activation_type: str | None = None
    scheduled_on: date | None = None
    voice_mail: bool = False
    call_waiting: bool = False
    porting: PortingDraft | None = None

    __repr__ = shown

    @property
    def order_type(self) -> OrderType:
        """SIM."""
        return OrderType.SIM


@attrs.frozen(kw_only=True)
class VpnDraft:
    """A VPN router as configured (seed "VPN Router Configuration")."""

    skus: tuple[Sku, ...] = ()
    region: str | None = None

    __repr__ = shown

    @property
    def order_type(self) -> OrderType:
        """VPN."""
        return OrderType.VPN


Draft: TypeAlias = InternetDraft | SimDraft | VpnDraft
"""Any unvalidated configuration."""


@attrs.frozen(kw_only=True)
class AddressDraft:
    """An address as typed (seed "Service Address Confirmation"); `PostalAddress.parse` reads it."""

    postal_code: str = attrs.field(default="", repr=False)
    prefecture: str = ""
    city: str = attrs.field(default="", repr=False)
    town_and_number: str = attrs.field(default="", repr=False)
    building: str = attrs.field(default="", repr=False)
    room: str = attrs.field(default="", repr=False)

    __repr__ = shown
