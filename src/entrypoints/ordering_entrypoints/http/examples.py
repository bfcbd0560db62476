"""
What the OpenAPI document shows. A test sends every request and compares every answer with its schema.

The customer is made up, as are all ids; the products are those of the catalogue that is shipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias


Json: TypeAlias = Mapping[str, object]

_ESIM: Final[Json] = {
    "type": "SIM",
    "skus": ["SIM-VOICE-10GB", "SIM-ACTIVATION", "SIM-VOICE-MAIL"],
    "sim_type": "eSIM",
    "eid": "89049032000001000000000000000074",
    "activation_type": "Immediate",
    "voice_mail": True,
}

DRAFTS: Final[Mapping[str, Json]] = {
    "esim": _ESIM,
    "physical_sim_with_a_number": {
        "type": "SIM",
        "skus": ["SIM-VOICE-5GB", "SIM-ACTIVATION"],
        "sim_type": "Physical SIM",
        "activation_type": "Immediate",
        "porting": {
            "reservation_number": "12-345-67890",
            "reservation_expires_on": "2026-04-14",
            "phone_number": "090-1234-5678",
            "last_name": "山田",
            "first_name": "花子",
            "last_name_katakana": "ヤマダ",
            "first_name_katakana": "ハナコ",
            "gender": "Female",
            "birth_date": "1990-01-31",
        },
    },
    "internet": {
        "type": "Internet",
        "skus": ["INTERNET-APARTMENT-1G-PRO", "INTERNET-GATEWAY-INCLUDED", "INTERNET-INSTALL-12"],
        "access_mode": "IPoE-HGW",
        "installation": "12-Month",
        "notes": "Please ring the bell twice.",
    },
    "vpn": {"type": "VPN", "skus": ["VPN-UK", "VPN-ACTIVATION"], "region": "UK"},
}
"""Configurations that may be ordered on 1 April 2026."""

ADDRESS: Final[Json] = {
    "address": {
        "postal_code": "150-0001",
        "prefecture": "東京都",
        "city": "渋谷区",
        "town_and_number": "神宮前1-2-3",
        "building": "メゾン桜",
        "room": "102",
    }
}

REASON: Final[Json] = {"reason": "The customer added a card; confirmed by telephone."}

_PLAN: Final[Json] = {
    "sku": "SIM-VOICE-10GB",
    "name": "SIM data and voice 10 GB",
    "type": "SIM",
    "item_class": "Service",
    "cycle": "Monthly",
    "price": 1980,
    "instalments": None,
    "instalment_total": None,
    "offerings": [],
    "tier": None,
    "region": None,
    "plan_kind": "data+voice",
    "data_gb": 10,
    "option": None,
    "bundles": [],
}
_ACTIVATION: Final[Json] = {
    **_PLAN,
    "sku": "SIM-ACTIVATION",
    "name": "SIM activation",
    "item_class": "Activation",
    "cycle": "One-time",
    "price": 1500,
    "plan_kind": None,
    "data_gb": None,
}
_MONTHLY: Final[Json] = {"net": 1980, "tax": 198, "gross": 2178}
_ONE_TIME: Final[Json] = {"net": 1500, "tax": 150, "gross": 1650}

CATALOGUE: Final[Json] = {"version": "a1a246e7a981165a", "products": [_ACTIVATION, _PLAN]}

QUOTE: Final[Json] = {
    "lines": [_PLAN, _ACTIVATION],
    "monthly": _MONTHLY,
    "one_time": _ONE_TIME,
    "first_bill": {"net": 3480, "tax": 348, "gross": 3828},
    "catalogue_version": "a1a246e7a981165a",
    "quoted_at": "2026-04-01T01:00:00Z",
}

_DRAFT: Final[Json] = {
    **_ESIM,
    "skus": ["SIM-VOICE-10GB", "SIM-ACTIVATION"],
    "scheduled_on": None,
    "voice_mail": False,
    "call_waiting": False,
    "porting": None,
}

_VERDICT: Final[Json] = {
    "gate": "configure",
    "at": "2026-04-01T01:00:00Z",
    "passed": False,
    "violations": [
        {
            "code": "eid_check_digits",
            "rule": "an_esim_has_the_eid_of_its_device",
            "pointer": "/eid",
            "message": "The check digits of the EID do not match: a digit is wrong or two are swapped.",
            "message_ja": "EIDのチェックディジットが一致しません。",
            "remedy": "Digits 3 and 4 look swapped; compare them with the device's settings.",
            "severity": "error",
            "facts": {"swap_positions": "3,4"},
        }
    ],
    "satisfied": ["Every item is in the catalogue.", "There is exactly one main service."],
}

CHECK: Final[Json] = {"draft": _DRAFT, "verdict": _VERDICT, "quote": QUOTE}

SESSION: Final[Json] = {
    "id": "q3rZ1vWb0m8eK5tYxP7uJw",
    "draft": _DRAFT,
    "adopted": False,
    "created_at": "2026-04-01T01:00:00Z",
    "expires_at": "2026-04-02T01:00:00Z",
    "address": None,
    "address_confirmed": False,
    "address_changed": False,
    "submitted": False,
    "order": None,
}

OWN_SESSION: Final[Json] = {
    **SESSION,
    "id": "Hn2cTs9dQ4aLx6gRbV1oEi",
    "adopted": True,
    "address": ADDRESS["address"],
    "address_confirmed": True,
}

REVIEW: Final[Json] = {
    "session": OWN_SESSION,
    "quote": QUOTE,
    "verdict": {**_VERDICT, "gate": "submit", "passed": True, "violations": []},
    "address": ADDRESS["address"],
    "outstanding": ["payment_method"],
    "ready": False,
    "payment_method": None,
    "identity": "pending",
    "identity_message": None,
    "eligibility": None,
}

_ORDER_ID: Final = "801000000000005AAA"

PLACED: Final[Json] = {"state": "placed", "order": _ORDER_ID}
PLACING: Final[Json] = {"state": "placing", "order": None}

_CARD: Final[Json] = {
    "id": _ORDER_ID,
    "number": "00000006",
    "type": "SIM",
    "state": "Activating",
    "label": "Setting Up Service",
    "bucket": "Processing",
    "monthly": _MONTHLY,
    "one_time": _ONE_TIME,
    "placed_at": "2026-04-01T01:00:00Z",
}

ORDER_PAGE: Final[Json] = {
    "orders": [{**_CARD, "items": ["SIM data and voice 10 GB", "SIM activation"]}],
    "counts": {"Pending": 0, "Processing": 1, "Active": 2, "Cancelled": 0},
    "total": 3,
    "next": None,
    "as_of": "2026-04-02T03:04:05Z",
}

TIMELINE: Final[Json] = {
    "steps": [
        {"name": "Submitted", "state": "done"},
        {"name": "Processing", "state": "done"},
        {"name": "Activating", "state": "current"},
        {"name": "Active", "state": "upcoming"},
    ],
    "current": "Activating",
    "complete": False,
    "stopped": False,
}

ORDER: Final[Json] = {
    **_CARD,
    "timeline": TIMELINE,
    "lines": [
        {
            "sku": "SIM-VOICE-10GB",
            "name": "SIM data and voice 10 GB",
            "item_class": "Service",
            "cycle": "Monthly",
            "price": 1980,
            "quantity": 1,
            "service": None,
        }
    ],
    "quote": QUOTE,
    "next_steps": ["We are setting up your service."],
    "notices": [],
    "reason": None,
    "action": None,
    "cursor": 42,
    "as_of": "2026-04-02T03:04:05Z",
}

EVENT_STREAM: Final = (
    ": following\nretry: 2000\n\n"
    'id: 42\ndata: {"cursor":42,"kind":"status_changed","at":"2026-04-02T03:04:05Z","state":"Activating",'
    '"label":"Setting Up Service","detail":""}\n\n'
    ": still here\n\n"
)

COMPLETIONS: Final[list[Json]] = [
    {"order": _ORDER_ID, "line": "R0000000001", "number": "07012345678", "result": "open"},
    {"line": "R0000000002", "result": "failed", "code": "MNP-301", "when": "2026/04/02 12:04:05"},
]

COMPLETIONS_TAKEN: Final[Json] = {"taken": 2, "unmatched": [1], "errors": []}

CHANGES: Final[Json] = {
    "changes": [
        {
            "cursor": 42,
            "order": _ORDER_ID,
            "account": "001000000000001AAA",
            "kind": "status_changed",
            "at": "2026-04-02T03:04:05Z",
            "source": "agent",
            "by": "",
            "why": "",
            "state": "Activating",
            "hold": None,
            "before": "Approved",
            "detail": "",
        }
    ],
    "next": 42,
}
