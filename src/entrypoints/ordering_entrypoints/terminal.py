"""
Words and tables for a person at a terminal, and the same without decoration for a file or another program.

What is written never depends on colours or on the width of a window unless there is a window.
"""

from __future__ import annotations

import codecs
import io
import sys

from collections.abc import Sequence
from contextlib import suppress
from typing import Final, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table


GAP: Final = "  "

_FRAME: Final = 3
"""Places that a column of a framed table takes beside its text."""

_ESCAPED: Final = "ordering.escaped"
"""The name under which Python knows our way with characters that an encoding lacks."""


class Unusable(Exception):
    """What was asked for cannot be done as it was asked; the sentence says why, and the way out."""

    def __init__(self, sentence: str) -> None:
        """Keep the sentence."""
        super().__init__(sentence)
        self.sentence = sentence


class Terminal:
    """Where a command writes to: *out* for what was asked for, *err* for everything else."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        """Write to *out* and *err*, the process's own unless given; what is closed takes nothing."""
        self.out = out or _forgiving(sys.stdout)
        self.err = err or _forgiving(sys.stderr)
        self.console = Console(file=self.out)

    @property
    def is_interactive(self) -> bool:
        """Whether somebody is looking, rather than a file or another program reading."""
        return self.out.isatty() and not self.console.is_dumb_terminal

    def say(self, text: str = "") -> None:
        """Write *text* as it is, and a line end."""
        print(text, file=self.out, flush=True)

    def remark(self, text: str) -> None:
        """Write *text*, which is no part of what was asked for, to where errors go; nobody has to read it."""
        with suppress(BrokenPipeError):
            print(text, file=self.err, flush=True)

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        title: str = "",
        numbers: Sequence[str] = (),
    ) -> None:
        """Write a table; the columns named in *numbers* are set flush right."""
        if not self.is_interactive:
            self._plain(columns, rows, title=title, numbers=numbers)
            return
        widths = _widths(columns, rows, self.console.width)
        if widths is None:
            self._listed(columns, rows, title=title)
            return
        table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold")
        for column, width in zip(columns, widths, strict=True):
            table.add_column(
                column, justify="right" if column in numbers else "left", overflow="fold", width=width
            )
        for row in rows:
            table.add_row(*map(escape, row))
        self.console.print(table)

    def _listed(self, columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str) -> None:
        """Write each row as lines of its own, each after the name of its column, on a screen too narrow."""
        if title:
            self.console.print(f"[bold]{escape(title)}[/bold]")
        for row in rows:
            lines = Table.grid(padding=(0, len(GAP), 0, 0))
            lines.add_column(style="bold", no_wrap=True)
            lines.add_column(overflow="fold")
            for column, cell in zip(columns, row, strict=True):
                if cell:
                    lines.add_row(escape(column), escape(cell))
            self.console.print(lines)
            self.console.print()

    def _plain(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        title: str,
        numbers: Sequence[str],
    ) -> None:
        """Write columns as wide as their widest cell; a Japanese character is two places wide."""
        if title:
            self.say(title)
        widths = [max(map(cell_len, column)) for column in zip(columns, *rows, strict=True)]
        rule = ["-" * width for width in widths]
        for row in (columns, rule, *rows):
            cells = (
                " " * (width - cell_len(cell)) + cell
                if column in numbers
                else cell + " " * (width - cell_len(cell))
                for column, cell, width in zip(columns, row, widths, strict=True)
            )
            self.say(GAP.join(cells).rstrip())


def _forgiving(stream: TextIO | None) -> TextIO:
    """Return *stream*, escaping what its encoding lacks; one that was closed swallows everything."""
    wrapper = stream
    if isinstance(wrapper, io.TextIOWrapper):
        wrapper.reconfigure(errors=_ESCAPED)  # pyright: ignore[reportUnknownMemberType] - of any buffer
    return io.StringIO() if stream is None else stream


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Replace what cannot be encoded by escapes that are JSON's, too."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(
        f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True)
    ), error.end


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]], screen: int) -> list[int] | None:
    """Return how wide each column may be on a *screen* so that no word is broken; None if it cannot be."""
    cells = list(zip(columns, *rows, strict=True))
    longest_words = [
        max(cell_len(word) for cell in column for word in cell.split() or [""]) for column in cells
    ]
    longest_cells = [max(map(cell_len, column)) for column in cells]
    room = screen - _FRAME * len(columns) - 1 - sum(longest_words)
    if room < 0:
        return None
    wanted = [longest - word for longest, word in zip(longest_cells, longest_words, strict=True)]
    share = min(1.0, room / sum(wanted)) if any(wanted) else 0.0
    return [word + int(share * more) for word, more in zip(longest_words, wanted, strict=True)]


codecs.register_error(_ESCAPED, _escaped)
