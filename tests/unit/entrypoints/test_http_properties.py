"""Whatever is sent, the API answers as the rules say, and never with a 500."""

from typing import Final
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from ordering_core import Draft
from ordering_core.testing.near_misses import NearMiss, near_misses
from ordering_core.testing.strategies import drafts
from tests.unit.application.shop import WEDNESDAY, new_world, picture
from tests.unit.entrypoints.api import Api, body, wrong


API: Final = Api(new_world())
POLICY: Final = API.world.ordering.policy
CATALOGUE: Final = API.world.ordering.catalogue_for()
UNTOUCHED: Final = picture(API.world)
POSTS: Final = (
    "/configurations/validation",
    "/configurations/price",
    "/checkout-sessions",
    "/checkout-sessions/x/adoption",
    "/checkout-sessions/x/submission",
    "/orders/x/retry",
    "/identity-documents",
)
JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(drafts(CATALOGUE, at=WEDNESDAY, policy=POLICY))
def test_every_configuration_that_the_rules_accept_is_priced(draft: Draft) -> None:
    checked = API.call("POST", "/configurations/validation", json=body(draft))
    assert checked.json()["verdict"]["passed"]
    priced = API.call("POST", "/configurations/price", json=checked.json()["draft"])
    assert priced.status_code == 200
    assert priced.json() == checked.json()["quote"]


@given(near_misses(CATALOGUE, at=WEDNESDAY, policy=POLICY))
def test_every_near_miss_is_refused_for_its_one_reason_and_nothing_is_written(miss: NearMiss) -> None:
    answer = API.call("POST", "/checkout-sessions", json=body(miss.draft))
    assert answer.status_code == 422
    assert set(wrong(answer).values()) == {miss.code}
    assert picture(API.world) == UNTOUCHED


@given(
    st.sampled_from(POSTS),
    st.binary(max_size=200) | st.text().map(str.encode),
    st.sampled_from(["application/json", "multipart/form-data; boundary=x", "text/plain", ""]),
)
def test_no_body_of_any_kind_is_a_500(path: str, content: bytes, media_type: str) -> None:
    header = {**API.token("customer-1"), "Content-Type": media_type}
    answer = API.call("POST", path, content=content, headers=header)
    assert 400 <= answer.status_code < 500
    assert picture(API.world) == UNTOUCHED


@given(st.sampled_from(POSTS[:3]), JSON)
def test_no_json_of_any_shape_is_a_500(path: str, sent: object) -> None:
    try:
        answer = API.call("POST", path, json=sent)
    except ValueError:  # NaN is no JSON: the client itself refuses to write it
        return
    assert 400 <= answer.status_code < 500


@given(st.text(st.characters(codec="utf-8"), max_size=60).map(quote))
def test_no_address_is_a_500(text: str) -> None:
    for path in (f"orders/{text}", f"checkout-sessions/{text}", text, f"orders?search={text}&after={text}"):
        answer = API.client.get(f"/api/{path}", headers=API.token("customer-1"))
        assert answer.status_code < 500
