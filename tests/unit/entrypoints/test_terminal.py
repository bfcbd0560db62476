"""Tables for people at a terminal, and plain ones for everything else."""

import io

import pytest

from rich.cells import cell_len

from ordering_entrypoints.terminal import Terminal


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def plain(columns: tuple[str, ...], *rows: tuple[str, ...], numbers: tuple[str, ...] = ()) -> list[str]:
    out = io.StringIO()
    Terminal(out, io.StringIO()).table(columns, rows, numbers=numbers)
    return out.getvalue().splitlines()


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert plain(("a", "bc"), ("xyz", "1"), ("", "22")) == ["a    bc", "---  --", "xyz  1", "     22"]


def test_numbers_are_set_flush_right() -> None:
    assert plain(("item", "yen"), ("a", "5"), numbers=("yen",))[2] == "a       5"


def test_a_japanese_character_takes_two_places() -> None:
    header, _, first, second = plain(("name", "x"), ("東京都港区", "1"), ("Tokyo", "2"))
    assert header.index("x") == 12
    assert cell_len(first) == cell_len(second) == 13


def test_no_table_is_cut_where_nobody_watches() -> None:
    assert plain(("a",), ("x" * 500,))[2] == "x" * 500


def test_a_screen_gets_frames_and_the_text_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    out = Screen()
    terminal = Terminal(out, io.StringIO())
    terminal.table(("code",), [("[bold]not markup[/bold]",)])
    assert "[bold]not markup[/bold]" in out.getvalue()
    assert "┃" in out.getvalue()


def test_remarks_do_not_mix_with_the_answer() -> None:
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(out, err)
    terminal.say("answer")
    terminal.remark("by the way")
    assert (out.getvalue(), err.getvalue()) == ("answer\n", "by the way\n")
