"""Whatever a customer typed, and however anybody logs it, it is in no line of the log."""

from __future__ import annotations

import json
import logging

from collections.abc import Callable

import pytest

from hypothesis import given
from hypothesis import strategies as st

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
