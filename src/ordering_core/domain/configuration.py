"""
A validated configuration: a wrong combination cannot be written down (DESIGN 4, Configurations).

Obtained only from `rules.validate`, which turns a draft into one of these or says everything that is wrong
with it.
"""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

import attrs

from ordering_core.domain.catalogue import Product
from ordering_core.domain.representation import shown
from ordering_core.domain.values import Eid, KatakanaName, MnpReservationNumber, MobileNumber, PersonName
from ordering_core.domain.vocabulary import AccessMode, Gender, InstallmentPlan, OrderType, SimType, VpnRegion


@attrs.frozen(kw_only=True)
class InternetConfiguration:
    """An Internet service to be installed."""

    plan: Product
    products: tuple[Product, ...]
    access_mode: AccessMode
    installation: InstallmentPlan
    weekend_install: bool = False
    hikari_denwa: bool = False
    notes: str = attrs.field(default="", repr=False)

    __repr__ = shown

    @property
    def order_type(self) -> OrderType:
        """Internet."""
        return OrderType.INTERNET


@attrs.frozen(kw_only=True)
class NumberPorting:
    """A phone number to bring along; every field exactly as the donor carrier holds it."""

    reservation_number: MnpReservationNumber
    reservation_expires_on: date
    phone_number: MobileNumber
    last_name: PersonName
    first_name: PersonName
    last_name_katakana: KatakanaName
    first_name_katakana: KatakanaName
    gender: Gender = attrs.field(repr=False)
    birth_date: date = attrs.field(repr=False)
    mvno_account_number: str | None = attrs.field(default=None, repr=False)

    __repr__ = shown


@attrs.frozen(kw_only=True)
class SimConfiguration:
    """
    A SIM to be activated: an eSIM when *eid* is given, else a card.

    *scheduled_on* is the JST date of a scheduled activation, None for immediate.
    """

    plan: Product
    products: tuple[Product, ...]
    eid: Eid | None = None
    scheduled_on: date | None = None
    voice_mail: bool = False
    call_waiting: bool = False
    porting: NumberPorting | None = None

    __repr__ = shown

    @property
    def order_type(self) -> OrderType:
        """SIM."""
        return OrderType.SIM

    @property
    def sim_type(self) -> SimType:
        """An eSIM exactly when there is an EID."""
        return SimType.PHYSICAL if self.eid is None else SimType.ESIM


@attrs.frozen(kw_only=True)
class VpnConfiguration:
    """A VPN router to be shipped."""

    plan: Product
    products: tuple[Product, ...]
    region: VpnRegion

    __repr__ = shown

    @property
    def order_type(self) -> OrderType:
        """VPN."""
        return OrderType.VPN


Configuration: TypeAlias = InternetConfiguration | SimConfiguration | VpnConfiguration
"""Any validated configuration."""
