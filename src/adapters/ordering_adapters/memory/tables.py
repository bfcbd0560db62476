"""
What the store's parts are made of: tables, groups and orderings whose every change can be taken back.

One change log serves the whole store. It is the lock (one transaction at a time), the guard (nothing is
touched outside a transaction, or from another thread) and the way back (undone in reverse on failure). A
transaction costs what it changes, however much is stored.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock, get_ident
from typing import Generic, TypeVar


K = TypeVar("K")
V = TypeVar("V")
G = TypeVar("G")


class ChangeLog:
    """The one transaction that may be open, and how to undo what it has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._thread: int | None = None
        self._undo: list[Callable[[], object]] = []

    @contextmanager
    def open(self) -> Generator[None]:
        """
        Wait for one's turn, and keep the block's changes unless it raises.

        Raises:
            RuntimeError: This thread has a transaction open already; it would wait for itself.

        """
        if self._thread == get_ident():
            raise RuntimeError("this thread has a transaction open already")
        with self._lock:
            self._thread = get_ident()
            try:
                yield
            except BaseException:
                while self._undo:
                    self._undo.pop()()
                raise
            finally:
                self._undo.clear()
                self._thread = None

    def check(self) -> None:
        """
        Insist on an open transaction of this thread.

        Raises:
            RuntimeError: There is none: a part was kept beyond its transaction, or handed to another thread.

        """
        if self._thread != get_ident():
            raise RuntimeError("the store was used outside its transaction")

    def changed(self, undo: Callable[[], object], /) -> None:
        """Remember how to take a change back."""
        self.check()
        self._undo.append(undo)


class Table(Generic[K, V]):
    """Rows by key."""

    def __init__(self, log: ChangeLog) -> None:
        self._log = log
        self._rows: dict[K, V] = {}

    def get(self, key: K, /) -> V | None:
        """Return the row, or None."""
        self._log.check()
        return self._rows.get(key)

    def all(self) -> tuple[V, ...]:
        """Return every row, in no order to rely on."""
        self._log.check()
        return tuple(self._rows.values())

    def put(self, key: K, row: V, /) -> None:
        """Keep *row* under *key*, in place of what was there."""
        if key in self._rows:
            before = self._rows[key]
            self._log.changed(lambda: self._rows.__setitem__(key, before))
        else:
            self._log.changed(lambda: self._rows.__delitem__(key))
        self._rows[key] = row

    def remove(self, key: K, /) -> None:
        """Forget what is under *key*, if anything."""
        self._log.check()
        if key in self._rows:
            before = self._rows.pop(key)
            self._log.changed(lambda: self._rows.__setitem__(key, before))


class Groups(Generic[G, K]):
    """Which keys belong to a group: an index beside a table."""

    def __init__(self, log: ChangeLog) -> None:
        self._log = log
        self._groups: dict[G, set[K]] = {}

    def of(self, group: G, /) -> frozenset[K]:
        """Return the keys of *group*."""
        self._log.check()
        return frozenset(self._groups.get(group, ()))

    def put(self, group: G, key: K, /) -> None:
        """Let *key* belong to *group*."""
        keys = self._groups.setdefault(group, set())
        if key not in keys:
            self._log.changed(lambda: keys.discard(key))
            keys.add(key)

    def remove(self, group: G, key: K, /) -> None:
        """Let *key* belong to *group* no longer."""
        keys = self._groups.get(group, set())
        if key in keys:
            self._log.changed(lambda: keys.add(key))
            keys.discard(key)


class Schedule:
    """Numbers in the order in which they fall due."""

    def __init__(self, log: ChangeLog) -> None:
        self._log = log
        self._entries: list[tuple[datetime, int]] = []

    def first(self) -> tuple[datetime, int] | None:
        """Return what falls due next, and when."""
        self._log.check()
        return self._entries[0] if self._entries else None

    def put(self, due: datetime, number: int, /) -> None:
        """Let *number* fall due at *due*."""
        self._log.changed(lambda: self._drop((due, number)))
        insort(self._entries, (due, number))

    def remove(self, due: datetime, number: int, /) -> None:
        """Take *number*, which falls due at *due*, off the schedule."""
        self._log.changed(lambda: insort(self._entries, (due, number)))
        self._drop((due, number))

    def _drop(self, entry: tuple[datetime, int]) -> None:
        del self._entries[bisect_left(self._entries, entry)]
