"""The identity map of the portal before us, as a CSV file: who is which Account and which WHMCS client."""

from __future__ import annotations

import csv
import io
import re

from collections.abc import Iterator, Mapping
from typing import Final

from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import AccountId, ClientId, CustomerId
from ordering_entrypoints.cli_input import Unreadable, name_of, read_bytes
from ordering_entrypoints.wire import FieldError


LARGEST: Final = 100_000_000
"""Bytes of a map: a line has some fifty."""

MOST_SHOWN: Final = 50

_WANTED: Final = ("customer", "account", "client")
_ID: Final = re.compile(r"[a-zA-Z0-9]{18}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


def read_map(name: str) -> tuple[Identity, ...]:
    """
    Return the lines of the file *name*, or of standard input when that is ``-``.

    The first line names the columns: ``customer`` (the portal user's id), ``account`` (Salesforce's, of 18
    characters), ``client`` (WHMCS's number), and ``customer_number`` if it is known. Lines that contradict
    each other are returned as they are.

    Raises:
        Unreadable: It cannot be read, or lines of it cannot; nothing of it is used then.

    """
    shown = name_of(name)
    try:
        text = read_bytes(name, LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refusal(
            shown, "It is not UTF-8.", [_error("encoding", "", "", "Save it as CSV in UTF-8.")]
        ) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = reader.fieldnames or ()
        if lacking := [column for column in _WANTED if column not in columns]:
            way_out = "The first line has to be: customer,account,client,customer_number"
            raise _refusal(
                shown,
                f"There is no column {lacking[0]}. {way_out}",
                [_error("column_missing", lacking[0], "", way_out)],
            )
        identities: list[Identity] = []
        errors: list[FieldError] = []
        for row in reader:
            found = list(_errors(row, reader.line_num))
            errors += found
            if not found:
                identities.append(_identity(row))
    except csv.Error as error:
        line = reader.line_num
        raise _refusal(
            shown,
            f"Line {line} is no CSV: {error}.",
            [_error("csv_malformed", str(line), "", "Mend the line.")],
        ) from None
    if errors:
        more = f" The first {MOST_SHOWN} are shown." if len(errors) > MOST_SHOWN else ""
        raise _refusal(shown, f"{len(errors):,} values cannot be used.{more}", errors[:MOST_SHOWN])
    return tuple(identities)


def _errors(row: Mapping[str | None, object], line: int) -> Iterator[FieldError]:
    """Yield what is wrong with *row*; values are not repeated, for they may be personal."""
    if None in row or None in row.values():
        what = "The line has more or fewer values than the first one."
        yield _error("row_length", f"{line}", what, "Mend the line.")
        return
    if not _value(row, "customer"):
        yield _error("customer_missing", f"{line}/customer", "There is none.", "Write the portal user's id.")
    if not _ID.fullmatch(_value(row, "account")):
        way_out = "Write the id of the Salesforce Account, of 18 characters."
        yield _error("account_malformed", f"{line}/account", "This is no id.", way_out)
    if not _NUMBER.fullmatch(_value(row, "client")):
        way_out = "Write the number of the WHMCS client."
        yield _error("client_malformed", f"{line}/client", "This is no number of a client.", way_out)


def _identity(row: Mapping[str | None, object]) -> Identity:
    return Identity(
        customer=CustomerId(_value(row, "customer")),
        account=AccountId(_value(row, "account")),
        client=ClientId(int(_value(row, "client"))),
        customer_number=_value(row, "customer_number"),
    )


def _value(row: Mapping[str | None, object], column: str) -> str:
    return str(row.get(column, "")).strip()


def _error(code: str, place: str, message: str, remedy: str) -> FieldError:
    return FieldError(code=code, pointer=f"/{place}" if place else "", message=message, remedy=remedy)


def _refusal(shown: str, sentence: str, errors: list[FieldError]) -> Unreadable:
    return Unreadable(f"{shown}: {sentence}", errors)
