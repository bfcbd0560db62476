"""
Settings in a TOML file: a table for each group, above them what belongs to none.

A file that holds secrets is refused while others on the machine may read it.
"""

from __future__ import annotations

import os
import stat
import tomllib

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeGuard


TOP: Final = ""
"""The group of the settings that belong to none: in the file they stand above all tables."""

BY_OTHERS: Final = stat.S_IROTH | stat.S_IWOTH


def others_may_read(path: str) -> bool:
    """Tell whether the file at *path* may be read or changed by those who are neither owner nor group."""
    return os.name == "posix" and bool(Path(path).stat().st_mode & BY_OTHERS)


def key(group: str, field: str) -> str:
    """Return what *field* of *group* is called in a file."""
    return f"{group}.{field}" if group else field


class SettingsFile:
    """
    The settings of one file, handed out by name; what is wrong with it is kept.

    *path* is as the operator wrote it, and named so; an empty one stands for no file.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._problems: list[str] = []
        self._secrets: list[str] = []
        self._others_may_read = False
        read: Mapping[str, object] = self._read() if path else {}
        self._tables = {name: dict(table) for name, table in read.items() if _is_table(table)}
        self._top = {name: value for name, value in read.items() if name not in self._tables}

    def take(self, group: str, field: str) -> object | None:
        """Return what stands under *field* of *group*, None when nothing does."""
        return (self._tables.get(group, {}) if group else self._top).pop(field, None)

    def mentions(self, group: str) -> bool:
        """Tell whether the file has a table for *group*, be it empty."""
        return group in self._tables

    def place(self, group: str, field: str) -> str:
        """Return where *field* of *group* stands or would stand, as a person looks for it."""
        return f"{self.path}: {key(group, field)}"

    def holds_secret(self, name: str) -> None:
        """Remember that the secret *name* stands here itself."""
        self._secrets.append(name)

    def problems(self, known: Sequence[tuple[str, str]]) -> Iterator[str]:
        """Yield what is wrong with the file and, once all that is *known* was taken, what is left in it."""
        yield from self._problems
        if self._secrets and self._others_may_read:
            yield (
                f"{self.path} holds {', '.join(self._secrets)} and others on this machine may read it: "
                f"chmod o-rwx {self.path}"
            )
        groups = sorted({group for group, _ in known if group})
        keys = [key(group, field) for group, field in known]
        for name in sorted(self._top):
            if name in groups:
                yield f"{self.path}: {name} has to be a table, [{name}]"
            else:
                yield f"{self.path}: {name} is no setting{_meant(name, keys)}"
        for group, left in sorted(self._tables.items()):
            if group not in groups:
                meant = get_close_matches(group, groups, n=1)
                way_out = f"; [{meant[0]}] is" if meant else f"; tables are {', '.join(groups)}"
                yield f"{self.path}: [{group}] is no table of settings{way_out}"
            else:
                for field in sorted(left):
                    yield f"{self.path}: {key(group, field)} is no setting{_meant(key(group, field), keys)}"

    def _read(self) -> Mapping[str, object]:
        try:
            with Path(self.path).open("rb") as opened:
                mode = os.fstat(opened.fileno()).st_mode
                text = opened.read().decode()
            # Fractions stay as they are written: 0.1 is none of a computer's own numbers.
            read: dict[str, object] = tomllib.loads(text, parse_float=str)
        except OSError as error:
            self._problems.append(f"{self.path} cannot be read: {error.strerror}; name another settings file")
        except UnicodeDecodeError:
            self._problems.append(f"{self.path} is no text in UTF-8; save it as such")
        except ValueError as error:
            self._problems.append(f"{self.path} is no TOML: {error}")
        else:
            self._others_may_read = os.name == "posix" and bool(mode & BY_OTHERS)
            return read
        return {}


def _is_table(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _meant(name: str, known: Iterable[str]) -> str:
    meant = get_close_matches(name, known, n=1)
    return f"; {meant[0]} is" if meant else ""
