"""Any record of a stored type, read off its fields: a field that is added later is drawn as well."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs

from hypothesis import strategies as st

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.check_digits import luhn_holds
from ordering_core.domain.drafts import InternetDraft, SimDraft, VpnDraft
from ordering_core.domain.values import Eid, Iccid, LineNumber, MobileNumber
from ordering_core.testing.strategies import arbitrary_drafts
from ordering_core.testing.value_strategies import addresses, eids, mobile_numbers


INSTANTS = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - Hypothesis wants naive limits
    timezones=st.just(UTC),
)
TEXTS = st.text(st.characters(), max_size=12)  # half characters too: JSON can spell them

KNOWN: Mapping[object, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(),
    str: TEXTS,
    bytes: st.binary(max_size=12),
    date: st.dates(),
    datetime: INSTANTS,
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    PostalAddress: addresses(),
    Eid: eids().map(Eid),
    Iccid: st.sampled_from(["8981100000000000010", "8981199010000000016"]).filter(luhn_holds).map(Iccid),
    MobileNumber: mobile_numbers().map(MobileNumber),
    LineNumber: mobile_numbers().map(LineNumber),
}
DRAFTS = frozenset({InternetDraft, SimDraft, VpnDraft})


@cache
def records(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401 - an annotation may be anything
    """Return any value that a field of *kind* may hold."""
    found = KNOWN.get(kind)
    if found is not None:
        return found
    if kind in DRAFTS:
        return arbitrary_drafts().filter(lambda draft: isinstance(draft, kind))
    if hasattr(kind, "__supertype__"):
        supertype: object = kind.__supertype__
        return records(supertype)
    if kind is NoneType:
        return st.none()
    members = get_args(kind)
    match get_origin(kind):
        case origin if origin in {Union, UnionType}:
            return st.one_of([records(member) for member in members])
        case origin if origin is tuple:
            return st.lists(records(members[0]), max_size=2).map(tuple)
        case origin if origin is frozenset:
            return st.frozensets(records(members[0]), max_size=2)
        case origin if origin is Mapping:
            return st.dictionaries(*map(records, members), max_size=2)
        case _ if attrs.has(kind):
            hints = get_type_hints(kind)
            return st.builds(kind, **{field.name: records(hints[field.name]) for field in attrs.fields(kind)})
        case _:
            assert issubclass(kind, Enum), kind
            return st.sampled_from(kind)
