"""
Words for a person at a terminal, and the same for a file or another program.

What draws (`ordering_entrypoints.tables`) is loaded by whoever draws: a server writes a line or two.
"""

from __future__ import annotations

import codecs
import io
import sys

from collections.abc import Sequence
from contextlib import suppress
from typing import Final, TextIO


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

    @property
    def is_interactive(self) -> bool:
        """Whether somebody is looking, rather than a file or another program reading."""
        if not self.out.isatty():
            return False
        from ordering_entrypoints import tables  # noqa: PLC0415 - as below

        return not tables.console(self.out).is_dumb_terminal

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
        from ordering_entrypoints import tables  # noqa: PLC0415 - 3 MB that a server has no use for

        table = tables.Table(columns=columns, rows=rows, title=title, numbers=numbers)
        if self.is_interactive:
            table.draw(tables.console(self.out))
        else:
            for line in table.lines():
                self.say(line)


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


codecs.register_error(_ESCAPED, _escaped)
