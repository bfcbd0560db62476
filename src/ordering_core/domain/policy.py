"""
The business settings: every number and choice that DESIGN leaves to the reseller, with its default.

A policy refuses settings that contradict each other, so that no decision has to check them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

import attrs

from ordering_core.domain.calendar import ActivationWindow
from ordering_core.domain.eligibility import SEED_OFFERINGS
from ordering_core.domain.money import TAX_RATE, TaxRounding
from ordering_core.domain.representation import shown
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import Offering, OrderStatusText, OrderType, SimType


class PhysicalPortStart(StrEnum):
    """When a number moves to a physical SIM (DESIGN 3.5)."""

    ON_DELIVERY = "on_delivery"
    ON_ASSIGNMENT = "on_assignment"


class InternetOnDate(StrEnum):
    """What happens to a scheduled Internet order on its day (DESIGN 3.4)."""

    ACTIVATE = "activate"
    CONFIRM = "confirm"


class MethodCheck(StrEnum):
    """Whether an unlawful identity method stops activation (DESIGN 3.13)."""

    ENFORCE = "enforce"
    WARN = "warn"


class PortNames(StrEnum):
    """Which signs the network takes in the names of a port (reference japan-telecom 2)."""

    FULL_WIDTH = "full_width"
    ANY = "any"


class Mode(StrEnum):
    """Whether anything is written outside (DESIGN 6, Operate)."""

    LIVE = "live"
    OBSERVE = "observe"


MNP_VALIDITY_DAYS = 15
"""Days that a reservation is valid, the day of issue included (reference japan-telecom 2)."""


SHORTEST_KEEPING = timedelta(hours=1)
"""Nothing is forgotten sooner: a card may still be on its way, a client may be about to resume."""


def _positive(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 0:
        msg = f"{attribute.name} must not be negative"
        raise ValueError(msg)


def _some_time(_: object, attribute: attrs.Attribute[timedelta], value: timedelta) -> None:
    if value < SHORTEST_KEEPING:
        msg = f"{attribute.name} must be {SHORTEST_KEEPING // timedelta(minutes=1)} minutes or more"
        raise ValueError(msg)


@attrs.frozen(kw_only=True)
class Policy:
    """
    How this reseller does business.

    Durations are timedeltas, the others as their names say: ``*_days`` whole days, ``*_hour`` JST wall time.
    *billing_mark_proved* says that `ordering whmcs check` saw our mark read back (DESIGN 3.21): until then an
    AddOrder of unknown outcome is never taken to be absent. *esim_profile_delivery* says that the profiles of
    eSIMs are delivered over ES2+, beside the opening of the line. *holds_ask_again* is how often a held order
    asks for the fact it waits for when nobody tells us of it (DESIGN 3.20). *orders_max_age* is how old our
    copy of an account's orders may become while neither events nor the poll renew it (DESIGN 6, Reads). In
    *mode* observe nothing is written outside; what would be is recorded (DESIGN 6, Operate). How long what
    is kept stays is said by ``keep_*`` (`application.retention`).

    Raises:
        ValueError: On construction, when settings contradict each other (DESIGN 3.24: submit > approve >
        provision,
            and submit at most 15 days).

    """

    mode: Mode = Mode.LIVE
    initial_order_status: OrderStatusText = OrderStatusText.DRAFT
    checkout_ttl: timedelta = timedelta(hours=24)
    checkout_ttl_after_eligibility: timedelta = timedelta(days=7)
    activation_window: ActivationWindow = attrs.field(factory=ActivationWindow)
    internet_activation_time: time = time(18, 0)
    internet_on_date: InternetOnDate = InternetOnDate.ACTIVATE
    sim_schedule_days: int = attrs.field(default=60, validator=_positive)
    sim_ship_days: int = attrs.field(default=2, validator=_positive)
    sim_mnp_activation: PhysicalPortStart = PhysicalPortStart.ON_DELIVERY
    esim_profile_delivery: bool = False
    mnp_carrier_days: int = attrs.field(default=7, validator=_positive)
    mnp_approve_extra_days: int = attrs.field(default=1, validator=_positive)
    mnp_review_days: int = attrs.field(default=2, validator=_positive)
    mnp_names: PortNames = PortNames.FULL_WIDTH
    tax_rate: Decimal = TAX_RATE
    tax_rounding: TaxRounding = TaxRounding.FLOOR
    whmcs_gateway: str = "stripe"
    billing_mark_proved: bool = False
    holds_self_clear: timedelta = timedelta(days=14)
    holds_ask_again: timedelta = timedelta(hours=1)
    hold_empties_activation: bool = True
    identity_method_check: MethodCheck = MethodCheck.ENFORCE
    update_account_address: bool = True
    void_opportunity_on_cancel: bool = True
    vpn_active_waits_for_sent: bool = False
    offering_texts: Mapping[str, Offering] = attrs.field(factory=lambda: dict(SEED_OFFERINGS), hash=False)
    provisioning_not_before: datetime | None = None
    settle: timedelta = timedelta(seconds=60)
    call_timeout: timedelta = timedelta(seconds=30)
    retry_after: timedelta = timedelta(seconds=60)
    line_poll: timedelta = timedelta(minutes=10)
    opportunity_close_days: int = attrs.field(default=30, validator=_positive)
    orders_max_age: timedelta = timedelta(minutes=10)
    keep_uploads: timedelta = attrs.field(default=timedelta(hours=24), validator=_some_time)
    keep_checkouts: timedelta = attrs.field(default=timedelta(days=7), validator=_some_time)
    keep_events: timedelta = attrs.field(default=timedelta(days=90), validator=_some_time)
    keep_order_details: timedelta = attrs.field(default=timedelta(days=180), validator=_some_time)

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        """Refuse MNP minimums that do not shrink from gate to gate or that no reservation can meet."""
        for sim_type in SimType:
            submit, approve, provision = (
                self.mnp_minimum_days(gate, sim_type) for gate in (Gate.SUBMIT, Gate.APPROVE, Gate.PROVISION)
            )
            if not submit > approve > provision:
                msg = (
                    "MNP days must shrink from submit over approve to provision; "
                    "raise mnp_review_days or mnp_approve_extra_days"
                )
                raise ValueError(msg)
            if submit > MNP_VALIDITY_DAYS:
                msg = (
                    f"MNP days at submit are {submit}, but a reservation lives {MNP_VALIDITY_DAYS}; "
                    "lower mnp_carrier_days, mnp_approve_extra_days, mnp_review_days or sim_ship_days"
                )
                raise ValueError(msg)

    def settles_at(self, intended_at: datetime) -> datetime:
        """Return from when an effect *intended_at* may be looked for by others (DESIGN 6, Single flight)."""
        return intended_at + self.call_timeout + self.settle

    def mnp_minimum_days(self, gate: Gate, sim_type: SimType) -> int:
        """Return how many days a reservation must have left at *gate*, today included (DESIGN 3.24)."""
        provision = self.mnp_carrier_days
        approve = provision + self.mnp_approve_extra_days
        shipping = self.sim_ship_days if sim_type is SimType.PHYSICAL else 0
        match gate:
            case Gate.PROVISION:
                return provision
            case Gate.APPROVE:
                return approve + shipping
            case Gate.CONFIGURE | Gate.SUBMIT:
                return approve + self.mnp_review_days + shipping
            case _:
                assert_never(gate)

    def waits_for_agent(self, order_type: OrderType) -> bool:
        """Whether approval alone does not start provisioning (DESIGN 3.3: Internet waits for NTT)."""
        return order_type is OrderType.INTERNET
