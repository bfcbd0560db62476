"""Whatever a customer typed, and however anybody logs it, it is in no line of the log."""

from __future__ import annotations

import ast
import json
import logging
import re

from collections.abc import Callable
from pathlib import Path

import pytest

from hypothesis import given
from hypothesis import strategies as st

import ordering_adapters
import ordering_entrypoints

from ordering_entrypoints.http.redaction import FIELDS, log_event
from ordering_entrypoints.logs import RedactingFormatter, TextFormatter


DIGITS = "0123456789"
PERSONAL = st.one_of(
    st.text(DIGITS, min_size=32, max_size=32),  # EID
    st.text(DIGITS, min_size=17, max_size=18).map("89".__add__),  # ICCID
    st.from_regex(r"0[6-9]0[1-9][0-9]{7}", fullmatch=True),  # phone
    st.sampled_from(["鬼龍院 花子", "キリュウイン"]),
    # made here, for a text that stands in source code is nobody's
    st.sampled_from(["xzqfirstname", "kitashirakawa 9-8-7"]).map(str.title),
    st.text(DIGITS + "ABCDEF", min_size=12, max_size=20).map("LPA:1$smdp.example$Q".__add__),
    st.text("abcdefghijkmnpqrstuvwxyz" + DIGITS, min_size=24, max_size=43).map("osk_".__add__),
)
"""What must not be logged."""

Say = Callable[[logging.Logger, str], None]


def _as_value(log: logging.Logger, personal: str) -> None:
    log.warning("customer %s", personal)


def _in_the_text(log: logging.Logger, personal: str) -> None:
    log.warning(f"customer {personal}")  # noqa: G004 - as libraries do


def _as_the_text(log: logging.Logger, personal: str) -> None:
    log.warning(personal)


def _as_an_object(log: logging.Logger, personal: str) -> None:
    log.warning({"customer": personal})


def _in_an_exception(log: logging.Logger, personal: str) -> None:
    try:
        _break_down(personal)
    except ValueError:
        log.exception("it broke")


def _break_down(personal: str) -> None:
    try:
        int(personal + "x")
    except ValueError as cause:
        raise ValueError(f"no {personal}") from cause


def _as_a_field_that_there_is_not(log: logging.Logger, personal: str) -> None:
    log.warning("customer", extra={"fields": {"eid": personal, personal: 1}})


def _as_a_named_value(log: logging.Logger, personal: str) -> None:
    log.warning("customer %(reason)s", {"reason": personal})


def _by_our_own_hand(log: logging.Logger, personal: str) -> None:
    log_event(log, logging.WARNING, "an event", {"eid": personal, personal: 1})


def _as_a_logger(_log: logging.Logger, personal: str) -> None:
    logging.getLogger(f"test_http_logs.of.{len(personal)}").warning("customer", stack_info=True)


SAYS = (
    _as_value,
    _in_the_text,
    _as_the_text,
    _as_an_object,
    _in_an_exception,
    _as_a_field_that_there_is_not,
    _as_a_named_value,
    _by_our_own_hand,
    _as_a_logger,
)


class Lines(logging.Handler):
    """Keeps what both formatters would write."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.written += [RedactingFormatter().format(record), TextFormatter().format(record)]


def lines_of(say: Say, personal: str) -> list[str]:
    log, lines = logging.getLogger("test_http_logs"), Lines()
    log.addHandler(lines)
    try:
        say(log, personal)
    finally:
        log.removeHandler(lines)
    return lines.written


@pytest.mark.parametrize("say", SAYS)
@given(personal=PERSONAL)
def test_no_way_of_logging_it_lets_it_through(say: Say, personal: str) -> None:
    written = lines_of(say, personal)
    assert len(written) == 2
    for line in written:
        assert personal not in line
        assert json.dumps(personal)[1:-1] not in line
        assert "\n" not in line
    json.loads(written[0])


LOOKS_PERSONAL = PERSONAL.filter(lambda text: text.lower() not in {"xzqfirstname", "kitashirakawa 9-8-7"})
"""What shows by its form that it must not be logged."""


@pytest.mark.parametrize("field", sorted(FIELDS - {"request_id", "run"}))
@given(personal=LOOKS_PERSONAL)
def test_even_in_a_field_that_may_be_logged_numbers_names_and_codes_are_hidden(
    field: str, personal: str
) -> None:
    def say(log: logging.Logger, text: str) -> None:
        log.warning("an event", extra={"fields": {field: text}})

    assert not [line for line in lines_of(say, personal) if personal in line]


@pytest.mark.parametrize("level", [logging.INFO, logging.WARNING])
def test_a_record_of_ours_names_what_its_wording_leaves_open(level: int) -> None:
    log, lines = logging.getLogger("ordering_adapters.work"), Lines()
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    try:
        log.log(level, "a run of kind %(kind)s failed: %(error)s", {"kind": "order", "error": "ValueError"})
    finally:
        log.removeHandler(lines)
    said = json.loads(lines.written[0])
    assert (said["event"], said["kind"], said["error"]) == (
        "a run of kind %(kind)s failed: %(error)s",
        "order",
        "ValueError",
    )
    assert "kind=order error=ValueError" in lines.written[1]


def test_every_value_that_our_packages_log_has_a_name_that_may_be_logged() -> None:
    unnamed = []
    for package in (ordering_adapters, ordering_entrypoints):
        for file in Path(package.__path__[0]).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and ast.unparse(call.func).lower().startswith("_log."):
                    unnamed += [f"{file.name}: {text}" for text in _open_values(call)]
    assert unnamed == []


def _open_values(call: ast.Call) -> set[str]:
    """Return what the texts of *call* leave open without a name of `FIELDS`."""
    texts = [part.value for part in ast.walk(call) if isinstance(part, ast.Constant)]
    named = {f"%({name})s" for name in FIELDS}
    return {
        found for text in texts if isinstance(text, str) for found in re.findall(r"%(?:\(\w+\))?\w", text)
    } - named
