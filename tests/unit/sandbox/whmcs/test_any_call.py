"""Whatever is sent to whichever action, it is answered: done, or refused with a message."""

from __future__ import annotations

import json

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_sandbox.whmcs.actions.known import KNOWN
from tests.unit.sandbox.whmcs.installations import CREDENTIALS, Caller, fields, installed


pytestmark = pytest.mark.whmcs_sim

NAMES = st.sampled_from(
    [
        *("clientid", "serviceid", "orderid", "invoiceid", "pid", "userid", "paymethodid", "client_id"),
        *("billingcycle", "priceoverride", "qty", "customfields", "paymentmethod", "status", "date", "unset"),
        *("amount", "taxrate", "nextduedate", "limitstart", "limitnum", "search", "itemdescription", "email"),
        *("itemdescription1", "itemamount1", "newitemdescription", "newitemamount", "deletelineids", "type"),
        *("destination", "sso_redirect_path", "orderby", "autorecalc", "email_preferences", "addonids"),
    ]
)
VALUES = st.one_of(
    st.sampled_from(["9001", "101", "5001", "2001", "7001", "stripe", "monthly", "-1", "0", "1e400", "Paid"]),
    st.sampled_from(
        ["2026-02-30", "0000-00-00", "tomorrow", fields({1011: "注文"}), "a:0:{}", "%", "Active"]
    ),
    st.text(max_size=8),
)
KEYS = st.sampled_from(["", "[]", "[0]", "[1]", "[x]", "[0][y]"])


@pytest.fixture(scope="module")
def shared() -> Iterator[Caller]:
    """Return one installation for all examples; what one leaves behind meets the next."""
    with installed() as opened:
        opened.order(101, 201)
        yield opened


@given(
    action=st.sampled_from(sorted(KNOWN)),
    sent=st.lists(st.tuples(NAMES, KEYS, VALUES), max_size=8),
    kind=st.sampled_from(["json", "xml", "nvp"]),
)
def test_every_call_is_done_or_refused(
    shared: Caller, action: str, sent: list[tuple[str, str, str]], kind: str
) -> None:
    form = [*CREDENTIALS.items(), ("action", action), ("responsetype", kind)]
    answer = shared.send(urlencode([*form, *((f"{name}{key}", value) for name, key, value in sent)]))
    assert answer.status == 200
    if kind == "json":
        said = json.loads(answer.body)
        assert said["result"] == "success" or said["message"]
