"""
Words and tables for a person at a terminal, and the same without decoration for a file or another program.

What is written never depends on colours or on the width of a window unless there is a window.
"""

from __future__ import annotations

import sys

from collections.abc import Sequence
from typing import Final, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table


GAP: Final = "  "


class Unusable(Exception):
    """What was asked for cannot be done as it was asked; the sentence says why, and the way out."""

    def __init__(self, sentence: str) -> None:
        """Keep the sentence."""
        super().__init__(sentence)
        self.sentence = sentence


class Terminal:
    """Where a command writes to: *out* for what was asked for, *err* for everything else."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        """Write to *out* and *err*, the process's own unless given."""
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self.console = Console(file=self.out)

    @property
    def is_interactive(self) -> bool:
        """Whether somebody is looking, rather than a file or another program reading."""
        return self.out.isatty() and not self.console.is_dumb_terminal

    def say(self, text: str = "") -> None:
        """Write *text* as it is, and a line end."""
        print(text, file=self.out, flush=True)

    def remark(self, text: str) -> None:
        """Write *text*, which is no part of what was asked for, to where errors go."""
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
        table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold")
        for column in columns:
            table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*map(escape, row))
        self.console.print(table)

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
