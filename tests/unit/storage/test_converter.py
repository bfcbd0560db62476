"""Whatever is kept comes back as it was, and what cannot be read is refused without quoting it."""

import json

from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from attrs import AttrsInstance
from hypothesis import given
from hypothesis import strategies as st

from ordering_adapters.storage.converter import STORED, dump, dump_evidence, load, load_evidence
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.journal import CaseFile, Fact, WaitFor
from ordering_core.errors import Refused
from ordering_core.ports.order_records import ProjectedOrder
from ordering_core.testing.contracts.samples import SIM_DRAFT, START, placement, projected, session, subject
from tests.unit.storage.record_strategies import TEXTS, records


def _changed(text: str, *path: str, to: object) -> str:
    """Return the payload *text* with the field at *path* set *to* something else."""
    payload = json.loads(text)
    place: Any = payload
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return json.dumps(payload)


def _spelt_out(thing: object) -> object:
    """Return *thing* with the type of everything in it: a word of a vocabulary equals its text."""
    kind: type[object] = type(thing)
    if attrs.has(kind):
        return kind, {field.name: _spelt_out(getattr(thing, field.name)) for field in attrs.fields(kind)}
    if isinstance(thing, Mapping):
        pairs = [(_spelt_out(key), _spelt_out(value)) for key, value in thing.items()]
        return Mapping, sorted(pairs, key=repr)
    if isinstance(thing, tuple | frozenset):
        members = [_spelt_out(member) for member in thing]
        return kind, members if isinstance(thing, tuple) else sorted(members, key=repr)
    return kind, thing


@pytest.mark.parametrize("kind", STORED)
@given(data=st.data())
def test_any_record_comes_back_as_it_was(kind: type[AttrsInstance], data: st.DataObject) -> None:
    record = data.draw(records(kind))
    found = load(kind, dump(record))
    assert found == record
    assert _spelt_out(found) == _spelt_out(record)


@given(st.dictionaries(TEXTS, TEXTS))
def test_any_evidence_comes_back_as_it_was(evidence: dict[str, str]) -> None:
    assert load_evidence(dump_evidence(evidence)) == evidence


@given(records(CheckoutSession))
def test_a_payload_is_plain_ascii_whatever_is_in_it(record: CheckoutSession) -> None:
    assert dump(record).isascii()
    assert "\x00" not in dump(record)


def test_one_record_is_one_text() -> None:
    one, other = (
        CaseFile(subject=subject(), causes=frozenset(causes)) for causes in (("b", "a"), ("a", "b"))
    )
    assert dump(one) == dump(other)


def test_instants_are_written_in_utc() -> None:
    case_file = CaseFile(subject=subject(), rest=WaitFor(Fact.APPROVAL, START))
    assert '"2026-06-03T01:00:00.123456+00:00"' in dump(case_file)


def test_a_field_with_a_default_may_be_missing() -> None:
    payload = json.loads(dump(session()))
    del payload["record"]["submitted"]
    assert load(CheckoutSession, json.dumps(payload)) == session()


WRONG = [
    pytest.param(("record", "nickname"), "x", "CheckoutSession: $", id="a field that nobody knows"),
    pytest.param(("record", "draft", "nickname"), "x", "$.draft", id="one within a field"),
    pytest.param(("record", "draft", "type"), "held", "$.draft", id="a record of another kind"),
    pytest.param(("record", "draft", "type"), None, "$.draft", id="a record of no kind"),
    pytest.param(("record", "submitted"), 1, "$.submitted", id="a number for a truth"),
    pytest.param(("record", "version"), True, "$.version", id="a truth for a number"),
    pytest.param(
        ("record", "address", "prefecture"), 13, "$.address", id="a number for a text of an address"
    ),
    pytest.param(("record", "id"), 7, "$.id", id="a number for a text"),
    pytest.param(("record", "prices"), {"SIM-DV-10": "dear"}, "$.prices", id="a price that is none"),
    pytest.param(("record", "prices"), {"SIM-DV-10": 1980.5}, "$.prices", id="a price with fractions"),
    pytest.param(("record", "created_at"), "2026-06-03T01:00:00", "$.created_at", id="a time of nowhere"),
    pytest.param(("record", "created_at"), "yesterday", "$.created_at", id="a time that is none"),
    pytest.param(("record", "draft", "scheduled_on"), "soon", "$.draft", id="a day that is none"),
    pytest.param(("record", "draft", "scheduled_on"), 3, "$.draft", id="a number for a day"),
    pytest.param(("record", "address", "prefecture"), "Atlantis", "$.address", id="what our rules refuse"),
    pytest.param(("record", "draft", "skus"), "SIM-DV-10", "$.draft", id="a text for a list"),
    pytest.param(("record", "draft"), ["sim"], "$.draft", id="a list for one of several records"),
    pytest.param(("record",), [], "CheckoutSession: ", id="a list for a record"),
    pytest.param(("format",), 2, "is this an older version", id="a later format"),
    pytest.param(("format",), None, "is this an older version", id="no format"),
]


@pytest.mark.parametrize(("path", "to", "place"), WRONG)
def test_a_payload_that_is_none_is_refused_with_its_place(
    path: tuple[str, ...], to: object, place: str
) -> None:
    with pytest.raises(Refused) as refused:
        load(CheckoutSession, _changed(dump(session()), *path, to=to))
    assert refused.value.code == "UNREADABLE"
    assert place in refused.value.reason


def test_a_word_that_its_vocabulary_lacks_is_refused() -> None:
    with pytest.raises(Refused, match=r"a stored ProjectedOrder: \$.snapshot.lines.cycle, \$.status.state"):
        load(ProjectedOrder, dump(projected()).replace("UnderReview", "Gone").replace("Monthly", "Daily"))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"format":1}', "7"])
def test_what_is_no_payload_at_all_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="a stored CheckoutSession"):
        load(CheckoutSession, text)


@pytest.mark.parametrize("text", ["", "[]", '{"place":1}', "{"])
def test_what_is_no_evidence_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="evidence"):
        load_evidence(text)


def test_a_refusal_quotes_nothing_that_was_stored() -> None:
    spoiled = dump(session())
    for path in (("record", "address", "postal_code", "value"), ("record", "draft", "scheduled_on")):
        spoiled = _changed(spoiled, *path, to="佐藤 090-1234-5678")
    with pytest.raises(Refused) as refused:
        load(CheckoutSession, spoiled)
    said = f"{refused.value!r} {refused.value} {refused.value.__cause__} {refused.value.__suppress_context__}"
    assert "佐藤" not in said
    assert said.endswith("None True")


def test_the_samples_of_the_contracts_have_what_no_log_may_show() -> None:
    for record in (session(), placement(), projected()):
        assert SIM_DRAFT.eid is not None
        assert SIM_DRAFT.eid in dump(record)
        assert SIM_DRAFT.eid not in repr(record)
