"""
Validation of an order of five lines, from JSON to every violation: by our rules and by pydantic.

Both parse the same bytes, look into the same 1,000 products, find the same and hand it out as the same
records, put into the same words of two languages. Typed text is read by the same functions: a user of
pydantic would call such functions of their own from validators, and slower ones would only flatter us. A
violation costs both sides alike, so the more of them an order has, the nearer the two come to each other.

Ours does more, and no allowance is made for it: it refuses JSON that names a field twice or breaks off within
a character, and says why the rest of the order is right.
"""

from __future__ import annotations

import json

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

import attrs

from benchmarks.findings import Findings
from benchmarks.pydantic_cart import SimModel
from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_core.domain.catalogue import Product
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules import RuleFacts, verdict
from ordering_core.domain.violations import Gate, Violation
from ordering_entrypoints.wire import parse_json, structure_draft


AT: Final = datetime(2026, 4, 8, 1, 0, tzinfo=UTC)
POLICY: Final = Policy()


def _products(size: int) -> Mapping[Sku, Product]:
    """Return a price book of *size* products."""
    add_on = SMALL_CATALOGUE.products[Sku("SIM-VOICE-MAIL")]
    many = (
        attrs.evolve(add_on, sku=Sku(f"SIM-ADD-ON-{number}"), name=f"Add-on {number}", option=None)
        for number in range(size - len(SMALL_CATALOGUE.products))
    )
    return MappingProxyType({**SMALL_CATALOGUE.products, **{product.sku: product for product in many}})


PRODUCTS: Final = _products(1000)

PRICES: Final = MappingProxyType({sku: product.price for sku, product in PRODUCTS.items()})

_CLEAN: Final[Mapping[str, object]] = MappingProxyType(
    {
        "type": "SIM",
        "skus": ["SIM-VOICE-10GB", "SIM-ACTIVATION", "SIM-VOICE-MAIL", "SIM-CALL-WAITING", "SIM-ADD-ON-7"],
        "sim_type": "eSIM",
        "eid": "89049032123451234512345678901235",
        "activation_type": "Immediate",
        "voice_mail": True,
        "call_waiting": True,
        "porting": {
            "reservation_number": "1234567890",
            "reservation_expires_on": "2026-04-22",
            "phone_number": "09012345678",
            "last_name": "山田",
            "first_name": "太郎",
            "last_name_katakana": "ヤマダ",
            "first_name_katakana": "タロウ",
            "gender": "Male",
            "birth_date": "1990-01-01",
        },
    }
)

_BAD: Final[Mapping[str, object]] = MappingProxyType(
    {
        **_CLEAN,
        "skus": ["SIM-DATA-5GB", "SIM-ACTIVATION", "VPN-US", "SIM-ACTIVATION", "SIM-NOBODY-KNOWS"],
        "eid": "8904903212345123451234567890123",
        "activation_type": "Scheduled",
        "call_waiting": False,
        "porting": {
            "reservation_number": "123456789",
            "reservation_expires_on": "2026-04-09",
            "phone_number": "0312345678",
            "last_name": "山田",
            "first_name": "太郎",
            "last_name_katakana": "Yamada",
            "first_name_katakana": "タロウ",
            "gender": "Male",
        },
    }
)


def _as_json(body: Mapping[str, object]) -> bytes:
    return json.dumps(dict(body), ensure_ascii=False).encode()


CLEAN: Final = _as_json(_CLEAN)
BAD: Final = _as_json(_BAD)


def by_ours(raw: bytes) -> tuple[Violation, ...]:
    """Return everything that our rules find in the order that *raw* spells."""
    facts = RuleFacts(
        draft=structure_draft(parse_json(raw)),
        products=PRODUCTS,
        prices=PRICES,
        gate=Gate.CONFIGURE,
        at=AT,
        policy=POLICY,
    )
    return verdict(facts).violations


def by_pydantic(raw: bytes) -> list[Violation]:
    """Return everything that the pydantic models find in it."""
    findings = Findings(products=PRODUCTS, prices=PRICES, at=AT, policy=POLICY)
    SimModel.model_validate_json(raw, context=findings)
    return findings.violations


def ours(raw: bytes, orders: int) -> Callable[[], object]:
    """Return the work of validating *raw* as often as there are *orders*."""

    def work() -> None:
        for _ in range(orders):
            by_ours(raw)

    return work


def pydantic(raw: bytes, orders: int) -> Callable[[], object]:
    """Return the same work for pydantic, once both are seen to find the same."""
    assert found(by_pydantic(raw)) == found(by_ours(raw))

    def work() -> None:
        for _ in range(orders):
            by_pydantic(raw)

    return work


def found(violations: Iterable[Violation]) -> set[tuple[str, str]]:
    """Return what was found where, to compare two contenders by."""
    return {(violation.code, violation.pointer) for violation in violations}
