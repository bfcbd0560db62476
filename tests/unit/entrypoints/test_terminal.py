"""Tables for people at a terminal, and plain ones for everything else."""

import io
import json
import re
import subprocess
import sys

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


def on_screen(monkeypatch: pytest.MonkeyPatch, width: int, rows: list[tuple[str, str, str]]) -> str:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(width))
    out = Screen()
    Terminal(out, io.StringIO()).table(("SKU", "name", "net"), rows, title="For sale", numbers=("net",))
    return out.getvalue()


ROWS = [
    ("INTERNET-APARTMENT-10G-PLATINUM", "Internet for apartments, the fastest", "¥12,345"),
    ("SIM", "[bold]5 GB[/bold]", ""),
]


@pytest.mark.parametrize("width", [20, 30, 36, 37, 38, 57, 58, 59, 60, 61, 79, 80, 100, 120])
def test_no_word_is_broken_and_nothing_is_left_out_however_narrow_a_screen_is(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    shown = on_screen(monkeypatch, width, ROWS)
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in shown.splitlines()]
    longest = len(ROWS[0][0]) + len("name  ")
    for word in {word for row in ROWS for cell in row for word in cell.split()}:
        assert width < longest or any(word in line for line in lines), (word, lines)
    assert all(cell_len(line) <= width for line in lines)
    assert ("┃" in shown) == (width >= len("INTERNET-APARTMENT-10G-PLATINUMapartments,¥12,345") + 3 * 3 + 1)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp932"])
def test_what_a_terminal_cannot_show_is_escaped_as_json_does(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    text = "é 髙橋 \N{BELL} ¥"
    Terminal().say(json.dumps(text, ensure_ascii=False))
    assert json.loads(raw.getvalue().decode(encoding)) == text


def test_what_is_closed_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    terminal = Terminal()
    assert not terminal.is_interactive
    terminal.say("answer")
    terminal.remark("by the way")
    terminal.table(("a",), [("1",)])


def test_remarks_that_nobody_reads_stop_nothing() -> None:
    class Gone(io.StringIO):
        def write(self, _text: str, /) -> int:
            raise BrokenPipeError

    Terminal(io.StringIO(), Gone()).remark("by the way")


def test_remarks_do_not_mix_with_the_answer() -> None:
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(out, err)
    terminal.say("answer")
    terminal.remark("by the way")
    assert (out.getvalue(), err.getvalue()) == ("answer\n", "by the way\n")


def test_a_server_loads_nothing_that_other_commands_alone_need() -> None:
    loads = "import sys, ordering_entrypoints.cli, ordering_entrypoints.cli_serve; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True).stdout
    packages = {module.partition(".")[0] for module in loaded.split()}
    assert "litestar" in packages
    assert not packages & {"alembic", "dbos", "holidays", "httpx", "mako", "psycopg", "requests", "rich"}
