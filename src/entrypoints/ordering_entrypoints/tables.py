"""
Tables for a person at a terminal, and the same without decoration for a file or another program.

What is written never depends on colours or on the width of a window unless there is a window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TextIO

import attrs

from rich import table as framed
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape


GAP: Final = "  "

_FRAME: Final = 3
"""Places that a column of a framed table takes beside its text."""


@attrs.frozen(kw_only=True)
class Table:
    """What a table says; the columns named in *numbers* are set flush right."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str
    numbers: Sequence[str]

    def draw(self, screen: Console) -> None:
        """Draw it with a frame, as wide as *screen* at most."""
        widths = self._widths(screen.width)
        if widths is None:
            self._draw_narrow(screen)
            return
        table = framed.Table(
            title=self.title or None, title_justify="left", title_style="bold", header_style="bold"
        )
        for column, width in zip(self.columns, widths, strict=True):
            table.add_column(
                column, justify="right" if column in self.numbers else "left", overflow="fold", width=width
            )
        for row in self.rows:
            table.add_row(*map(escape, row))
        screen.print(table)

    def lines(self) -> Iterator[str]:
        """Yield it as text: columns as wide as their widest cell; a Japanese character is two places wide."""
        if self.title:
            yield self.title
        widths = [max(map(cell_len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        rule = ["-" * width for width in widths]
        for row in (self.columns, rule, *self.rows):
            cells = (
                " " * (width - cell_len(cell)) + cell
                if column in self.numbers
                else cell + " " * (width - cell_len(cell))
                for column, cell, width in zip(self.columns, row, widths, strict=True)
            )
            yield GAP.join(cells).rstrip()

    def _draw_narrow(self, screen: Console) -> None:
        """Draw each row as lines of its own, each after the name of its column."""
        if self.title:
            screen.print(f"[bold]{escape(self.title)}[/bold]")
        for row in self.rows:
            lines = framed.Table.grid(padding=(0, len(GAP), 0, 0))
            lines.add_column(style="bold", no_wrap=True)
            lines.add_column(overflow="fold")
            for column, cell in zip(self.columns, row, strict=True):
                if cell:
                    lines.add_row(escape(column), escape(cell))
            screen.print(lines)
            screen.print()

    def _widths(self, screen: int) -> list[int] | None:
        """Return how wide each column may be on a *screen* without breaking a word; None if it cannot be."""
        cells = list(zip(self.columns, *self.rows, strict=True))
        longest_words = [
            max(cell_len(word) for cell in column for word in cell.split() or [""]) for column in cells
        ]
        longest_cells = [max(map(cell_len, column)) for column in cells]
        room = screen - _FRAME * len(self.columns) - 1 - sum(longest_words)
        if room < 0:
            return None
        wanted = [longest - word for longest, word in zip(longest_cells, longest_words, strict=True)]
        share = min(1.0, room / sum(wanted)) if any(wanted) else 0.0
        return [word + int(share * more) for word, more in zip(longest_words, wanted, strict=True)]


def console(out: TextIO) -> Console:
    """Return what draws on *out*."""
    return Console(file=out)
