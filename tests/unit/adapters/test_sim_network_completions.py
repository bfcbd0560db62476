"""Files of completions: good rows are read, bad ones told by their place, and nothing is quoted."""

import csv
import io

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_adapters.sim_network.completions import (
    BadRow,
    CompletionLayout,
    ReadRow,
    UnreadableFile,
    read_completions,
)
from ordering_adapters.sim_network.digests import sim_key
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.values import CardNumber, Eid, LineNumber
from ordering_core.ports.line_book import Completion
from ordering_core.testing.value_strategies import eids, mobile_numbers


LAYOUT = CompletionLayout(codes={"MNP-301": "MNP_NAME_MISMATCH"})
EID = "89049032000001000000012345678954"
GOOD = ("801A", "R1", "07012345678", EID, "", "OK", "", "2026/06/03 12:00:00")


def file(*rows: tuple[str, ...], layout: CompletionLayout = LAYOUT) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=layout.delimiter)
    writer.writerows([layout.columns, *rows])
    return text.getvalue().encode(layout.encoding)


def test_a_row_is_read() -> None:
    assert read_completions(file(GOOD), LAYOUT) == (
        (
            ReadRow(
                place=2,
                completion=Completion(
                    mark=OrderId("801A"),
                    line=LineId("R1"),
                    sim=sim_key(Eid(EID)),
                    number=LineNumber("07012345678"),
                    when="2026/06/03 12:00:00",
                ),
            ),
        ),
        (),
    )


@given(
    eid=eids(), number=mobile_numbers(), failed=st.booleans(), encoding=st.sampled_from(["cp932", "utf-8"])
)
def test_whatever_is_written_is_read(*, eid: str, number: str, failed: bool, encoding: str) -> None:
    layout = attrs.evolve(LAYOUT, encoding=encoding, delimiter="\t")
    row = ("", "", number, eid, "", "NG" if failed else "OK", "MNP-301" if failed else "", "")
    (read,), bad = read_completions(file(row, layout=layout), layout)
    assert not bad
    assert read.completion.sim == sim_key(Eid(eid))
    assert read.completion.failure == ("MNP_NAME_MISMATCH" if failed else "")


@pytest.mark.parametrize("number", ["020-1234-5678", "02001234567890"])
def test_a_line_for_data_alone_may_have_a_number_of_machines(number: str) -> None:
    (read,), bad = read_completions(file((*GOOD[:2], number, *GOOD[3:])), LAYOUT)
    assert not bad
    assert read.completion.number == LineNumber(number.replace("-", ""))


@pytest.mark.parametrize(
    ("place", "cell", "column", "problem"),
    [
        (2, "0312345678", "電話番号", "line_number"),
        (3, EID[:-1] + "5", "EID", "eid"),
        (5, "??", "処理結果", "result_unknown"),
    ],
)
def test_a_bad_cell_is_told_by_line_and_column_and_the_others_are_read(
    place: int, cell: str, column: str, problem: str
) -> None:
    bad = (*GOOD[:place], cell, *GOOD[place + 1 :])
    good, told = read_completions(file(GOOD, bad, GOOD), LAYOUT)
    assert [row.place for row in good] == [2, 4]
    (one,) = told
    assert (one.place, one.column) == (3, column)
    assert one.problem.startswith(problem)
    assert cell not in repr(told)


@pytest.mark.parametrize("column", ["要求番号", "受付番号", "処理日時"])
@pytest.mark.parametrize("text", ["801\0A", "801\tA", "8" * 201], ids=["nought", "tab", "too long"])
def test_what_no_database_can_keep_is_bad_and_stops_no_other_row(column: str, text: str) -> None:
    place = LAYOUT.columns.index(column)
    good, told = read_completions(file(GOOD, (*GOOD[:place], text, *GOOD[place + 1 :]), GOOD), LAYOUT)
    assert [row.place for row in good] == [2, 4]
    assert told == (BadRow(place=3, column=column, problem="text_unreadable"),)


def test_a_row_that_names_no_request_is_bad() -> None:
    _, told = read_completions(file(("", "", "", "", "", "OK", "", "")), LAYOUT)
    assert told == (BadRow(place=2, column="要求番号", problem="request_missing"),)


def test_a_row_with_too_few_cells_is_bad_and_an_empty_one_is_none() -> None:
    good, told = read_completions(file(("801A",), (), GOOD), LAYOUT)
    assert told == (BadRow(place=2, column="", problem="cells_differ_from_columns"),)
    assert len(good) == 1


def test_a_torn_quote_is_told_and_what_came_before_is_read() -> None:
    good, told = read_completions(file(GOOD) + '"801B"x,R2\r\n'.encode("cp932"), LAYOUT)
    assert len(good) == 1
    assert [row.problem for row in told] == ["not_separated"]


def test_a_card_names_a_request_too() -> None:
    row = ("", "", "", "", "AX0000000000001", "NG", "", "")
    (read,), _ = read_completions(file(row), LAYOUT)
    assert read.completion.sim == sim_key(CardNumber("AX0000000000001"))
    assert read.completion.failure == "FAILED"


def test_a_sentence_in_the_column_of_codes_is_not_kept() -> None:
    row = ("801A", "", "", "", "", "NG", "髙橋さくら様の名義が違います", "")
    (read,), _ = read_completions(file(row), LAYOUT)
    assert read.completion.failure == "REFUSED"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "empty"),
        (b"EID,x\r\n", "lacks the columns: 要求番号"),
        ("要求番号".encode("cp932") + b"\x81", "cp932"),
        (file(GOOD).replace("受付番号".encode("cp932"), "要求番号".encode("cp932"), 1), "lacks|twice"),
    ],
)
def test_another_file_is_refused_as_a_whole(raw: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        read_completions(raw, LAYOUT)


def test_columns_that_a_network_has_not_need_not_be_there() -> None:
    layout = CompletionLayout(
        encoding="utf-8", order="", card="", number="", code="", when="", line="", eid="eid", result="r"
    )
    (read,), _ = read_completions(f"\ufeffeid,r,more\n{EID},OK,x\n".encode(), layout)
    assert read.completion == Completion(sim=sim_key(Eid(EID)))


@pytest.mark.parametrize(
    "changed",
    [{"result": ""}, {"order": "", "line": "", "eid": "", "card": ""}, {"encoding": "x"}, {"delimiter": ""}],
    ids=str,
)
def test_a_layout_that_says_nothing_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="completions"):
        attrs.evolve(LAYOUT, **changed)  # type: ignore[arg-type]  # names of its own fields
