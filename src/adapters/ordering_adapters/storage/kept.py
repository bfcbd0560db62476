"""
Connections that stay open between their uses.

Having one lent out of SQLAlchemy's pool and taken back costs as much as several statements. One that was lost
while nobody used it is noticed before its next use, where the server has said so, and replaced.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from os import getpid
from typing import Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import SQLAlchemyError

from ordering_adapters.storage import postgresql


class Opened:
    """A connection, and the one cursor that its statements run on, one after the other."""

    def __init__(self, connection: Connection, age: int) -> None:
        """Take *connection* out of its pool, opened when *age* times everything had been closed."""
        opened = connection.connection.dbapi_connection
        if opened is None:
            raise ValueError("the connection is closed")
        connection.detach()
        self._opened: Final = opened
        self.connection: Final = connection
        self.cursor: Final[DBAPICursor] = opened.cursor()
        self.age: Final = age
        self.process: Final = getpid()
        self.is_lost: Final[Callable[[], bool]] = (
            postgresql.loss_of(opened) if connection.dialect.name == "postgresql" else _never
        )

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        with suppress(SQLAlchemyError):
            self.connection.invalidate()
            self.connection.close()
        with suppress(self.connection.dialect.loaded_dbapi.Error):
            self._opened.close()


class Kept:
    """The connections of one engine that are open and not in use; to be shared by any number of threads."""

    def __init__(self, engine: Engine, *, most: int) -> None:
        """Keep *most* of them at most, and none when *engine* is disposed of."""
        self._engine = engine
        self._most = most
        self._idle: deque[Opened] = deque()
        self._inherited: list[Opened] = []
        self._age = 0
        event.listen(engine, "engine_disposed", self._close_all)

    def take(self) -> Opened:
        """
        Return a connection to the caller, who gives it back.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: There is none to be had.

        """
        while self._idle:
            try:
                opened = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if opened.process != getpid():
                # Whom we were forked from uses it: closed here, it would be closed for both.
                self._inherited.append(opened)
            elif opened.is_lost():
                opened.close()
            else:
                return opened
        return Opened(self._engine.connect(), self._age)

    def give_back(self, opened: Opened, *, is_sound: bool) -> None:
        """Keep *opened* for the next one; one that is not known to be *sound*, or not needed, is closed."""
        connection = opened.connection
        if not is_sound or connection.invalidated or opened.age != self._age or len(self._idle) >= self._most:
            opened.close()
        else:
            self._idle.append(opened)

    def _close_all(self, _engine: Engine) -> None:
        self._age += 1
        while self._idle:
            with suppress(IndexError):
                opened = self._idle.pop()
                if opened.process == getpid():
                    opened.close()
                else:
                    self._inherited.append(opened)


def _never() -> bool:
    return False
