"""A record shows itself as attrs would have it, and hides what its fields say is to be hidden."""

from __future__ import annotations

import attrs

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.representation import shown
from ordering_core.domain.values import Eid


def _two_ends(value: str) -> str:
    return f"{value[:1]}…{value[-1:]}"


@attrs.frozen
class ByAttrs:
    plain: str
    short: str = attrs.field(repr=_two_ends)
    secret: str = attrs.field(repr=False)


@attrs.frozen
class ByUs:
    plain: str
    short: str = attrs.field(repr=_two_ends)
    secret: str = attrs.field(repr=False)

    __repr__ = shown


@given(st.text(), st.text(), st.text())
def test_a_record_shows_itself_as_attrs_would_have_it(plain: str, short: str, secret: str) -> None:
    ours, theirs = ByUs(plain, short, secret), ByAttrs(plain, short, secret)
    assert repr(ours) == repr(theirs).replace("ByAttrs", "ByUs", 1)


def test_what_a_field_hides_or_shortens_is_not_shown() -> None:
    assert repr(ByUs("a", "long text", "secret")) == "ByUs(plain='a', short=l…t)"
    assert repr(Eid("89049032123451234512345678901235")) == "Eid(value=8904…1235)"
