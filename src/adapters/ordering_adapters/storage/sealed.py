"""
Columns that hold personal data: sealed with a key of the settings, where these name one (ADR 16).

The database, its copies and whoever looks into it see who sealed a text and not what it says. What was stored
before there was a key stays readable, until it is written again.
"""

from __future__ import annotations

from typing import Final, Protocol
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Engine, Text, TypeDecorator

from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused


SEALED: Final = "sealed:"
"""What a sealed text begins with; the name of its key follows. No payload begins like this."""


class Seal(Protocol):
    """Seals texts with one key, and opens those of any key it knows."""

    @property
    def prefix(self) -> str:
        """What the texts begin with that it seals."""
        ...

    def close(self, text: str, /) -> str:
        """Return *text* sealed."""
        ...

    def open(self, sealed: str, /) -> str:
        """Return the text. Raises Refused when its key is not known, or it was tampered with."""
        ...


_SEALS: Final[WeakKeyDictionary[Dialect, Seal]] = WeakKeyDictionary()
"""The seal of every engine that has one; an engine has a dialect of its own."""


def use(engine: Engine, seal: Seal) -> None:
    """Seal with *seal* from now on what *engine* writes, and open with it what it reads."""
    _SEALS[engine.dialect] = seal


def seal_of(engine: Engine) -> Seal | None:
    """Return the seal of *engine*, or None."""
    return _SEALS.get(engine.dialect)


def is_sealing(dialect: Dialect) -> bool:
    """Tell whether what the engine of *dialect* writes is sealed."""
    return dialect in _SEALS


class Sealed(TypeDecorator[str]):
    """A text that is sealed on its way into the database, and opened on its way out."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what to store."""
        seal = _SEALS.get(dialect)
        return value if value is None or seal is None else seal.close(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what was stored. Raises Refused."""
        if value is None or not value.startswith(SEALED):
            return value
        seal = _SEALS.get(dialect)
        if seal is None:
            raise Refused(
                System.STORE, "KEY_MISSING", "it was sealed with a key; name it in ORDERING_DATABASE_KEYS"
            )
        return seal.open(value)
