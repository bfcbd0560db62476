"""What `ordering_core` names is what it has, and what it raises survives being sent elsewhere."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil

from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import get_args

import attrs
import pytest

import ordering_core

from ordering_core import (
    CatalogueFileError,
    CheckoutClosed,
    CheckoutExpired,
    CheckoutIncomplete,
    Conflict,
    CursorTooOld,
    IllegalTransition,
    InvalidFile,
    InvalidValue,
    NotFound,
    NothingToRetry,
    Ordering,
    OrderingError,
    OrderRejected,
    OutcomeUnknown,
    PortError,
    Refused,
    RequestError,
    Requirement,
    Unavailable,
    Violation,
)
from tests.unit.application.shop import new_world


VIOLATION = Violation(
    code="eid_length", rule="x", pointer="/eid", message="m", message_ja="m", remedy="r", facts={"length": 31}
)
EXAMPLES: list[Exception] = [
    CatalogueFileError("catalogue.toml", ("[SIM-A]: price is missing",)),
    OrderingError("x"),
    RequestError("x"),
    CheckoutExpired(),
    CheckoutClosed("801"),
    CheckoutClosed(None),
    CheckoutIncomplete([Requirement.ADDRESS, Requirement.IDENTITY]),
    IllegalTransition("Approved", "delivered"),
    InvalidFile("too_large", "Send a smaller one."),
    InvalidValue("eid_length", "The EID has 31 digits.", "Type all.", {"length": 31}),
    CursorTooOld(120),
    NotFound("order"),
    NothingToRetry(),
    OrderRejected([VIOLATION]),
    PortError("Salesforce", "x"),
    Unavailable("Salesforce"),
    OutcomeUnknown("WHMCS", "no reply"),
    Refused("WHMCS", "CLIENT_NOT_FOUND", "there is no such client"),
    Refused("WHMCS", "CLIENT_NOT_FOUND"),
    Conflict("store", "another transaction won"),
]


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(ordering_core.__path__, "ordering_core."):
        if not found.name.startswith("ordering_core.testing"):
            yield importlib.import_module(found.name)


def subclasses(of: type[Exception]) -> set[type[Exception]]:
    return {of}.union(*(subclasses(one) for one in of.__subclasses__()))


def test_the_list_of_public_names_is_sorted_and_holds_each_once() -> None:
    assert ordering_core.__all__ == sorted(set(ordering_core.__all__))


def test_every_public_name_is_there_and_everything_that_is_there_is_public() -> None:
    there = {
        name
        for name, thing in vars(ordering_core).items()
        if not name.startswith("_") and not inspect.ismodule(thing)
    }
    assert there == set(ordering_core.__all__)


def test_everything_that_use_cases_take_and_give_is_public() -> None:
    methods = [
        method for name, method in vars(Ordering).items() if inspect.isfunction(method) and name[0] != "_"
    ]
    named = [
        part
        for method in methods
        for hint in inspect.get_annotations(method, eval_str=True).values()
        for part in (hint, *get_args(hint))
    ]
    ours = {part for part in named if inspect.isclass(part) and part.__module__.startswith("ordering_core")}
    public = {getattr(ordering_core, name) for name in ordering_core.__all__ if name != "Draft"}
    assert len(ours) > 20
    assert {part.__name__ for part in ours - public} == {"Subscription"}  # a port's, not to be made by a host


def test_every_error_that_we_raise_is_public_and_has_an_example_here() -> None:
    list(modules())
    errors = {error for error in subclasses(OrderingError) if error.__module__.startswith("ordering_core")}
    assert errors <= {type(example) for example in EXAMPLES}
    assert {error.__name__ for error in errors} <= set(ordering_core.__all__)


@pytest.mark.parametrize("error", EXAMPLES, ids=repr)
def test_an_error_survives_being_sent_to_another_process(error: Exception) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert arrived.args == error.args
    assert vars(arrived) == vars(error)


def test_every_error_says_something() -> None:
    assert all(str(example) for example in EXAMPLES)


def test_the_constructor_needs_every_port_and_nothing_else() -> None:
    ordering = new_world(at=datetime(2026, 6, 3, tzinfo=UTC)).ordering
    ports = {name: getattr(ordering, name) for name in inspect.signature(Ordering).parameters}
    assert attrs.asdict(Ordering(**ports), recurse=False) == ports
    for name in ports.keys() - {"policy"}:
        with pytest.raises(TypeError, match=name):
            Ordering(**{other: port for other, port in ports.items() if other != name})


def test_every_module_of_the_core_says_what_lives_in_it() -> None:
    assert all(module.__doc__ for module in modules())
