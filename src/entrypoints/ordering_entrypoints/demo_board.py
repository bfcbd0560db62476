"""Where the demo tells what happens: line by line, with a bar for each order when somebody is watching."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from ordering_core.domain.calendar import JST
from ordering_entrypoints.tables import console
from ordering_entrypoints.terminal import Terminal


WHO: Final = 8
"""Characters of the longest word for who acts."""


class Board:
    """Tells of several stories at once."""

    def __init__(self, terminal: Terminal, stories: Iterable[str]) -> None:
        """Write to *terminal* about *stories*."""
        self._terminal = terminal
        self._stories = tuple(stories)
        self._width = max(map(len, self._stories))
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    @contextmanager
    def open(self) -> Generator[None]:
        """Show a bar for each story meanwhile, if somebody is watching."""
        if not self._terminal.is_interactive:
            yield
            return
        bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[label]}"),
            console=console(self._terminal.out),
        )
        self._tasks = {story: bars.add_task(story, total=None, label="") for story in self._stories}
        with bars:
            self._bars = bars
            yield
        self._bars = None

    def tell(self, at: datetime, story: str, who: str, what: str) -> None:
        """Write that *who* did *what*."""
        when = at.astimezone(JST)
        line = f"{when:%a %d %b %H:%M}  {story:{self._width}}  {who:{WHO}}  {what}"
        if self._bars is None:
            self._terminal.say(line)
        else:
            self._bars.console.print(escape(line), highlight=False)

    def show(self, story: str, *, done: int, total: int, label: str) -> None:
        """Show how many of the steps of the story's order are done."""
        if self._bars is not None:
            self._bars.update(self._tasks[story], completed=done, total=total, label=label)
