"""Billing cycles: how they are asked for, how services say them, and their prices (reference 3)."""

from __future__ import annotations

import calendar

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import attrs

from ordering_sandbox.json_values import expect_object, parse_object, text_of
from ordering_sandbox.whmcs.tables import Row


@attrs.frozen
class Cycle:
    """One cycle: how services say it, its months (0: it does not recur), its setup fee's key."""

    shown: str
    months: int
    fee: str = ""


FREE: Final = "free"
ONE_TIME: Final = "onetime"

CYCLES: Final[Mapping[str, Cycle]] = {
    "monthly": Cycle("Monthly", 1, "msetupfee"),
    "quarterly": Cycle("Quarterly", 3, "qsetupfee"),
    "semiannually": Cycle("Semi-Annually", 6, "ssetupfee"),
    "annually": Cycle("Annually", 12, "asetupfee"),
    "biennially": Cycle("Biennially", 24, "bsetupfee"),
    "triennially": Cycle("Triennially", 36, "tsetupfee"),
    ONE_TIME: Cycle("One Time", 0),
    FREE: Cycle("Free Account", 0),
}
"""Every cycle by the key it is asked for with, the shortest first."""

_RECURRING: Final = tuple(key for key, cycle in CYCLES.items() if cycle.months)
_NOT_OFFERED: Final = "-1.00"


def cycle_key(text: str) -> str:
    """Return the key of a cycle however it is written (``Semi-Annually``, ``one time``); empty for none."""
    letters = "".join(sign for sign in text.lower() if sign.isalpha())
    key = FREE if letters == "freeaccount" else letters
    return key if key in CYCLES else ""


def chosen_cycle(product: Row, prices: Mapping[str, str], wanted: str) -> str:
    """Return the cycle in which *product* is sold when *wanted* is asked for, else its shortest."""
    if product["paytype"] in (ONE_TIME, FREE):
        return str(product["paytype"])
    offered = [key for key in _RECURRING if Decimal(prices.get(key, _NOT_OFFERED)) >= 0]
    key = cycle_key(wanted)
    return key if key in offered else next(iter(offered), _RECURRING[0])


def prices_of(product: Row, currency: str) -> Mapping[str, str]:
    """Return what *product* costs in the cycles of *currency*; nothing when it is not sold in it."""
    pricing = parse_object(str(product["pricing"]))
    if currency not in pricing:
        return {}
    prices = expect_object(pricing[currency])
    return {key: text_of(prices, key) for key in prices}


def price_in(prices: Mapping[str, str], cycle: str) -> tuple[Decimal, Decimal]:
    """Return price and setup fee in *cycle*: a one-time price stands in the monthly column."""
    if cycle == FREE:
        return Decimal(0), Decimal(0)
    key = "monthly" if cycle == ONE_TIME else cycle
    price, fee = prices.get(key, "0.00"), prices.get(CYCLES[key].fee, "0.00")
    return max(Decimal(price), Decimal(0)), max(Decimal(fee), Decimal(0))


def months_later(day: date, months: int) -> date:
    """Return the same day *months* later, or that month's last."""
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
