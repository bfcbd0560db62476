"""
Reads the file in which a network says what became of requests: a row each, with columns of its own.

Nobody publishes such a file's form, so every name in it is a setting (reference japan-telecom 3.1). A bad row
is reported by its line and column, never by what is in it, and does not keep the others out.
"""

from __future__ import annotations

import csv
import io

from collections.abc import Mapping
from typing import Final

import attrs

from ordering_adapters.sim_network.digests import sim_key
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.values import CardNumber, Eid, LineNumber
from ordering_core.ports.line_book import Completion


LONGEST: Final = 200
"""Signs of one cell."""


@attrs.frozen(kw_only=True)
class CompletionLayout:
    """
    The form of one network's file: names of columns (empty: it has none), and its words for what became.

    *opened* and *failed* are texts of the column *result*; *codes* are ours for those in the column *code*.

    Raises:
        ValueError: No column says what became of a request, or which request that was.

    """

    encoding: str = "cp932"
    delimiter: str = ","
    order: str = "要求番号"
    line: str = "受付番号"
    number: str = "電話番号"
    eid: str = "EID"
    card: str = "製造番号"
    result: str = "処理結果"
    code: str = "エラーコード"
    when: str = "処理日時"
    opened: tuple[str, ...] = ("OK",)
    failed: tuple[str, ...] = ("NG",)
    codes: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def __attrs_post_init__(self) -> None:
        if not self.result:
            raise ValueError("the completions need a column for result")
        if not (self.order or self.line or self.eid or self.card):
            raise ValueError("the completions need a column for order, line, eid or card")
        try:
            "".encode(self.encoding)
        except LookupError:
            raise ValueError("the encoding of the completions is not known here") from None
        if len(self.delimiter) != 1:
            raise ValueError("the delimiter of the completions has to be one sign")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a file has to have."""
        named = (self.order, self.line, self.number, self.eid, self.card, self.result, self.code, self.when)
        return tuple(filter(None, named))


@attrs.frozen(kw_only=True)
class ReadRow:
    """One row that says what became of a request; *place* is its line in the file, from 1."""

    place: int
    completion: Completion


@attrs.frozen(kw_only=True)
class BadRow:
    """One row that cannot be understood: its line, its *column*, and the *problem* there as a code."""

    place: int
    column: str
    problem: str


class UnreadableFile(ValueError):
    """The file is none of this layout; the sentence says how and quotes nothing but names of columns."""


def read_completions(raw: bytes, layout: CompletionLayout) -> tuple[tuple[ReadRow, ...], tuple[BadRow, ...]]:
    """
    Return the rows of a file that can be understood, and those that cannot.

    Raises:
        UnreadableFile: It is not in the encoding, or lacks a column.

    """
    try:
        text = raw.decode(layout.encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"it is not written in {layout.encoding}: byte {error.start} cannot be read"
        ) from None
    reader = csv.reader(io.StringIO(text), delimiter=layout.delimiter, strict=True)
    good: list[ReadRow] = []
    bad: list[BadRow] = []
    header: list[str] | None = None
    try:
        for cells in reader:
            if header is None:
                header = [name.strip() for name in cells]
                _check(header, layout)
            elif any(cell.strip() for cell in cells):
                row = dict(zip(header, cells, strict=False)) if len(cells) == len(header) else None
                read = _read(row, layout, place=reader.line_num)
                good += [read] if isinstance(read, ReadRow) else []
                bad += [read] if isinstance(read, BadRow) else []
    except csv.Error:
        bad.append(BadRow(place=reader.line_num, column="", problem="not_separated"))
    if header is None:
        raise UnreadableFile("it is empty; its first line has to name the columns")
    return tuple(good), tuple(bad)


def _check(header: list[str], layout: CompletionLayout) -> None:
    missing = [name for name in layout.columns if name not in header]
    if missing:
        raise UnreadableFile(f"its first line lacks the columns: {', '.join(missing)}")
    if twice := [name for name in layout.columns if header.count(name) > 1]:
        raise UnreadableFile(f"its first line names twice: {', '.join(twice)}")


def _read(row: Mapping[str, str] | None, layout: CompletionLayout, *, place: int) -> ReadRow | BadRow:
    if row is None:
        return BadRow(place=place, column="", problem="cells_differ_from_columns")

    def cell(column: str) -> str:
        return row[column].strip() if column else ""

    for column in layout.columns:
        # What no store can write down would stop the whole file, every time that it is taken.
        if len(cell(column)) > LONGEST or not cell(column).isprintable():
            return BadRow(place=place, column=column, problem="text_unreadable")
    column = layout.result
    try:
        failure = _failure(cell(layout.result), cell(layout.code), layout)
        column = layout.eid or layout.card
        sim = _sim(cell(layout.eid), cell(layout.card))
        column = layout.number
        number = LineNumber.parse(cell(layout.number)) if cell(layout.number) else None
    except InvalidValue as problem:
        return BadRow(place=place, column=column, problem=problem.code)
    order, line = cell(layout.order), cell(layout.line)
    if not (order or line or sim):
        return BadRow(place=place, column=layout.order or layout.line, problem="request_missing")
    return ReadRow(
        place=place,
        completion=Completion(
            mark=OrderId(order),
            line=LineId(line),
            sim=sim,
            number=number,
            failure=failure,
            when=cell(layout.when),
        ),
    )


def _failure(result: str, code: str, layout: CompletionLayout) -> str:
    """Return our code for why a request failed, empty for one that did not."""
    if result in layout.opened:
        return ""
    if result not in layout.failed:
        raise InvalidValue("result_unknown", "The result is none that is known.", "Name it in the settings.")
    return layout.codes.get(code) or code or "FAILED"


def _sim(eid: str, card: str) -> str:
    if eid:
        return sim_key(Eid.parse(eid))
    return sim_key(CardNumber.parse(card)) if card else ""
